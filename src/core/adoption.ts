import type { Arn, CertificateDetail, Tags } from './certificate.ts'
import { isHealthy } from './certificate.ts'
import type { Issuer } from './claim.ts'
import { issuerOf, keyOf, ownershipOf } from './inventory.ts'
import type { Settings } from './settings.ts'
import { TAG } from './settings.ts'
import { LOAD_BALANCER_CONTROLLER } from './tag-list.ts'
import { isAdopted, MOST_TAGS } from './tags.ts'
import type { EpochMs } from './time.ts'
import { listed } from './verdict.ts'
import { AMAZON } from './wish.ts'

/** Whose certificates are ours. */
export type Identity = Pick<Settings, 'cluster' | 'owner'>

/** A certificate as ACM shows it now, by itself, with the tags that it has. */
export interface Candidate {
  readonly detail: CertificateDetail
  readonly tags: Tags
}

/** What is to be done about one certificate, and the sentence that says so. */
export type Adoption =
  | { readonly kind: 'tag'; readonly set: Tags; readonly remove: readonly string[]; readonly sentence: string }
  | { readonly kind: 'done'; readonly sentence: string }
  | { readonly kind: 'refused'; readonly sentence: string }

/** A certificate that was made elsewhere comes into our care, and is never deleted by us. */
export function adopt({ detail, tags }: Candidate, identity: Identity, now: EpochMs): Adoption {
  const { names } = detail
  if (ownershipOf(detail, tags, identity).kind === 'ours' && !isAdopted(tags))
    return done(`It is this cluster's already; certwright.dev/deletion-policy: retain on its Ingress makes it stay.`)
  const problem = problemOf({ detail, tags }, identity, now)
  if (problem !== undefined) return refused(problem)
  const issuer = signedBy(detail)
  if (!issuer) return refused(`ACM does not say which private CA signs it; ask again.`)
  const wanted: Tags = {
    [TAG.cluster]: identity.cluster,
    [TAG.owner]: identity.owner,
    [TAG.key]: keyOf(detail, issuer),
    [TAG.attempt]: '1',
    [TAG.adopted]: 'true',
    ...(issuer.kind === 'private' && { [TAG.authority]: issuer.authority }),
  }
  const set = Object.fromEntries(Object.entries(wanted).filter(([key, value]) => tags[key] !== value))
  // What an earlier life left: it would say for whom, or by whom, a certificate was made that this one is not.
  const remove = [TAG.claim, TAG.authority].filter((key) => key in tags && !(key in wanted))
  if (Object.keys(set).length === 0 && remove.length === 0) return done(`It is adopted already.`)
  const count = Object.keys({ ...tags, ...set }).filter((key) => !key.startsWith('aws:')).length
  if (count > MOST_TAGS)
    return refused(`With Certwright's tags it would have ${count}, and ACM holds ${MOST_TAGS}; remove some of its own.`)
  const email = detail.validations.some(({ byEmail }) => byEmail)
    ? ' It is validated by e-mail, so that a person must answer a message of ACM before each renewal.'
    : ''
  return {
    kind: 'tag',
    set,
    remove,
    sentence: `It will serve the Ingresses whose names are just ${names.join(', ')}, and stay when nothing wants it any more.${email}`,
  }
}

/** A certificate that a cluster of our name but of the identity `from` left becomes ours: nothing of it changes but whose it is. */
export function takeOver({ detail, tags }: Candidate, identity: Identity, from: string): Adoption {
  const { cluster } = identity
  if (isProven({ detail, tags }, identity)) return done(`It is this cluster's already.`)
  if (!isProven({ detail, tags }, { cluster, owner: from })) {
    return refused(
      `Its tags do not prove that it was made for the cluster "${cluster}" with the owner ${from}: ${TAG.cluster}, ${TAG.owner} and, computed from its names, issuer, key algorithm and region, ${TAG.key}; leave it, or adopt it by its ARN alone once these tags are removed.`,
    )
  }
  return {
    kind: 'tag',
    set: { [TAG.owner]: identity.owner },
    remove: [],
    sentence: `The certificate for ${listed(detail.names)} passes from the owner ${from} to ${identity.owner}.`,
  }
}

/** Why an ARN cannot be asked about here. */
export function problemOfRegion(arn: Arn, region: string): string | undefined {
  const own = arn.split(':')[3]
  if (own === region) return undefined
  return `It is in the region ${own}, and load balancers in ${region} can use certificates of ${region} only; request one there.`
}

/** The tags' key, and the CA that ACM itself names where it does. */
function isProven({ detail, tags }: Candidate, identity: Identity): boolean {
  const issuer = issuerOf(tags)
  const named = issuer.kind === 'private' ? issuer.authority : undefined
  return ownershipOf(detail, tags, identity).kind === 'ours' && (detail.authority ?? named) === named
}

function problemOf({ detail, tags }: Candidate, identity: Identity, now: EpochMs): string | undefined {
  const { type, status, names, namesComplete } = detail
  if (type === 'IMPORTED')
    return `It was imported, and ACM never renews what was imported; have one requested with certwright.dev/certificate: "true", or keep it in certificate-arn and renew it yourself.`
  const foreign = Object.keys(tags).find((key) => LOAD_BALANCER_CONTROLLER.some((prefix) => key.startsWith(prefix)))
  if (foreign !== undefined)
    return `By its tag ${foreign} the AWS Load Balancer Controller knows it as its own, and deletes it some day; have another requested with certwright.dev/certificate: standby.`
  const { [TAG.cluster]: cluster = identity.cluster, [TAG.owner]: owner = identity.owner } = tags
  if (cluster !== identity.cluster)
    return `It belongs to the cluster "${cluster}" (${TAG.cluster}); remove that tag first if that cluster is no more.`
  if (owner !== identity.owner)
    return `It belongs to another cluster named "${cluster}", with the owner ${owner}; if that cluster is no more, take over what it left with --owner ${owner}.`
  if (!isHealthy(detail, now))
    return `It is not issued (${status === 'ISSUED' ? 'EXPIRED' : status}); adopt it once it is, or delete it.`
  return namesComplete && names.length > 0 ? undefined : `ACM does not show all its names; ask again.`
}

function signedBy({ type, authority }: CertificateDetail): Issuer | undefined {
  if (authority !== undefined) return { kind: 'private', authority }
  return type === 'PRIVATE' ? undefined : AMAZON
}

function done(sentence: string): Adoption {
  return { kind: 'done', sentence }
}

function refused(sentence: string): Adoption {
  return { kind: 'refused', sentence }
}
