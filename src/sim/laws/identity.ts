/** What makes two certificates of the same names two wishes. */
interface Traits {
  readonly keyAlgorithm?: string | undefined
  readonly authority?: string | undefined
}

/** A wish by what is asked for: blind to the order of its names; the usual key and Amazon's own signature go without saying. */
export function identityOf(names: readonly string[], { keyAlgorithm, authority }: Traits = {}): string {
  const key = keyAlgorithm === undefined || keyAlgorithm === 'RSA_2048' ? [] : [keyAlgorithm]
  return [[...names].sort().join('+'), ...key, ...(authority ? [authority] : [])].join(' by ')
}

/** What an Ingress asks for beside its names. */
export function traitsOf(annotations: Readonly<Record<string, string>>): Traits {
  const authority = annotations['certwright.dev/certificate-authority']
  return {
    keyAlgorithm: annotations['certwright.dev/key-algorithm'],
    authority: authority === 'amazon' ? undefined : authority,
  }
}
