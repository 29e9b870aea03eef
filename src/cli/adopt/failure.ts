/** Not everything was adopted that should be. Its message is one sentence; it ends the process with code 1. */
export class AdoptFailed extends Error {
  constructor(sentence: string, cause?: unknown) {
    super(sentence, { cause })
    this.name = 'AdoptFailed'
  }
}
