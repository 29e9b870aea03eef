/** An error answer of the simulated AWS: it becomes the error form of the protocol on which the call came. */
export class AwsError extends Error {
  readonly code: string
  readonly statusCode: number

  constructor(options: { code: string; message: string; statusCode?: number }) {
    super(options.message)
    this.name = 'AwsError'
    this.code = options.code
    this.statusCode = options.statusCode ?? 400
  }
}

/** Shorthand for a 400 with `code`. */
export function refuse(code: string, message: string): AwsError {
  return new AwsError({ code, message })
}
