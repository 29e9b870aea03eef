import type { Step } from '../../src/sim/simulation/steps.ts'
import { type Mutant, patch } from './mutant.ts'
import { applied, at, QUICK, script } from './stages.ts'

/** The one policy, for all namespaces. */
function allowed(minutes: number, domain: string): Step {
  return at(minutes, {
    do: 'administer',
    object: {
      apiVersion: 'certwright.dev/v1alpha1',
      kind: 'CertificatePolicy',
      metadata: { name: 'all' },
      spec: { namespaceSelector: {}, domains: [domain] },
    },
  })
}

const ENFORCED = { aws: QUICK, flags: { 'policy-mode': 'enforce' } }

/** What a namespace may have, and what it keeps. */
export const POLICIES: readonly Mutant[] = [
  {
    name: 'policies are not asked about the second name',
    stage: script([allowed(0, 'a.example.com'), at(0.1, applied(0, [0, 1]))], ENFORCED),
    breaks: 'A team gets a certificate for the host of another by asking for it beside its own.',
    expected: ['A1'],
    world: 'program',
    patches: [
      patch(
        'core/wishes.ts',
        'policyVerdict(name, claim.ingress, situation) ??',
        '(name === part[1] ? undefined : policyVerdict(name, claim.ingress, situation)) ??',
      ),
      patch(
        'core/policy.ts',
        '    names.map((name) => policyVerdict',
        '    names.slice(0, 1).map((name) => policyVerdict',
      ),
    ],
  },
  {
    name: 'a name that is not allowed any more unpublishes what is served',
    stage: script([allowed(0, 'example.com'), at(0.1, applied(0, [0, 1])), allowed(20, 'a.example.com')], ENFORCED),
    breaks: 'A policy that becomes stricter takes hosts from the load balancer at once, allowed ones too.',
    expected: ['S1'],
    world: 'program',
    patches: [
      patch(
        'core/publish.ts',
        "import type { Places } from './capacity.ts'",
        "import type { Places } from './capacity.ts'\nimport { policyVerdict } from './policy.ts'",
      ),
      patch(
        'core/publish.ts',
        '  const alive = member.listed.filter((arn) => !dead.includes(arn))\n  // What the load',
        "  const alive = member.listed.filter((arn) => !dead.includes(arn))\n  const { ingress, hosts } = member.claim\n  if (alive.length > 0 && hosts.some((name) => policyVerdict(name, ingress, situation)?.state === 'Refused'))\n    return { ...NOTHING, additions, action: write(context, []) }\n  // What the load",
      ),
    ],
  },
]
