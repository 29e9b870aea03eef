import type { Clock } from '../../clock.ts'
import { isObject } from '../kube/json.ts'
import type { LedgerEntry } from '../kube/ledger.ts'
import type { KubeObject } from '../kube/object.ts'
import type { LawBook } from './book.ts'
import { History } from './history.ts'
import { type IngressView, isOptedIn, type View } from './view.ts'

type Labels = Readonly<Record<string, string>>

/** What a CertificatePolicy says, as the laws read it. */
interface Policy {
  readonly namespaceSelector?: {
    readonly matchLabels?: Labels
    readonly matchExpressions?: readonly {
      readonly key: string
      readonly operator: string
      readonly values?: readonly string[]
    }[]
  }
  readonly domains?: readonly string[]
  readonly wildcards?: boolean
}

/** What has to be known of the program that runs. */
export interface Heeding {
  /** Whether it holds to the policies. */
  readonly enforces: () => boolean
  /** The monotonic time up to which it has surely heard of every change of a collection. */
  readonly heardSince: HeardSince
}

type HeardSince = (collection: 'ingresses' | 'namespaces' | 'certificatepolicies') => number

/** What an object asks for. */
interface Asking {
  readonly namespace: string
  readonly names: readonly string[]
}

/**
 * A1: every name in a request is allowed for the namespace of an object that asks for all of them, at the time of sending; where a change
 * may not have been heard of yet, as it was before the change will do, each policy, label and object by itself.
 */
export class AdmissionLaw {
  readonly #clock: Clock
  readonly #book: LawBook
  readonly #view: View
  readonly #heeding: Heeding
  readonly #policies: History<Policy | undefined>
  readonly #labels: History<Labels>
  readonly #asking: History<Asking | undefined>

  constructor(options: { clock: Clock; book: LawBook; view: View; heeding: Heeding }) {
    const { clock } = options
    this.#clock = clock
    this.#book = options.book
    this.#view = options.view
    this.#heeding = options.heeding
    this.#policies = new History(clock)
    this.#labels = new History(clock)
    this.#asking = new History(clock)
  }

  /** A write on a policy or a namespace. */
  follow({ collection, name, after, subresource }: LedgerEntry): void {
    if (collection === 'namespaces') this.#labels.set(name, after?.metadata.labels ?? {})
    if (collection.startsWith('certificatepolicies.') && subresource === '')
      this.#policies.set(name, after && policyOf(after))
  }

  /** An object was changed, or what it asks for in the name of its namespace or class. */
  changed(key: string): void {
    const ingress = this.#view.ingress(key)
    this.#asking.set(key, ingress && isOptedIn(ingress) ? askingOf(ingress) : undefined)
  }

  /** A request for a certificate leaves the program. */
  sent(names: readonly string[]): void {
    if (!this.#heeding.enforces()) return
    const asking = this.#asking.keys
      .flatMap((key) => this.#asking.from(key, this.#heeding.heardSince('ingresses')))
      .filter((each) => each !== undefined)
      .filter((each) => names.every((name) => each.names.includes(name)))
    const namespaces = [...new Set(asking.map(({ namespace }) => namespace))]
    this.#book.check(
      'A1',
      namespaces.some((namespace) =>
        this.#allowed(namespace, names, (collection) => this.#heeding.heardSince(collection)),
      ),
      () =>
        namespaces.length === 0
          ? `${names.join(', ')} is requested, and no object asks for that`
          : `${names.join(', ')} is requested, which the policies do not allow in ${namespaces.join(' or ')}`,
    )
  }

  /** The controller looks at the certificates: it could request what is not allowed. */
  looked(): void {
    if (!this.#heeding.enforces()) return
    for (const ingress of this.#view.ingresses) {
      if (ingress.asks !== 'true' || !this.#view.isLive(ingress)) continue
      if (!ingress.hosts.every((host) => this.isAllowed(ingress.namespace, host))) this.#book.premise('A1')
    }
  }

  /** Whether a namespace may have a certificate for this name now. */
  isAllowed(namespace: string, name: string): boolean {
    return !this.#heeding.enforces() || this.#allowed(namespace, [name], () => this.#clock.monotonic())
  }

  /** Some policy selects the namespace, and none that does refuses a name: in some state of which it may have heard last. */
  #allowed(namespace: string, names: readonly string[], since: HeardSince): boolean {
    const policies = this.#policies.keys.map((key) => this.#policies.from(key, since('certificatepolicies')))
    return this.#labels.from(namespace, since('namespaces')).some((said) => {
      const labels = { 'kubernetes.io/metadata.name': namespace, ...said }
      const allowing = (policy: Policy | undefined) =>
        policy !== undefined && selects(policy, labels) && names.every((name) => allows(policy, name))
      const silent = (policy: Policy | undefined) => policy === undefined || !selects(policy, labels)
      return (
        policies.some((versions) => versions.some(allowing)) &&
        policies.every((versions) => versions.some((policy) => allowing(policy) || silent(policy)))
      )
    })
  }
}

function policyOf({ spec }: KubeObject): Policy {
  return isObject(spec) ? spec : {}
}

function askingOf({ namespace, hosts, annotations }: IngressView): Asking {
  const more = (annotations['certwright.dev/names'] ?? '').split(',').map((name) => name.trim().toLowerCase())
  return { namespace, names: [...hosts, ...more] }
}

function selects(
  { namespaceSelector: { matchLabels = {}, matchExpressions = [] } = {} }: Policy,
  labels: Labels,
): boolean {
  const isTrue = ({ key, operator, values = [] }: (typeof matchExpressions)[number]) => {
    const value = labels[key]
    if (operator === 'Exists') return value !== undefined
    if (operator === 'DoesNotExist') return value === undefined
    return values.includes(value ?? '') === (operator === 'In')
  }
  return Object.entries(matchLabels).every(([key, value]) => labels[key] === value) && matchExpressions.every(isTrue)
}

function allows({ domains = [], wildcards = false }: Policy, name: string): boolean {
  const base = name.replace(/^\*\./, '')
  if (base !== name && !wildcards) return false
  return domains.some((domain) => base === domain || base.endsWith(`.${domain}`))
}
