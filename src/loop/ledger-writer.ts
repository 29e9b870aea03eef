import type { Clock } from '../clock.ts'
import type { Action } from '../core/action.ts'
import type { Ingress } from '../core/ingress.ts'
import { FIELD_MANAGER } from '../core/ingress.ts'
import type { ClaimEntry, LedgerEntry } from '../core/ledger.ts'
import { groupWaits } from '../core/fallback.ts'
import type { Verdict } from '../core/verdict.ts'
import type { WishKey } from '../core/wish.ts'
import {
  ACM_CERTIFICATES,
  acmCertificateName,
  fromAcmCertificate,
  toAcmCertificate,
  toAcmCertificateStatus,
} from '../kube/acm-certificate.ts'
import {
  CERTIFICATE_CLAIMS,
  certificateClaimName,
  fromCertificateClaim,
  toCertificateClaim,
  toCertificateClaimStatus,
} from '../kube/certificate-claim.ts'
import { fromRequestBudget, REQUEST_BUDGETS, toRequestBudget, toRequestBudgetStatus } from '../kube/request-budget.ts'
import { CERTIFICATE_POLICIES, fromCertificatePolicy, toCertificatePolicyStatus } from '../kube/certificate-policy.ts'
import type { KubeClient } from '../kube/client.ts'
import { isKubeError } from '../kube/errors.ts'
import { isSame } from '../core/remember.ts'
import type { Facts } from './facts.ts'
import { Outdated } from './outdated.ts'

/** Told of each change of state that was shown, and of what else people are to hear of. */
export type OnTransition = (ingress: Ingress, verdict: Verdict) => void

/** Writes what must be remembered and what people see: one apply for the object, one for its status, each only where it differs. */
export class LedgerWriter {
  readonly #kube: KubeClient
  readonly #facts: Facts
  readonly #clock: Clock
  readonly #fence: () => void
  readonly #onTransition: OnTransition

  constructor(options: {
    kube: KubeClient
    facts: Facts
    clock: Clock
    fence: () => void
    onTransition: OnTransition
  }) {
    this.#kube = options.kube
    this.#facts = options.facts
    this.#clock = options.clock
    this.#fence = options.fence
    this.#onTransition = options.onTransition
  }

  async remember(entry: LedgerEntry, signal: AbortSignal): Promise<void> {
    const before = this.#facts.certificates.get(entry.key)
    const place = {
      resource: ACM_CERTIFICATES,
      name: acmCertificateName(entry),
      fieldManager: FIELD_MANAGER,
      force: true,
      signal,
    }
    let generation = before?.generation ?? 1
    if (!before || !sameSpec(before.entry, entry)) {
      this.#fence()
      generation = (await this.#kube.apply({ ...place, object: toAcmCertificate(entry) })).metadata.generation ?? 1
    }
    this.#fence()
    const { deletions } = this.#facts
    const object = toAcmCertificateStatus(entry, before, generation, this.#clock.now())
    const stored = fromAcmCertificate(await this.#kube.apply({ ...place, subresource: 'status', object }))
    if (stored) this.#facts.setCertificate(stored, deletions)
  }

  async forget(key: WishKey, signal: AbortSignal): Promise<void> {
    const stored = this.#facts.certificates.get(key)
    if (!stored) return
    this.#fence()
    await orGone(this.#kube.delete({ resource: ACM_CERTIFICATES, name: stored.name, uid: stored.uid, signal }))
    this.#facts.deleteCertificate(stored, 'us')
  }

  /** Stores how many certificates were requested; of two writers that know different things, the later one is refused. */
  async countRequests(action: Extract<Action, { kind: 'countRequests' }>, signal: AbortSignal): Promise<void> {
    const region = this.#facts.settings.region ?? ''
    const place = { resource: REQUEST_BUDGETS, name: region, fieldManager: FIELD_MANAGER, force: true, signal }
    let resourceVersion = this.#facts.requests?.resourceVersion
    if (resourceVersion === undefined) {
      this.#fence()
      const made = await this.#kube.apply({ ...place, object: toRequestBudget(region) })
      const found = fromRequestBudget(made)
      // It was there all the time and the watch had not told yet: what it holds counts.
      if (found && found.record.days.length > 0) {
        this.#facts.setRequests(found)
        throw new Outdated('the record of requests was read late')
      }
      resourceVersion = made.metadata.resourceVersion ?? ''
    }
    this.#fence()
    const object = toRequestBudgetStatus({ region, resourceVersion, ...action })
    const stored = fromRequestBudget(await this.#kube.apply({ ...place, subresource: 'status', object }))
    if (stored) this.#facts.setRequests(stored)
  }

  async reportPolicy(
    { policy, status }: Extract<Action, { kind: 'reportPolicy' }>,
    signal: AbortSignal,
  ): Promise<void> {
    const before = this.#facts.policy(policy)
    if (!before) return
    this.#fence()
    const object = toCertificatePolicyStatus({ before, status, now: this.#clock.now() })
    const place = { resource: CERTIFICATE_POLICIES, name: policy, fieldManager: FIELD_MANAGER, force: true, signal }
    this.#facts.setPolicy(fromCertificatePolicy(await this.#kube.apply({ ...place, subresource: 'status', object })))
  }

  async report(ingress: Ingress, entry: ClaimEntry, signal: AbortSignal): Promise<void> {
    const before = this.#facts.claims.get(entry.uid)
    const { namespace } = ingress.ref
    const place = {
      resource: CERTIFICATE_CLAIMS,
      namespace,
      name: certificateClaimName(ingress),
      fieldManager: FIELD_MANAGER,
      force: true,
      signal,
    }
    let generation = before?.generation ?? 1
    if (!before || !isSame(before.entry.wished, entry.wished)) {
      this.#fence()
      generation =
        (await this.#kube.apply({ ...place, object: toCertificateClaim(ingress, entry) })).metadata.generation ?? 1
    }
    this.#fence()
    const { deletions } = this.#facts
    const object = toCertificateClaimStatus({ ingress, entry, before, generation, now: this.#clock.now() })
    const stored = fromCertificateClaim(await this.#kube.apply({ ...place, subresource: 'status', object }))
    if (stored) this.#facts.setClaim(stored, deletions)
    const { state, reason } = before?.entry.verdict ?? {}
    const changed = state !== entry.verdict.state || reason !== entry.verdict.reason
    if (changed) this.#onTransition(ingress, entry.verdict)
    const waits = entry.waitsFor.length > 0 && (before?.entry.waitsFor.length ?? 0) === 0
    // What is served already says nothing of it itself.
    if (waits && (!changed || entry.verdict.state === 'Ready')) this.#onTransition(ingress, groupWaits(ingress, entry))
  }

  async unreport(uid: string, signal: AbortSignal): Promise<void> {
    const stored = this.#facts.claims.get(uid)
    if (!stored) return
    this.#fence()
    await orGone(
      this.#kube.delete({
        resource: CERTIFICATE_CLAIMS,
        namespace: stored.namespace,
        name: stored.name,
        uid: stored.uid,
        signal,
      }),
    )
    this.#facts.deleteClaim(stored, 'us')
  }
}

function sameSpec(a: LedgerEntry, b: LedgerEntry): boolean {
  return isSame([a.names, a.issuer, a.keyAlgorithm, a.region], [b.names, b.issuer, b.keyAlgorithm, b.region])
}

async function orGone(deletion: Promise<void>): Promise<void> {
  try {
    await deletion
  } catch (error) {
    if (!isKubeError(error, 'notFound')) throw error
  }
}
