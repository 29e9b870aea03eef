/**
 * A wrong command line, configuration file or setting. Its message is one sentence that names the object, the field, the value and the
 * cure; it ends the process with code 2. A world that is not there yet is never one of these.
 */
export class UsageError extends Error {
  constructor(sentence: string) {
    super(sentence)
    this.name = 'UsageError'
  }
}

/** A value as a person typed it, short enough for a sentence: text in quotes, anything else as JSON. */
export function quoted(value: unknown): string {
  return typeof value === 'string' ? `"${shortened(value)}"` : shortened(JSON.stringify(value))
}

function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}
