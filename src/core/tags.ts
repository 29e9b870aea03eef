import type { Arn, Tags } from './certificate.ts'
import type { Action, TagAction } from './action.ts'
import type { OwnCertificate } from './inventory.ts'
import { nameOf } from './ingress.ts'
import { entryOf } from './records.ts'
import type { Settings } from './settings.ts'
import { TAG } from './settings.ts'
import type { Situation } from './situation.ts'
import { MINUTE } from './time.ts'
import type { Wish } from './wish.ts'

/** https://docs.aws.amazon.com/acm/latest/userguide/tags-restrictions.html */
export const MOST_TAGS = 50

/** The prefix of the tags that are ours to set. */
const OWN_PREFIX = 'certwright.dev/'

/** The sweep over all tags lags behind what we wrote: https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference. */
const TAGS_LAG = 10 * MINUTE

/**
 * All tags of a wish's certificate. Ours win; what the claims want is united, and where two disagree the oldest wins; defaults come last.
 * Beyond what ACM holds, the tags of the newest claims are left out.
 */
export function tagsOf(
  { wish, attempt, ordinal }: Omit<Extract<Action, { kind: 'requestCertificate' }>, 'kind'>,
  settings: Settings,
): Tags {
  const [oldest] = wish.claims
  const own = {
    [TAG.cluster]: settings.cluster,
    [TAG.owner]: settings.owner,
    [TAG.key]: wish.key,
    [TAG.attempt]: String(attempt),
    ...(oldest && { [TAG.claim]: nameOf(oldest.ingress.ref) }),
    ...(wish.issuer.kind === 'private' && { [TAG.authority]: wish.issuer.authority }),
    ...(ordinal !== undefined && { [TAG.requests]: String(ordinal) }),
  }
  return { ...own, ...changeableTags(wish, settings, MOST_TAGS - Object.keys(own).length) }
}

/** What of the tags follows the claims and the settings after the request, too. */
function changeableTags(wish: Wish, settings: Settings, room = MOST_TAGS - Object.keys(TAG).length): Tags {
  const tags = new Map<string, string>()
  const retain = wish.claims.some((claim) => claim.request.kind === 'wanted' && claim.request.retain)
  if (retain) tags.set(TAG.deletionPolicy, 'retain')
  const layers = wish.claims.map((claim) => (claim.request.kind === 'wanted' ? claim.request.tags : {}))
  for (const layer of [...layers, settings.defaultTags])
    for (const [key, value] of Object.entries(layer)) if (!tags.has(key) && tags.size < room) tags.set(key, value)
  return Object.fromEntries(tags)
}

/** The keys of the tags on a certificate that we set for its claims, and may take away again. */
export function managedTagKeys(own: OwnCertificate, wish: Wish | undefined, situation: Situation): readonly string[] {
  const { arn } = own.certificate
  const present = situation.observation.tags.get(arn)?.value
  const before = entryOf(arn, own.key, situation)?.tags ?? []
  const wanted = wish ? Object.keys(changeableTags(wish, situation.settings)) : []
  const isOther = (key: string) => !key.startsWith(OWN_PREFIX)
  return [...new Set([...before.filter((key) => !present || key in present), ...wanted])].filter(isOther).sort()
}

/** Brings the tags of a certificate to what its claims want by now. Tags that others put there stay. */
export function tagActions(wish: Wish, own: OwnCertificate, situation: Situation): readonly TagAction[] {
  const { observation, settings, now } = situation
  const { arn } = own.certificate
  const present = observation.tags.get(arn)?.value
  if (!present || wish.claims.every((claim) => claim.paused)) return []
  if (now - (observation.taggedAt.get(arn) ?? Number.NEGATIVE_INFINITY) < TAGS_LAG) return []
  const wanted = changeableTags(wish, settings)
  const set = Object.entries(wanted).filter(([key, value]) => present[key] !== value)
  const managed = [...(entryOf(arn, own.key, situation)?.tags ?? []), TAG.deletionPolicy]
  const remove = managed.filter((key) => key in present && !(key in wanted)).sort()
  if (set.length === 0 && remove.length === 0) return []
  return [{ kind: 'tag', arn, set: Object.fromEntries(set), remove }]
}

/** Is this certificate to stay when nobody wants it any more? Its own tag says so, whatever became of those who wanted that. */
export function isRetained(arn: Arn, { observation }: Situation): boolean {
  const tags = observation.tags.get(arn)?.value
  return tags !== undefined && (tags[TAG.deletionPolicy] === 'retain' || isAdopted(tags))
}

/** Was it made elsewhere, and given into our care? */
export function isAdopted(tags: Tags): boolean {
  return tags[TAG.adopted] === 'true'
}
