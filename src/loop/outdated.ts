/** The world is not what the plan rested on: nothing was done, and the next plan will know better. */
export class Outdated extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'Outdated'
  }
}
