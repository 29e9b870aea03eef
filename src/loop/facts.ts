import type { Clock } from '../clock.ts'
import type { Claim } from '../core/claim.ts'
import type { Ingress, IngressClass, IngressClassParameters, Namespace } from '../core/ingress.ts'
import { fingerprintOf, nameOf } from '../core/ingress.ts'
import type { Ledger } from '../core/ledger.ts'
import type { Failure, FailureKind, Observation } from '../core/observation.ts'
import { emptyObservation } from '../core/observation.ts'
import { markGroupChanged } from '../core/observe.ts'
import type { Settings } from '../core/settings.ts'
import type { PlanInput } from '../core/situation.ts'
import type { StoredCertificate } from '../kube/acm-certificate.ts'
import type { StoredClaim } from '../kube/certificate-claim.ts'
import type { KubeError } from '../kube/errors.ts'
import type { WholeList } from '../kube/reflector.ts'
import type { StoredPolicy } from '../kube/certificate-policy.ts'
import type { StoredRequests } from '../kube/request-budget.ts'
import { claimOf } from '../sources/ingress.ts'
import { classifyFailure } from './failure.ts'

/** How many deleted objects are remembered: far more than writes can be under way. */
const MOST_DELETED = 1_000

/** What watches bring, each of which is known once its first list is here. */
type Source =
  | 'ingresses'
  | 'classes'
  | 'parameters'
  | 'namespaces'
  | 'certificates'
  | 'claims'
  | 'requests'
  | 'policies'

