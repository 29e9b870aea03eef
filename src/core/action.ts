import type { Arn, Tags } from './certificate.ts'
import type { Ingress } from './ingress.ts'
import type { ClaimEntry, LedgerEntry } from './ledger.ts'
import type { PolicyStatus } from './policy.ts'
import type { RequestRecord } from './request-record.ts'
import type { EpochMs } from './time.ts'
import type { Wish, WishKey } from './wish.ts'

/** Everything that we can do to the world. Each is idempotent, and each names the lanes in which it runs. */
export type Action =
  /** Store what must be remembered of a key. */
  | { readonly kind: 'remember'; readonly entry: LedgerEntry }
  /** Forget a key whose certificates are gone for an hour. */
  | { readonly kind: 'forget'; readonly key: WishKey }
  /** Store that certificates are about to be requested, and how many were. */
  | { readonly kind: 'countRequests'; readonly record: RequestRecord; readonly used: number; readonly budget: number }
  /** `ordinal`: the how-manieth of the year it is; absent where nobody counts. */
  | {
      readonly kind: 'requestCertificate'
      readonly wish: Wish
      readonly attempt: number
      readonly ordinal?: number | undefined
    }
  | { readonly kind: 'createRecord'; readonly zone: string; readonly name: string; readonly value: string }
  | TagAction
  | PublishAction
  | NudgeAction
  | DeleteAction
  /** Say on a `CertificatePolicy` whether it can be honoured. */
  | { readonly kind: 'reportPolicy'; readonly policy: string; readonly status: PolicyStatus }
  /** Show a claim's standing on its `CertificateClaim`. */
  | { readonly kind: 'report'; readonly ingress: Ingress; readonly entry: ClaimEntry }
  /** Remove the `CertificateClaim` of an object that claims nothing any more. */
  | { readonly kind: 'unreport'; readonly uid: string }

/** Bring the tags of one certificate of ours to what its claims want. */
export interface TagAction {
  readonly kind: 'tag'
  readonly arn: Arn
  readonly set: Tags
  readonly remove: readonly string[]
}

/** Write the certificate annotation of one object. */
export interface PublishAction {
  readonly kind: 'publish'
  readonly ingress: Ingress
  /** The whole annotation, in order; empty: withdraw it. */
  readonly arns: readonly Arn[]
  /** What is in it now and will not be afterwards. */
  readonly dropped: readonly Arn[]
  readonly group: string
  /** Where it drops: what every member of the group looked like when this was planned. The write rests on a fresh read of them. */
  readonly members: ReadonlyMap<string, string>
  /** Only where `managedFields` were lost and the ledger knows the annotation to be ours. */
  readonly force: boolean
  /** ARNs that must be seen to be issued at most 10 s before the write, because this process did not see them being issued. */
  readonly confirm: readonly Arn[]
}

/** Leave what an object lists as it is, and ask its load balancer's controller to try again. */
export interface NudgeAction {
  readonly kind: 'nudge'
  readonly ingress: Ingress
  readonly arns: readonly Arn[]
  /** As of {@link PublishAction}. */
  readonly force: boolean
  /** Which time this is. */
  readonly count: number
}

export interface DeleteAction {
  readonly kind: 'deleteCertificate'
  readonly arn: Arn
  readonly key: WishKey
  readonly unwantedSince: EpochMs
}

/** Two actions never overlap in a lane that one of them holds for itself; shared lanes may be held by several. */
export interface Lanes {
  readonly own: readonly string[]
  readonly shared: readonly string[]
}

export function lanesOf(action: Action): Lanes {
  switch (action.kind) {
    case 'remember':
      return { own: [`ledger:${action.entry.key}`], shared: [] }
    case 'forget':
      return { own: [`ledger:${action.key}`], shared: [] }
    case 'countRequests':
      return { own: ['requests'], shared: [] }
    case 'requestCertificate':
      return { own: [`key:${action.wish.key}`], shared: [] }
    case 'createRecord':
      return { own: [`record:${action.zone}/${action.name}`], shared: [] }
    case 'publish':
      return {
        own: [`object:${action.ingress.ref.uid}`, ...(action.dropped.length > 0 ? [`group:${action.group}`] : [])],
        shared: action.arns.map((arn) => `arn:${arn}`),
      }
    case 'nudge':
      return { own: [`object:${action.ingress.ref.uid}`], shared: action.arns.map((arn) => `arn:${arn}`) }
    case 'tag':
      return { own: [`tags:${action.arn}`], shared: [] }
    case 'deleteCertificate':
      return { own: [`arn:${action.arn}`, `key:${action.key}`], shared: [] }
    case 'reportPolicy':
      return { own: [`policy:${action.policy}`], shared: [] }
    case 'report':
      return { own: [`claim:${action.entry.uid}`], shared: [] }
    case 'unreport':
      return { own: [`claim:${action.uid}`], shared: [] }
  }
}
