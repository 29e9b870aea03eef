/** A DNS name as it stands on a certificate: lower-case, no trailing dot, perhaps with `*` as its first label. */
export type Name = string

/** What makes a name one that ACM could never accept. */
export type NameProblem =
  | 'empty'
  | 'longer than 253 characters'
  | 'has a label longer than 63 characters'
  | 'has fewer than two labels'
  | 'has a wildcard that is not its whole first label'
  | 'has a character other than letters, digits and hyphens'
  | 'has a label that begins or ends with a hyphen'
  | 'has an empty label'
  | 'has a top-level label of one character'
  | 'is an IP address'
  | 'belongs to Amazon'
  | 'has a label with hyphens in its third and fourth place that is not a valid internationalised label'

/** https://docs.aws.amazon.com/acm/latest/userguide/acm-certificate-characteristics.html, "Domain names": refused by ACM. */
const AMAZON_OWNED = [
  'amazonaws.com',
  'amazonaws.com.cn',
  'cloudfront.net',
  'elasticbeanstalk.com',
  'elb.amazonaws.com',
  'amazon.com',
  'aws',
]

/** Lower-cases and drops one trailing dot and surrounding white space. */
export function normaliseName(text: string): Name {
  const name = text.trim().toLowerCase()
  return name.endsWith('.') ? name.slice(0, -1) : name
}

/** Normalised, without duplicates and empties, sorted by code unit: the order that keys are computed from. */
export function normaliseNames(texts: Iterable<string>): Name[] {
  const names = new Set<Name>()
  for (const text of texts) {
    const name = normaliseName(text)
    if (name !== '') names.add(name)
  }
  return [...names].sort()
}

/**
 * Why ACM could never issue for this (normalised) name, or `undefined` where it could. The pattern is that of the ACM API reference,
 * RequestCertificate, DomainName.
 */
export function problemOf(name: Name): NameProblem | undefined {
  if (name === '') return 'empty'
  if (name.length > 253) return 'longer than 253 characters'
  const labels = name.split('.')
  if (labels.length < 2) return 'has fewer than two labels'
  if (labels.length === 4 && labels.every((label) => /^\d+$/.test(label))) return 'is an IP address'
  const [first, ...rest] = labels
  if (rest.some((label) => label.includes('*')) || (first !== '*' && first?.includes('*'))) {
    return 'has a wildcard that is not its whole first label'
  }
  const plain = first === '*' ? rest : labels
  if (plain.length < 2) return 'has fewer than two labels'
  for (const label of plain) {
    if (label === '') return 'has an empty label'
    if (label.length > 63) return 'has a label longer than 63 characters'
    if (!/^[a-z0-9-]+$/.test(label)) return 'has a character other than letters, digits and hyphens'
    if (label.startsWith('-') || label.endsWith('-')) return 'has a label that begins or ends with a hyphen'
    if (label.slice(2, 4) === '--' && !label.startsWith('xn--')) {
      return 'has a label with hyphens in its third and fourth place that is not a valid internationalised label'
    }
  }
  if ((plain.at(-1)?.length ?? 0) < 2) return 'has a top-level label of one character'
  if (AMAZON_OWNED.some((owned) => name === owned || name.endsWith(`.${owned}`))) return 'belongs to Amazon'
  return undefined
}

/** The name without a leading `*.`: what ACM proves, once for both. */
export function baseOf(name: Name): Name {
  return name.startsWith('*.') ? name.slice(2) : name
}

/** Does a certificate with `pattern` serve `host`? A wildcard stands for exactly one label; `*.x` covers the host `*.x` itself. */
export function covers(pattern: Name, host: Name): boolean {
  if (pattern === host) return true
  if (!pattern.startsWith('*.')) return false
  const dot = host.indexOf('.')
  return dot > 0 && host.slice(dot + 1) === pattern.slice(2)
}

/** Does any of `patterns` serve `host`? */
export function anyCovers(patterns: Iterable<Name>, host: Name): boolean {
  for (const pattern of patterns) if (covers(pattern, host)) return true
  return false
}

/** Is `name` in the DNS zone `zone`, its apex included? */
export function isWithin(zone: Name, name: Name): boolean {
  return name === zone || name.endsWith(`.${zone}`)
}