/** Everything that one term of leadership knows: fed by watches, looks and the answers to our own writes. */
export class Facts {
  readonly settings: Settings
  readonly #clock: Clock
  readonly #ingresses = new Map<string, Ingress>()
  readonly #ingressByName = new Map<string, Ingress>()
  readonly #classes = new Map<string, IngressClass>()
  readonly #parameters = new Map<string, IngressClassParameters>()
  readonly #namespaces = new Map<string, Namespace>()
  readonly #claims = new Map<string, Claim>()
  readonly certificates = new Map<string, StoredCertificate>()
  /** By the UID of the object that claims. */
  readonly claims = new Map<string, StoredClaim>()
  readonly #claimByName = new Map<string, StoredClaim>()
  /** UIDs of objects that are gone, and as which of the deletions we heard of it; those that we deleted ourselves never come back. */
  readonly #deleted = new Map<string, number>()
  #deletions = 0
  #observation: Observation = emptyObservation
  #requests: { readonly from: StoredRequests; readonly stored: boolean } | undefined
  readonly #synced: Record<Source, boolean> = {
    ingresses: false,
    classes: false,
    parameters: false,
    namespaces: false,
    certificates: false,
    claims: false,
    requests: false,
    policies: false,
  }
  #namespacesTrouble = false
  readonly #policies = new Map<string, StoredPolicy>()
  #policiesTrouble = false

  constructor(options: { settings: Settings; clock: Clock }) {
    this.settings = options.settings
    this.#clock = options.clock
  }

  get observation(): Observation {
    return this.#observation
  }

  /** Replaces what is known by what `merge` makes of it. */
  update(merge: (observation: Observation) => Observation): void {
    this.#observation = merge(this.#observation)
  }

  /** A term of leadership begins: what was known of AWS may be old, and load balancers may be at work on anything. */
  beginTerm(): void {
    this.#observation = { ...emptyObservation, failures: this.#observation.failures }
    for (const ingress of this.#ingresses.values()) this.groupChanged(this.claim(ingress).group)
  }

  /** What the next plan is made from. */
  input(): PlanInput {
    const at = this.#clock.now()
    const { ingresses, classes, parameters, namespaces } = this.#synced
    const observation: Observation = {
      ...this.#observation,
      ingresses: ingresses ? { value: this.#ingresses, at, complete: true } : undefined,
      ingressClasses: classes ? { value: this.#classes, at, complete: true } : undefined,
      ingressClassParameters: parameters ? { value: this.#parameters, at, complete: true } : undefined,
      namespaces:
        namespaces || this.#namespacesTrouble
          ? { value: this.#namespaces, at, complete: namespaces && !this.#namespacesTrouble }
          : undefined,
    }
    const followed = this.#synced.policies && !this.#policiesTrouble
    return {
      claims: [...this.#ingresses.values()].map((ingress) => this.claim(ingress)),
      observation: { ...observation, policies: { value: this.#policies, at, complete: followed } },
      ledger: this.#ledger(),
      settings: this.settings,
      now: at,
    }
  }

  /** The claim of an Ingress, made once for each of its versions. */
  claim(ingress: Ingress): Claim {
    const known = this.#claims.get(ingress.ref.uid)
    if (known?.ingress === ingress) return known
    const claim = this.claimOf(ingress)
    this.#claims.set(ingress.ref.uid, claim)
    return claim
  }

  /** The claim of an Ingress that is not in the cache, as a fresh read brought it. */
  claimOf(ingress: Ingress): Claim {
    return claimOf({
      ingress,
      classes: { classes: this.#classes, parameters: this.#parameters },
      namespaces: this.#namespaces,
      settings: this.settings,
    })
  }

  ingress(uid: string): Ingress | undefined {
    return this.#ingresses.get(uid)
  }

  /** An Ingress as a watch or the answer to a write of ours brought it. An older version than the known one is no news. */
  setIngress(ingress: Ingress): void {
    const before = this.#ingresses.get(ingress.ref.uid)
    const namesake = this.#ingressByName.get(nameOf(ingress.ref)) ?? before
    if (namesake && isOlder(ingress.resourceVersion, namesake.resourceVersion)) return
    // Created again under its name: the news that the old one is gone may be late, or lost.
    if (namesake && namesake.ref.uid !== ingress.ref.uid) this.deleteIngress(namesake)
    this.#ingressByName.set(nameOf(ingress.ref), ingress)
    const groups = new Set(
      before && fingerprintOf(before) === fingerprintOf(ingress) ? [] : [before && this.claim(before).group],
    )
    const changed = !before || groups.size > 0
    this.#ingresses.set(ingress.ref.uid, ingress)
    if (changed) for (const group of [...groups, this.claim(ingress).group]) if (group) this.groupChanged(group)
  }

  deleteIngress(ingress: Ingress): void {
    const before = this.#ingresses.get(ingress.ref.uid)
    if (!before) return
    this.groupChanged(this.claim(before).group)
    this.#ingresses.delete(ingress.ref.uid)
    this.#ingressByName.delete(nameOf(ingress.ref))
    this.#claims.delete(ingress.ref.uid)
  }

  /**
   * What the answer to a write, or a fresh read, told us of, and what a whole list that is not older lacks: it was deleted while the watch
   * was broken, and nobody else will ever say so.
   */
  listedIngresses(list: WholeList): void {
    for (const ingress of this.#ingresses.values())
      if (isUnlisted({ uid: ingress.ref.uid, resourceVersion: ingress.resourceVersion }, list))
        this.deleteIngress(ingress)
  }

  /** As {@link listedIngresses}. */
  listedCertificates(list: WholeList): void {
    for (const stored of this.certificates.values()) if (isUnlisted(stored, list)) this.deleteCertificate(stored)
  }

  /** As {@link listedIngresses}. */
  listedClaims(list: WholeList): void {
    for (const stored of this.claims.values()) if (isUnlisted(stored, list)) this.deleteClaim(stored)
  }

  groupChanged(group: string): void {
    const at = this.#clock.now()
    this.update((observation) => markGroupChanged(observation, group, at))
  }

  setClass(ingressClass: IngressClass): void {
    this.#classes.set(ingressClass.name, ingressClass)
    this.#reclassify()
  }

  deleteClass(ingressClass: IngressClass): void {
    this.#classes.delete(ingressClass.name)
    this.#reclassify()
  }

  setParameters(parameters: IngressClassParameters): void {
    this.#parameters.set(`${parameters.apiGroup}/${parameters.name}`, parameters)
    this.#reclassify()
  }

  deleteParameters(parameters: IngressClassParameters): void {
    this.#parameters.delete(`${parameters.apiGroup}/${parameters.name}`)
    this.#reclassify()
  }

  setNamespace(namespace: Namespace): void {
    this.#namespaces.set(namespace.name, namespace)
    this.#reclassify(namespace.name)
  }

  deleteNamespace(namespace: Namespace): void {
    this.#namespaces.delete(namespace.name)
    this.#reclassify(namespace.name)
  }

  /** Namespaces cannot be followed, or can again. What is known of them stays known. */
  namespacesTrouble(error: KubeError | undefined): void {
    this.#namespacesTrouble = error !== undefined
    this.watchTrouble('namespaces', error)
  }

  setPolicy(policy: StoredPolicy): void {
    const before = this.#policies.get(policy.name)
    if (before?.uid !== policy.uid || !isOlder(policy.resourceVersion, before.resourceVersion))
      this.#policies.set(policy.name, policy)
  }

  deletePolicy(policy: StoredPolicy): void {
    if (this.#policies.get(policy.name)?.uid === policy.uid) this.#policies.delete(policy.name)
  }

  /** Policies cannot be followed, or can again: while they are not, nothing is allowed by them. */
  policiesTrouble(error: KubeError | undefined): void {
    this.#policiesTrouble = error !== undefined
    this.watchTrouble('certificatepolicies', error)
  }

  policy(name: string): StoredPolicy | undefined {
    return this.#policies.get(name)
  }

  synced(source: Source): void {
    this.#synced[source] = true
  }

  /** How many deletions were heard of: an answer to a write that was sent later tells more than they do. */
  get deletions(): number {
    return this.#deletions
  }

  /** Takes up an object as a watch brings it, or as the answer to a write that was sent when so many `deletions` had been heard of. */
  setCertificate(stored: StoredCertificate, deletions = Number.MAX_SAFE_INTEGER): void {
    if (this.#isGone(stored.uid, deletions)) return
    const before = this.certificates.get(stored.entry.key)
    if (!before || !isOlder(stored.resourceVersion, before.resourceVersion))
      this.certificates.set(stored.entry.key, stored)
  }

  deleteCertificate(stored: StoredCertificate, by: 'us' | 'others' = 'others'): void {
    this.#noteDeleted(stored.uid, by)
    if (this.certificates.get(stored.entry.key)?.uid === stored.uid) this.certificates.delete(stored.entry.key)
  }

  /** As {@link setCertificate}. */
  setClaim(stored: StoredClaim, deletions = Number.MAX_SAFE_INTEGER): void {
    if (this.#isGone(stored.uid, deletions)) return
    const place = `${stored.namespace}/${stored.name}`
    const before = this.#claimByName.get(place)
    if (before && isOlder(stored.resourceVersion, before.resourceVersion)) return
    // It may have passed from an object to the one that was created again under its name.
    if (before) this.claims.delete(before.entry.uid)
    this.claims.set(stored.entry.uid, stored)
    this.#claimByName.set(place, stored)
  }

  deleteClaim(stored: StoredClaim, by: 'us' | 'others' = 'others'): void {
    this.#noteDeleted(stored.uid, by)
    const known = this.#claimByName.get(`${stored.namespace}/${stored.name}`)
    if (known?.uid !== stored.uid) return
    this.claims.delete(known.entry.uid)
    this.#claimByName.delete(`${stored.namespace}/${stored.name}`)
  }

  get requests(): StoredRequests | undefined {
    return this.#requests?.stored ? this.#requests.from : undefined
  }

  /** The record of requests in our region, as a watch or the answer to a write of ours brought it. */
  setRequests(stored: StoredRequests): void {
    if (stored.region !== this.settings.region) return
    const before = this.#requests?.stored ? this.#requests.from : undefined
    if (!before || !isOlder(stored.resourceVersion, before.resourceVersion))
      this.#requests = { from: stored, stored: true }
  }

  /** What it said stays known: whoever deleted the object did not take back what was requested. */
  deleteRequests(stored: StoredRequests): void {
    if (this.#requests?.from.uid === stored.uid) this.#requests = { from: this.#requests.from, stored: false }
  }

  /** Objects of the ledger cannot be followed, or can again. What is known of them stays known. */
  watchTrouble(plural: string, error: KubeError | undefined): void {
    const failure = error && classifyFailure(error)
    if (failure) this.failed(`watch:${plural}`, failure)
    else this.succeeded(`watch:${plural}`)
  }

  /** Notes the failure of a lane or a look; `since` stays that of the first in a row. */
  failed(key: string, failure: { kind: FailureKind; code: string; message: string }): void {
    const now = this.#clock.now()
    this.update((observation) => {
      const since = observation.failures.get(key)?.since ?? now
      return {
        ...observation,
        failures: new Map(observation.failures).set(key, { ...failure, since, at: now } satisfies Failure),
      }
    })
  }

  succeeded(key: string): void {
    if (!this.#observation.failures.has(key)) return
    this.update((observation) => {
      const failures = new Map(observation.failures)
      failures.delete(key)
      return { ...observation, failures }
    })
  }

  #ledger(): Ledger {
    const certificates = new Map([...this.certificates].map(([key, stored]) => [key, stored.entry]))
    const claims = new Map([...this.claims].map(([uid, stored]) => [uid, stored.entry]))
    const requests = this.#requests
    return {
      certificates: this.#synced.certificates && this.#synced.claims ? certificates : undefined,
      claims,
      requests: this.#synced.requests
        ? { record: requests?.from.record, stored: requests?.stored ?? false }
        : undefined,
    }
  }

  /**
   * The answer to a write may come after the news that its object is gone. But a list may have lacked an object that is there, from a server
   * that is behind: then whatever shows it later is right, or each answer would be forgotten, and the same written again and again.
   */
  #isGone(uid: string, deletions: number): boolean {
    const at = this.#deleted.get(uid)
    if (at === undefined) return false
    if (at > deletions) return true
    this.#deleted.delete(uid)
    return false
  }

  #noteDeleted(uid: string, by: 'us' | 'others'): void {
    const known = this.#deleted.get(uid)
    this.#deletions += 1
    this.#deleted.delete(uid)
    this.#deleted.set(uid, by === 'us' ? Number.POSITIVE_INFINITY : Math.max(this.#deletions, known ?? 0))
    const [oldest] = this.#deleted.keys()
    if (this.#deleted.size > MOST_DELETED && oldest !== undefined) this.#deleted.delete(oldest)
  }

  /** A class, or a namespace, changed: the claims of all objects, or of those in it, may be others, and so may their groups. */
  #reclassify(namespace?: string): void {
    const affected = [...this.#claims.values()].filter(
      ({ ingress }) => namespace === undefined || ingress.ref.namespace === namespace,
    )
    for (const claim of affected) {
      this.#claims.delete(claim.ingress.ref.uid)
      const ingress = this.#ingresses.get(claim.ingress.ref.uid)
      if (!ingress) continue
      const after = this.claim(ingress)
      if (JSON.stringify({ ...after, ingress: 0 }) === JSON.stringify({ ...claim, ingress: 0 })) continue
      this.groupChanged(claim.group)
      this.groupChanged(after.group)
    }
  }
}

function isUnlisted(object: { readonly uid: string; readonly resourceVersion: string }, list: WholeList): boolean {
  return !list.uids.has(object.uid) && isOlder(object.resourceVersion, list.resourceVersion ?? '')
}

/**
 * Is `a` an earlier version than `b`? Versions of one object can be compared as numbers where they are numbers
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions); where they are not, what comes last counts.
 */
function isOlder(a: string, b: string): boolean {
  return /^\d+$/.test(a) && /^\d+$/.test(b) && BigInt(a) < BigInt(b)
}
