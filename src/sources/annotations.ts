/** The annotations that users write, under the prefix `certwright.dev/`. */
export const PREFIX = 'certwright.dev/'

export const ANNOTATION = {
  certificate: `${PREFIX}certificate`,
  certificateAuthority: `${PREFIX}certificate-authority`,
  keyAlgorithm: `${PREFIX}key-algorithm`,
  names: `${PREFIX}names`,
  excludeNames: `${PREFIX}exclude-names`,
  tags: `${PREFIX}tags`,
  deletionPolicy: `${PREFIX}deletion-policy`,
  paused: `${PREFIX}paused`,
} as const

export const LBC = {
  listenPorts: 'alb.ingress.kubernetes.io/listen-ports',
  groupName: 'alb.ingress.kubernetes.io/group.name',
  createCertificate: 'alb.ingress.kubernetes.io/create-acm-cert',
  tags: 'alb.ingress.kubernetes.io/tags',
  certificateAuthority: 'alb.ingress.kubernetes.io/acm-pca-arn',
} as const

export const LEGACY_CLASS = 'kubernetes.io/ingress.class'

/** `a, b,,c` → `['a', 'b', 'c']`: trimmed, empties dropped, as the AWS Load Balancer Controller reads its lists. */
export function commaList(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/** `"true"` or `"false"`; anything else is a mistake of the user's, never a silent false. */
export function parseBoolean(text: string): boolean | undefined {
  if (text === 'true') return true
  if (text === 'false') return false
  return undefined
}

/**
 * The ports with TLS of `alb.ingress.kubernetes.io/listen-ports`, `[{"HTTP":80},{"HTTPS":443}]`. Absent means HTTPS on 443 as soon as
 * there is a certificate. `undefined` where it cannot be parsed.
 */
export function parseHttpsPorts(text: string | undefined): number[] | undefined {
  if (text === undefined || text.trim() === '') return [443]
  try {
    const entries: unknown = JSON.parse(text)
    if (!Array.isArray(entries)) return undefined
    const ports = new Set<number>()
    for (const entry of entries as unknown[]) {
      if (typeof entry !== 'object' || entry === null) return undefined
      for (const [protocol, port] of Object.entries(entry)) {
        if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535) return undefined
        if (protocol === 'HTTPS') ports.add(port)
        else if (protocol !== 'HTTP') return undefined
      }
    }
    return [...ports].sort((a, b) => a - b)
  } catch {
    return undefined
  }
}
