import type { Arn, Certificate, Tags } from './certificate.ts'
import { isHealthy, isTerminal } from './certificate.ts'
import type { Issuer } from './claim.ts'
import type { Name } from './names.ts'
import { covers } from './names.ts'
import type { Observation } from './observation.ts'
import type { Settings } from './settings.ts'
import { TAG } from './settings.ts'
import { lastPartOf } from './term.ts'
import type { EpochMs } from './time.ts'
import type { WishKey } from './wish.ts'
import { compare, wishKey } from './wish.ts'

/** A certificate that is proven to be ours: our tags, and the key in them equal to the one computed from what it is. */
export interface OwnCertificate {
  readonly certificate: Certificate
  readonly key: WishKey
  readonly issuer: Issuer
  readonly attempt: number
}

/** What we know of the account's certificates, sorted by whose they are. */
export interface Inventory {
  readonly own: ReadonlyMap<Arn, OwnCertificate>
  /** Of each key, the oldest first. */
  readonly byKey: ReadonlyMap<WishKey, readonly OwnCertificate[]>
  /** All, ours or not. */
  readonly all: ReadonlyMap<Arn, Certificate>
  /** Keys that a cluster of our name but of another identity holds. */
  readonly conflicts: ReadonlyMap<WishKey, { readonly arn: Arn; readonly owner: string }>
  /** Certificates whose tags were never read, by their names joined: perhaps ours. */
  readonly untagged: ReadonlyMap<string, readonly Certificate[]>
}

/**
 * Sorts the account's certificates. A certificate whose tags or names are not known is nobody's. As long as what it is taken from is the
 * same, so is the inventory itself.
 */
export function takeInventory(observation: Observation, settings: Settings): Inventory {
  const { certificates, tags, gone } = observation
  const known = certificates && INVENTORIES.get(certificates.value)
  if (known?.tags === tags && known.gone === gone && known.settings === settings) return known.inventory
  const inventory = sortOut(observation, settings)
  if (certificates) INVENTORIES.set(certificates.value, { tags, gone, settings, inventory })
  return inventory
}

const INVENTORIES = new WeakMap<
  ReadonlyMap<Arn, Certificate>,
  Pick<Observation, 'tags' | 'gone'> & { readonly settings: Settings; readonly inventory: Inventory }
>()

function sortOut(observation: Observation, settings: Settings): Inventory {
  const own = new Map<Arn, OwnCertificate>()
  const byKey = new Map<WishKey, OwnCertificate[]>()
  const conflicts = new Map<WishKey, { arn: Arn; owner: string }>()
  const untagged = new Map<string, Certificate[]>()
  const all = observation.certificates?.value ?? new Map<Arn, Certificate>()
  for (const certificate of all.values()) {
    if (observation.gone.get(certificate.arn)?.proven) continue
    const tags = observation.tags.get(certificate.arn)
    if (!tags) {
      push(untagged, certificate.names.join(','), certificate)
      continue
    }
    const ownership = ownershipOf(certificate, tags.value, settings)
    if (ownership.kind === 'ours') {
      const entry = {
        certificate,
        key: ownership.key,
        issuer: issuerOf(tags.value),
        attempt: attemptOf(tags.value),
      }
      own.set(certificate.arn, entry)
      push(byKey, ownership.key, entry)
    } else if (ownership.kind === 'conflict') {
      conflicts.set(ownership.key, { arn: certificate.arn, owner: ownership.owner })
    }
  }
  for (const entries of byKey.values()) {
    entries.sort(
      (a, b) => a.certificate.createdAt - b.certificate.createdAt || compare(a.certificate.arn, b.certificate.arn),
    )
  }
  return { own, byKey, all, conflicts, untagged }
}

export type Ownership =
  | { readonly kind: 'ours'; readonly key: WishKey }
  | { readonly kind: 'conflict'; readonly key: WishKey; readonly owner: string }
  | { readonly kind: 'foreign' }

