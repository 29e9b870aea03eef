import { nameOf } from './ingress.ts'
import type { Ingress, Namespace } from './ingress.ts'
import type { Name } from './names.ts'
import { baseOf, isWithin, normaliseName, problemOf } from './names.ts'
import type { Observation } from './observation.ts'
import { once } from './once.ts'
import type { Situation } from './situation.ts'
import type { Verdict } from './verdict.ts'
import { listed } from './verdict.ts'
import type { Wish } from './wish.ts'

/** What a namespace may have certificates for: a `CertificatePolicy`. */
export interface CertificatePolicy {
  readonly name: string
  readonly generation: number
  readonly namespaceSelector: LabelSelector
  /** Each allows itself and all that is under it. */
  readonly domains: readonly Name[]
  readonly wildcards: boolean
  readonly maxCertificates: number | undefined
  readonly maxRequestsPerDay: number | undefined
  /** What its status says by now. */
  readonly said: PolicyStatus | undefined
}

export interface PolicyStatus {
  readonly generation: number
  readonly valid: boolean
  readonly message: string
}

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements */
export interface LabelSelector {
  readonly matchLabels: Readonly<Record<string, string>>
  readonly matchExpressions: readonly {
    readonly key: string
    readonly operator: string
    readonly values: readonly string[]
  }[]
}

export type PolicyMode = 'off' | 'audit' | 'enforce'

/** A name that a namespace may not have. */
export interface Violation {
  readonly ingress: Ingress
  readonly name: Name
  readonly message: string
}

/** The policies as one plan sees them. */
interface Policies {
  readonly of: (namespace: string) => readonly CertificatePolicy[]
}

/** All that a decision about a name rests on. */
type Known = Pick<Situation, 'observation' | 'settings'>

const POLICIES = new WeakMap<Observation, { readonly policies: Policies | undefined }>()

/** `undefined` while it is not known which policies there are, or how a namespace is labelled. */
function policiesIn({ observation }: Known): Policies | undefined {
  return once(POLICIES, observation, () => {
    const { policies, namespaces } = observation
    if (!policies?.complete || !namespaces?.complete) return { policies: undefined }
    const known = new Map<string, readonly CertificatePolicy[]>()
    const all = [...policies.value.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
    const of = (name: string) => {
      const selecting = known.get(name) ?? all.filter((policy) => selects(policy, name, namespaces.value.get(name)))
      known.set(name, selecting)
      return selecting
    }
    return { policies: { of } }
  }).policies
}

/** Does the policy speak of the namespace? One whose selector cannot be read speaks of all, and allows nothing: a mistake never widens. */
function selects({ namespaceSelector }: CertificatePolicy, name: string, namespace: Namespace | undefined): boolean {
  if (problemOfSelector(namespaceSelector) !== undefined) return true
  // The API server sets it on every namespace: https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-metadata-name
  const labels: Readonly<Record<string, string>> = { 'kubernetes.io/metadata.name': name, ...namespace?.labels }
  const { matchLabels, matchExpressions } = namespaceSelector
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values }) => {
      const value = labels[key]
      switch (operator) {
        case 'In':
          return value !== undefined && values.includes(value)
        case 'NotIn':
          return value === undefined || !values.includes(value)
        case 'Exists':
          return value !== undefined
        default:
          return value === undefined
      }
    })
  )
}

function problemOfSelector({ matchExpressions }: LabelSelector): string | undefined {
  for (const { key, operator, values } of matchExpressions) {
    const field = `spec.namespaceSelector.matchExpressions has the operator "${operator}" for the key "${key}"`
    if (!['In', 'NotIn', 'Exists', 'DoesNotExist'].includes(operator))
      return `${field}; use In, NotIn, Exists or DoesNotExist`
    if (key === '') return `${field}; give a key`
    if (operator.endsWith('In') ? values.length === 0 : values.length > 0)
      return `${field} with ${values.length === 0 ? 'no values; give some' : 'values; leave them out'}`
  }
  return undefined
}

/** What is wrong with a policy, field, value and cure in one sentence; such a one allows nothing. */
export function problemOfPolicy(policy: CertificatePolicy): string | undefined {
  const selector = problemOfSelector(policy.namespaceSelector)
  if (selector !== undefined) return `${selector}.`
  if (policy.domains.length === 0) return 'spec.domains is empty, so it allows nothing; name a domain.'
  for (const domain of policy.domains) {
    if (domain.startsWith('*'))
      return `spec.domains has "${short(domain)}"; write the domain alone and set spec.wildcards.`
    const problem =
      domain === normaliseName(domain) ? problemOf(`name.${domain}`) : 'is not in lower case without a trailing dot'
    if (problem !== undefined)
      return `spec.domains has "${short(domain)}", which ${problem}; write it like shop.example.com.`
  }
  for (const [field, value] of [
    ['maxCertificates', policy.maxCertificates],
    ['maxRequestsPerDay', policy.maxRequestsPerDay],
  ] as const)
    if (value !== undefined && (!Number.isInteger(value) || value < 0))
      return `spec.${field} is ${value}; give a whole number, or leave it out.`
  return undefined
}

