/** The story did not go as it should. Its message is one sentence; it ends the process with code 1. */
export class DemoFailed extends Error {
  constructor(sentence: string) {
    super(sentence)
    this.name = 'DemoFailed'
  }
}