/** Ownership is proven twice: by the tags, and by the key in them, which must be that of the certificate's own names and issuer. */
export function ownershipOf(
  certificate: Certificate,
  tags: Tags,
  settings: Pick<Settings, 'cluster' | 'owner'>,
): Ownership {
  if (tags[TAG.cluster] !== settings.cluster) return { kind: 'foreign' }
  const key = tags[TAG.key]
  const issuer = issuerOf(tags)
  if (key === undefined || !certificate.namesComplete || key !== keyOf(certificate, issuer)) return { kind: 'foreign' }
  if (certificate.type === 'PRIVATE' && issuer.kind !== 'private') return { kind: 'foreign' }
  const owner = tags[TAG.owner]
  if (owner === settings.owner) return { kind: 'ours', key }
  return { kind: 'conflict', key, owner: owner ?? '' }
}

/** Which CA signs only DescribeCertificate tells, one by one: our tags say it for all. */
export function issuerOf(tags: Tags): Issuer {
  const authority = tags[TAG.authority]
  return authority === undefined ? { kind: 'amazon' } : { kind: 'private', authority }
}

export function keyOf({ arn, names, keyAlgorithm }: Certificate, issuer: Issuer): WishKey {
  return wishKey({ names, issuer, keyAlgorithm, region: arn.split(':')[3] ?? '' })
}

/** The attempt that the tags tell; 1 where they tell none. */
export function attemptOf(tags: Tags): number {
  const attempt = Number(tags[TAG.attempt])
  return Number.isInteger(attempt) && attempt > 0 ? attempt : 1
}

/**
 * The certificate of a key that serves: the oldest healthy one, so that the answer stays the same while it lives; where that one comes to
 * its end, the next that will outlive it.
 */
export function issuedOf(inventory: Inventory, key: WishKey, now: EpochMs): OwnCertificate | undefined {
  const healthy = inventory.byKey.get(key)?.filter((entry) => isHealthy(entry.certificate, now)) ?? []
  return healthy.find(({ certificate }) => !isEnding(certificate, now)) ?? healthy[0]
}

/** Was it not renewed though nearly all of its time is over? */
export function isEnding(certificate: Certificate, now: EpochMs): boolean {
  const last = lastPartOf(certificate)
  return last !== undefined && last.replaceFrom <= now
}

export function pendingOf(inventory: Inventory, key: WishKey): OwnCertificate | undefined {
  return inventory.byKey.get(key)?.find((entry) => entry.certificate.status === 'PENDING_VALIDATION')
}

/** The newest certificate of a key that came to its end. */
export function terminalOf(inventory: Inventory, key: WishKey, now: EpochMs): OwnCertificate | undefined {
  return inventory.byKey
    .get(key)
    ?.findLast((entry) => isTerminal(entry.certificate.status) || isExpired(entry.certificate, now))
}

export function isExpired(certificate: Certificate, now: EpochMs): boolean {
  return certificate.notAfter !== undefined && certificate.notAfter <= now
}

/** Can this ARN not serve any more: proven gone, failed, expired or revoked? An unknown one is not dead. */
export function isDead(observation: Observation, arn: Arn, now: EpochMs): boolean {
  if (observation.gone.get(arn)?.proven) return true
  const certificate = observation.certificates?.value.get(arn)
  return certificate !== undefined && (isTerminal(certificate.status) || isExpired(certificate, now))
}

/** Is this ARN known to be issued and not expired? */
export function isServing(observation: Observation, arn: Arn, now: EpochMs): boolean {
  if (observation.gone.get(arn)?.proven) return false
  const certificate = observation.certificates?.value.get(arn)
  return certificate !== undefined && isHealthy(certificate, now)
}

/**
 * The smallest set of `candidates` that covers as many of `hosts` as can be covered: greedy, the one that covers most first; ties go to
 * the earlier candidate, so that the answer is stable.
 */
export function smallestCover(hosts: readonly Name[], candidates: readonly Certificate[]): Certificate[] {
  const chosen: Certificate[] = []
  let open = [...hosts]
  while (open.length > 0) {
    let best: { certificate: Certificate; left: Name[] } | undefined
    for (const certificate of candidates) {
      const left = open.filter((host) => !certificate.names.some((name) => covers(name, host)))
      if (left.length < (best?.left.length ?? open.length)) best = { certificate, left }
    }
    if (!best) break
    chosen.push(best.certificate)
    open = best.left
  }
  return chosen
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const values = map.get(key)
  if (values) values.push(value)
  else map.set(key, [value])
}
