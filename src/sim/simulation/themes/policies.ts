import type { JsonObject } from '../../kube/json.ts'
import type { Draw } from '../draw.ts'
import type { Step } from '../steps.ts'
import type { Theme } from '../themes.ts'
import { withSteps } from './story.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

const NAMESPACES = ['default', 'team', 'other'] as const
const TENANTS = ['shop', 'press'] as const

/** What a policy may allow; all hosts but one lie in example.com and second.example. */
const DOMAINS: readonly (readonly string[])[] = [
  ['example.com'],
  ['example.com'],
  ['example.com', 'second.example'],
  ['a.example.com', 'b.example.com'],
  ['b.example.com', 'c.example.com'],
  ['a.example.com', 'second.example'],
  ['second.example'],
]

/** Policies that allow a part of the hosts; they change, go and come, namespaces change their labels, and objects their hosts. */
export const policies: Theme = {
  name: 'policies',
  share: 0.06,
  dress: (scenario, draw) => {
    const steps = [
      ...NAMESPACES.map((namespace) => labelled(0, namespace, draw)),
      ...TENANTS.map((tenant) => policy(0, tenant, draw)),
    ]
    let at = 0
    const rounds = draw.whole(6, 14)
    for (let round = 0; round < rounds; round++) {
      at += draw.pick([30 * SECOND, 2 * MINUTE, 6 * MINUTE, 20 * MINUTE])
      steps.push(change(at, draw))
      const ingress = draw.whole(0, 3)
      const hosts = draw.pick([[0], [1], [0, 1], [1, 2], [0, 1, 2], [0, 3], [4, 5], [0, 5], [5, 6], [2, 3, 6]])
      steps.push({ at: at + draw.pick([0, SECOND, 10 * SECOND, MINUTE]), do: 'hosts', ingress, hosts })
    }
    const flags = { ...scenario.flags, 'policy-mode': draw.chance(0.85) ? 'enforce' : 'audit' }
    return withSteps({ ...scenario, flags }, steps)
  },
}

function change(at: number, draw: Draw): Step {
  const tenant = draw.pick(TENANTS)
  if (draw.chance(0.35)) return labelled(at, draw.pick(NAMESPACES), draw)
  if (draw.chance(0.2))
    return {
      at,
      do: 'withdraw',
      object: { apiVersion: 'certwright.dev/v1alpha1', kind: 'CertificatePolicy', name: tenant },
    }
  return policy(at, tenant, draw)
}

/** Each namespace belongs to a tenant, or to nobody for a while. */
function labelled(at: number, name: string, draw: Draw): Step {
  const tenant = draw.pick([...TENANTS, 'shop', undefined])
  const labels = tenant === undefined ? {} : { tenant }
  return { at, do: 'administer', object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } } }
}

/** The policy of a tenant, which now and then speaks of all namespaces. */
function policy(at: number, tenant: string, draw: Draw): Step {
  const namespaceSelector = draw.pick<JsonObject>([
    { matchLabels: { tenant } },
    { matchLabels: { tenant } },
    { matchLabels: { tenant } },
    { matchExpressions: [{ key: 'tenant', operator: 'In', values: [tenant] }] },
    { matchExpressions: [{ key: 'tenant', operator: 'NotIn', values: ['press'] }] },
    { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'Exists' }] },
  ])
  const spec = { namespaceSelector, domains: [...draw.pick(DOMAINS)], wildcards: draw.chance(0.5) }
  return {
    at,
    do: 'administer',
    object: { apiVersion: 'certwright.dev/v1alpha1', kind: 'CertificatePolicy', metadata: { name: tenant }, spec },
  }
}
