import type { Action } from './action.ts'
import type { Arn } from './certificate.ts'
import type { Name } from './names.ts'
import type { EpochMs } from './time.ts'
import type { Verdict } from './verdict.ts'

/** What one phase says of a wish: where it stands, what to do now, what to look at, and when to think again. */
export interface Step {
  readonly verdict: Verdict
  readonly actions?: readonly Action[]
  /** The attempt that must be in the ledger before anything more is done. */
  readonly begin?: number | undefined
  readonly looks?: readonly DueLook[]
  /** When the passing of time alone changes the answer. */
  readonly wakeAt?: EpochMs | undefined
}

/** One look at the world. Looks of one key never overlap. */
export type Look =
  /** ListCertificates: all, or only back to the pages that hold those created since. */
  | { readonly kind: 'certificates'; readonly since: EpochMs | undefined }
  /** GetResources: the tags of all certificates. */
  | { readonly kind: 'tags' }
  | { readonly kind: 'tagsOf'; readonly arn: Arn }
  | { readonly kind: 'describe'; readonly arn: Arn }
  /** `role`: through the role of this suffix, instead of our own account's. */
  | { readonly kind: 'zones'; readonly role?: Name | undefined }
  /** A private CA. */
  | { readonly kind: 'authority'; readonly authority: string }
  | { readonly kind: 'delegation'; readonly zone: Name }
  | { readonly kind: 'records'; readonly zone: string; readonly names: readonly string[] }
  | { readonly kind: 'loadBalancers' }
  | { readonly kind: 'listeners'; readonly loadBalancer: string }

export interface DueLook {
  readonly look: Look
  readonly dueAt: EpochMs
}

/** The lane of a look, and the key of its failure. */
export function lookKey(look: Look): string {
  switch (look.kind) {
    case 'certificates':
    case 'tags':
    case 'loadBalancers':
      return `look:${look.kind}`
    case 'zones':
      return look.role === undefined ? 'look:zones' : `look:zones:${look.role}`
    case 'tagsOf':
    case 'describe':
      return `look:${look.kind}:${look.arn}`
    case 'authority':
      return `look:authority:${look.authority}`
    case 'delegation':
      return `look:delegation:${look.zone}`
    case 'records':
      return `look:records:${look.zone}`
    case 'listeners':
      return `look:listeners:${look.loadBalancer}`
  }
}
