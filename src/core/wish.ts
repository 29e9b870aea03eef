import type { KeyAlgorithm } from './certificate.ts'
import type { Claim, Issuer } from './claim.ts'
import { hash } from './hash.ts'
import type { Name } from './names.ts'
import { normaliseNames } from './names.ts'
import { once } from './once.ts'

/** 32 hexadecimal digits: a pure function of what is wished. */
export type WishKey = string

/** One certificate that we want to exist. */
export interface Wish {
  readonly key: WishKey
  /** Normalised, sorted, at least one. */
  readonly names: readonly Name[]
  /** The certificate's DomainName: the first name of at most 64 octets. */
  readonly domainName: Name
  readonly issuer: Issuer
  readonly keyAlgorithm: KeyAlgorithm
  /** Who wishes it, oldest first (creationTimestamp, then UID). Never empty. */
  readonly claims: readonly Claim[]
  /** Wished only until the claims' own certificate is issued, for names that validated before their neighbours. */
  readonly interim: boolean
}

/** https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html: DomainName has at most 64 octets. */
export const MAX_DOMAIN_NAME_OCTETS = 64

export const AMAZON: Issuer = { kind: 'amazon' }

/** The key of a certificate: blind to order, case, trailing dots and duplicates of the names. */
export function wishKey(wish: {
  names: readonly Name[]
  issuer: Issuer
  keyAlgorithm: string
  region: string
}): WishKey {
  const { names, keyAlgorithm, region } = wish
  const issuer = wish.issuer.kind === 'amazon' ? 'amazon' : wish.issuer.authority
  const keys = once(KEYS, names, () => [])
  const known = keys.find(
    (entry) => entry.keyAlgorithm === keyAlgorithm && entry.region === region && entry.issuer === issuer,
  )
  if (known) return known.key
  const key = hash(JSON.stringify([normaliseNames(names), issuer, keyAlgorithm, region]), 32)
  keys.push({ issuer, keyAlgorithm, region, key })
  return key
}

/** The keys that were computed from a list of names, each for another issuer, algorithm or region: few, and mostly one. */
const KEYS = new WeakMap<
  readonly Name[],
  { readonly issuer: string; readonly keyAlgorithm: string; readonly region: string; readonly key: WishKey }[]
>()

/**
 * What RequestCertificate carries so that a repetition gives the same certificate: 32 word characters, no hyphen
 * (https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html, IdempotencyToken).
 */
export function idempotencyToken(options: { owner: string; key: WishKey; attempt: number }): string {
  return hash(`${options.owner}/${options.key}/${options.attempt}`, 32)
}

/** The oldest first: creationTimestamp, then UID. */
export function byAge(a: Claim, b: Claim): number {
  return a.ingress.createdAt - b.ingress.createdAt || compare(a.ingress.ref.uid, b.ingress.ref.uid)
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
