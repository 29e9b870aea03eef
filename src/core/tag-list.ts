import type { Tags } from './certificate.ts'

/** https://docs.aws.amazon.com/acm/latest/APIReference/API_Tag.html */
const LONGEST_KEY = 128
const LONGEST_VALUE = 256
const ILLEGAL = /[^\p{L}\p{Z}\p{N}_.:/=+\-@]/u

/** More would leave no room for those of ours: ACM holds 50 tags on a certificate. */
const MOST = 40

/** By these the AWS Load Balancer Controller knows its own certificates, and deletes them. */
export const LOAD_BALANCER_CONTROLLER = ['elbv2.k8s.aws/', 'ingress.k8s.aws/']

/** `team=shop,stage=prod`: keys and values trimmed, empties dropped. `problem` says what is wrong with which tag. */
export function parseTagList(text: string): { readonly tags: Tags } | { readonly problem: string } {
  const tags = new Map<string, string>()
  for (const part of text.split(',').map((written) => written.trim())) {
    if (part === '') continue
    const at = part.indexOf('=')
    if (at < 1) return { problem: `"${part}" is not of the form key=value` }
    const key = part.slice(0, at).trim()
    const value = part.slice(at + 1).trim()
    if (tags.has(key)) return { problem: `the key "${key}" is there twice` }
    const problem = problemOfTag(key, value)
    if (problem !== undefined) return { problem }
    tags.set(key, value)
  }
  if (tags.size > MOST)
    return { problem: `there are ${tags.size} tags, and at most ${MOST} fit beside Certwright's own` }
  return { tags: Object.fromEntries(tags) }
}

/** Why ACM could not hold this tag, or must not. */
export function problemOfTag(key: string, value: string): string | undefined {
  if (key === '' || Array.from(key).length > LONGEST_KEY)
    return `the key "${key.slice(0, 20)}…" does not have 1 to ${LONGEST_KEY} characters`
  if (Array.from(value).length > LONGEST_VALUE)
    return `the value of "${key}" is longer than ${LONGEST_VALUE} characters`
  const [illegal] = ILLEGAL.exec(key) ?? ILLEGAL.exec(value) ?? []
  if (illegal !== undefined)
    return `the tag "${key}" has the character "${illegal}", where ACM takes letters, digits, spaces and _ . : / = + - @ only`
  if (/^aws:/i.test(key)) return `the key "${key}" begins with "aws:", which AWS keeps for itself`
  if (key.startsWith('certwright.dev/')) return `the key "${key}" is one of Certwright's own`
  if (LOAD_BALANCER_CONTROLLER.some((prefix) => key.startsWith(prefix)))
    return `by the key "${key}" the AWS Load Balancer Controller would take the certificate for its own and delete it`
  return undefined
}
