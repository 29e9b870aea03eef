/** Short names for certificates, in the order in which they are first spoken of: A, B, … Z, A2, … */
export class CertificateNames {
  readonly #names = new Map<string, string>()

  of(arn: string): string {
    const known = this.#names.get(arn)
    if (known !== undefined) return known
    const index = this.#names.size
    const round = Math.floor(index / 26)
    const name = String.fromCodePoint(65 + (index % 26)) + (round === 0 ? '' : String(round + 1))
    this.#names.set(arn, name)
    return name
  }

  /** A comma list of ARNs, as names. */
  list(arns: readonly string[]): string {
    return arns.length === 0 ? 'nothing' : arns.map((arn) => this.of(arn)).join(', ')
  }
}
