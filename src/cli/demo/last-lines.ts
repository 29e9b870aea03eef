/** Keeps the last lines that were written: what the controller logged before something went wrong. */
export class LastLines {
  readonly #limit: number
  readonly #lines: string[] = []

  constructor(limit: number) {
    this.#limit = limit
  }

  get lines(): readonly string[] {
    return this.#lines
  }

  write(text: string): void {
    this.#lines.push(...text.split('\n').filter((line) => line !== ''))
    this.#lines.splice(0, Math.max(0, this.#lines.length - this.#limit))
  }
}