function short(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}

function allows(policy: CertificatePolicy, name: Name): boolean {
  if (problemOfPolicy(policy) !== undefined) return false
  if (name.startsWith('*.') && !policy.wildcards) return false
  return policy.domains.some((domain) => isWithin(domain, baseOf(name)))
}

/**
 * Why a namespace may not have this name, as systems of admission have it: some policy must speak of the namespace, and every one that
 * does must allow the name.
 */
function denial(name: Name, ingress: Ingress, policies: Policies): string | undefined {
  const { namespace } = ingress.ref
  const selecting = policies.of(namespace)
  const refusing = selecting.filter((policy) => !allows(policy, name))
  if (selecting.length > 0 && refusing.length === 0) return undefined
  const object = `${name} of Ingress ${nameOf(ingress.ref)} is not allowed in namespace ${namespace}`
  if (selecting.length === 0)
    return `${object}: no CertificatePolicy selects the namespace; have one do so, or leave the name out with certwright.dev/exclude-names.`
  const names = (of: readonly CertificatePolicy[]) => listed(of.map((policy) => policy.name))
  const looked = selecting.length > refusing.length ? ` (looked at ${names(selecting)})` : ''
  return `${object} by CertificatePolicy ${names(refusing)}${looked}; add its domain to spec.domains there${name.startsWith('*.') ? ', and spec.wildcards' : ''}, or leave the name out with certwright.dev/exclude-names.`
}

/** What is to be said of a name in place of requesting it; `undefined` where it may be requested. */
export function policyVerdict(name: Name, ingress: Ingress, situation: Known): Verdict | undefined {
  if (situation.settings.policyMode !== 'enforce') return undefined
  const policies = policiesIn(situation)
  if (!policies) return unread(name, ingress, situation)
  const message = denial(name, ingress, policies)
  return message === undefined ? undefined : { state: 'Refused', reason: 'DomainNotAllowed', message }
}

function unread(name: Name, ingress: Ingress, { observation }: Known): Verdict {
  const failure = observation.failures.get('watch:certificatepolicies') ?? observation.failures.get('watch:namespaces')
  const object = `${name} of Ingress ${nameOf(ingress.ref)}`
  return failure
    ? {
        state: 'Held',
        reason: 'PolicyUnavailable',
        message: `Whether ${object} is allowed cannot be read (${failure.message}), so it is not requested; install the CRDs with "certwright crds | kubectl apply -f -" and allow the controller to list and watch certificatepolicies and namespaces.`,
      }
    : { state: 'Requesting', reason: 'ReadingPolicies', message: `Whether ${object} is allowed is being read.` }
}

/** Why nobody who wishes it may have all the names of a wish; `undefined` where somebody may. */
export function wishVerdict({ claims, names }: Wish, situation: Known): Verdict | undefined {
  const verdicts = claims.map(({ ingress }) =>
    names.map((name) => policyVerdict(name, ingress, situation)).find((verdict) => verdict !== undefined),
  )
  return verdicts.every((verdict) => verdict !== undefined) ? verdicts[0] : undefined
}

/** The names that are asked for and not allowed, in whatever mode. */
export function violationsIn(situation: Situation): readonly Violation[] {
  if ((situation.settings.policyMode ?? 'off') === 'off') return []
  const policies = policiesIn(situation)
  if (!policies) return []
  return situation.members.flatMap(({ claim: { ingress, request }, live }) =>
    request.kind === 'wanted' && live
      ? request.names.flatMap((name) => {
          const message = denial(name, ingress, policies)
          return message === undefined ? [] : [{ ingress, name, message }]
        })
      : [],
  )
}

/** The smallest of a limit among the policies that speak of a namespace. */
export function limitOf(
  limit: 'maxCertificates' | 'maxRequestsPerDay',
  namespace: string,
  situation: Situation,
): { readonly policy: string; readonly most: number } | undefined {
  if (situation.settings.policyMode !== 'enforce') return undefined
  const limits = (policiesIn(situation)?.of(namespace) ?? []).flatMap((policy) => {
    const most = policy[limit]
    return most === undefined ? [] : [{ policy: policy.name, most }]
  })
  return limits.sort((a, b) => a.most - b.most)[0]
}
