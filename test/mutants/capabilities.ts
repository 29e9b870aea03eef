import type { Step } from '../../src/sim/simulation/steps.ts'
import { type Mutant, patch } from './mutant.ts'
import { applied, asking, at, MINUTE, QUICK, script, SHORT_LIVES } from './stages.ts'

/** The class by which all its objects ask for a certificate. */
const CLASS_ASKS: Step = at(0, {
  do: 'administer',
  object: {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'alb', annotations: { 'certwright.dev/certificate': 'true' } },
    spec: { controller: 'ingress.k8s.aws/alb' },
  },
})

/** The namespace of the first two places, by which all its objects ask for a certificate. */
const NAMESPACE_ASKS: Step = at(0, {
  do: 'administer',
  object: {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'default', labels: { 'certwright.dev/certificate': 'true' } },
  },
})

/** What an annotation, a class or a setting asks for beside a certificate. */
export const CAPABILITIES: readonly Mutant[] = [
  {
    name: 'tags of an object may be ours, and win over ours',
    stage: script(
      [
        ...asking(0, [0]),
        ...asking(1, [1], { 'certwright.dev/tags': 'certwright.dev/owner=0123456789ab' }),
        at(20, { do: 'annotate', ingress: 1, annotations: { 'certwright.dev/tags': null } }),
      ],
      { aws: QUICK },
    ),
    breaks: 'A certificate says that it belongs to another cluster, and is requested again for ever.',
    expected: ['S8'],
    world: 'program',
    patches: [
      patch(
        'core/tag-list.ts',
        "if (key.startsWith('certwright.dev/')) return `the key \"${key}\" is one of Certwright's own`",
        '',
      ),
    ],
  },
  {
    name: 'a tag that somebody else put there is taken away',
    stage: script(
      [
        ...asking(0, [0], { 'certwright.dev/tags': 'stage=test' }),
        at(20, { do: 'retag', index: 0, disowns: false }),
        at(90, { do: 'annotate', ingress: 0, annotations: { 'certwright.dev/tags': 'stage=prod' } }),
      ],
      { aws: QUICK },
    ),
    breaks: 'Whoever finds costs or owners by tags of their own does not find them any more.',
    expected: ['S2'],
    world: 'program',
    patches: [
      patch(
        'core/tags.ts',
        'const managed = [...(entryOf(arn, own.key, situation)?.tags ?? []), TAG.deletionPolicy]',
        'const managed = Object.keys(present).filter((key) => !key.startsWith(OWN_PREFIX) || key === TAG.deletionPolicy)',
      ),
    ],
  },
  {
    name: 'a deletion policy of retain is forgotten',
    stage: script(
      [...asking(0, [0], { 'certwright.dev/deletion-policy': 'retain' }), at(20, { do: 'delete', ingress: 0 })],
      { aws: QUICK },
    ),
    breaks: 'A certificate that others use too is deleted with the object.',
    expected: ['S6'],
    world: 'program',
    patches: [
      patch('core/tags.ts', "tags[TAG.deletionPolicy] === 'retain' ||", "tags[TAG.deletionPolicy] === 'keep' ||"),
    ],
  },
  {
    name: 'a class that asks is heard although the object says no',
    stage: script([CLASS_ASKS, at(0.1, applied(0, [0], { asks: 'false' }))], { aws: QUICK }),
    breaks: 'An object that opted out gets a certificate, and loses what discovery found for it.',
    expected: ['S2'],
    world: 'program',
    patches: [
      patch(
        'sources/ingress.ts',
        'if (own !== undefined) {\n    return askedBy',
        "if (own !== undefined && own !== 'false') {\n    return askedBy",
      ),
    ],
  },
  {
    name: 'the label of a namespace is heard before the object',
    stage: script([NAMESPACE_ASKS, at(0.1, applied(0, [0], { asks: 'false' }))], { aws: QUICK }),
    breaks: 'An object that opted out gets a certificate, and loses what discovery found for it.',
    expected: ['S2'],
    world: 'program',
    patches: [
      patch(
        'sources/ingress.ts',
        'if (own !== undefined) {\n    return askedBy',
        'if (own !== undefined && namespaces.get(ingress.ref.namespace)?.labels[ANNOTATION.certificate] === undefined) {\n    return askedBy',
      ),
    ],
  },
  {
    name: 'the label of a namespace asks for nothing',
    stage: script([NAMESPACE_ASKS, at(0.1, applied(0, [0], { asks: null }))], { aws: QUICK }),
    breaks: 'A team that asks for certificates once for all its objects gets none.',
    expected: ['L1'],
    world: 'program',
    patches: [patch('sources/ingress.ts', 'if (label !== undefined) {', "if (label === 'false') {")],
  },
  {
    name: 'the owner in the tags is not looked at',
    stage: script(
      [
        at(0, applied(0, [0])),
        at(20, { do: 'duplicate', index: 0, tagged: true, forMs: 120 * MINUTE }),
        at(90, { do: 'delete', ingress: 0 }),
      ],
      { aws: QUICK },
    ),
    breaks: 'Two clusters of one name delete the certificates of each other.',
    expected: ['S2'],
    world: 'program',
    patches: [patch('core/inventory.ts', 'if (owner === settings.owner) return', 'if (owner !== undefined) return')],
  },
  {
    name: 'who signs is no part of what is wished',
    stage: script([...asking(0, [0]), at(20, { do: 'signer', ingress: 0, authority: 0 })], { aws: QUICK }),
    breaks: 'An object that asks for a private CA goes on with the public certificate, and says that it is ready.',
    expected: ['L1'],
    world: 'program',
    patches: [
      patch(
        'core/wish.ts',
        "const issuer = wish.issuer.kind === 'amazon' ? 'amazon' : wish.issuer.authority",
        "const issuer = 'amazon'",
      ),
    ],
  },
  {
    name: 'what ACM cannot renew is not spoken of',
    stage: script(asking(0, [0, 1]), SHORT_LIVES),
    breaks: 'A certificate runs out, and nobody was told.',
    expected: ['L7'],
    world: 'program',
    patches: [
      patch(
        'core/renewal.ts',
        'const risk = riskOf({ own, said, obstacles, late, situation })',
        'const risk = late && !late ? riskOf({ own, said, obstacles, late, situation }) : undefined',
      ),
    ],
  },
  {
    name: 'the neighbours of a name that cannot be renewed end with it',
    stage: script(asking(0, [0, 1]), SHORT_LIVES),
    breaks: 'One host without its record takes all others of its object along.',
    expected: ['L1', 'L3', 'S1'],
    because: 'what runs out is served no longer, and the others of the object are as good as any',
    world: 'program',
    patches: [patch('core/renewal.ts', 'late && blamed.size > 0\n', 'late && blamed.size > 1_000\n')],
  },
  {
    name: 'hosts that come and go cost what they like',
    stage: script(
      [
        ...asking(0, [0]),
        ...Array.from({ length: 20 }, (_, index) =>
          at(5 + index, { do: 'hosts', ingress: 0, hosts: [index % 4, 8 + (index % 12)] } as const),
        ),
      ],
      { aws: QUICK },
    ),
    breaks: 'One object that a script edits every minute uses up the requests of a year.',
    expected: ['Q2'],
    world: 'program',
    patches: [
      patch('core/budget.ts', 'if (at <= now) return undefined', 'if (at <= now || at > now) return undefined'),
    ],
  },
  {
    name: 'requests whose certificates are gone are not counted',
    stage: script(
      [0, 1, 2, 3, 4].flatMap((round) => [
        at(round * 40, applied(round, [round * 2 + 8])),
        at(round * 40, applied((round + 1) % 6, [round * 2 + 9])),
        at(round * 40 + 15, { do: 'delete', ingress: round } as const),
        at(round * 40 + 15, { do: 'delete', ingress: (round + 1) % 6 } as const),
      ]),
      { aws: QUICK, retireAfter: 0, flags: { 'request-budget': '6' } },
    ),
    breaks: 'The yearly quota of AWS, in which deleted certificates count, is used up unawares.',
    expected: ['Q1'],
    world: 'program',
    patches: [
      patch(
        'core/budget.ts',
        'const own = Math.max(requestsOfYear(record, now) - refused, ofYear(inventory.own.values(), now).length)',
        'const own = Math.max(Math.min(0, requestsOfYear(record, now) - refused), ofYear(inventory.own.values(), now).length)',
      ),
    ],
  },
  {
    name: 'a certificate that stands by is published at once',
    stage: script(
      [
        at(0, applied(0, [0], { asks: null })),
        at(0.05, { do: 'takeOver', ingress: 0 }),
        at(0.1, { do: 'annotate', ingress: 0, annotations: { 'certwright.dev/certificate': 'standby' } }),
      ],
      { aws: QUICK, foreign: [[0]] },
    ),
    breaks: 'The certificate that somebody else chose is displaced before they let it go.',
    expected: ['S2'],
    world: 'program',
    patches: [
      patch(
        'core/publish.ts',
        "if (claim.ingress.deleting || annotation.kind === 'foreign' || !claim.inScope) return NOTHING",
        "const standsBy = claim.request.kind === 'wanted' && claim.request.standby\n  if (claim.ingress.deleting || (annotation.kind === 'foreign' && !standsBy) || !claim.inScope) return NOTHING",
      ),
      patch(
        'core/publish.ts',
        "force: member.annotation.kind === 'empty' ||",
        "force: member.annotation.kind === 'foreign' || member.annotation.kind === 'empty' ||",
      ),
    ],
  },
  {
    name: 'another key algorithm takes the old certificate out first',
    stage: script(
      [
        ...asking(0, [0]),
        at(20, { do: 'annotate', ingress: 0, annotations: { 'certwright.dev/key-algorithm': 'EC_prime256v1' } }),
      ],
      { aws: QUICK },
    ),
    breaks: 'Until the new one is issued nothing is served.',
    expected: ['S1'],
    world: 'program',
    patches: [
      patch(
        'core/publish.ts',
        '  const alive = member.listed.filter((arn) => !dead.includes(arn))\n  // What the load',
        '  const alive = member.listed.filter((arn) => !dead.includes(arn))\n  const wished = context.wishes.resolutions.get(member.claim.ingress.ref.uid)?.key\n  if (wished !== undefined && alive.length > 0 && alive.every((arn) => situation.inventory.own.get(arn)?.key !== wished))\n    return { ...NOTHING, additions, action: write(context, []) }\n  // What the load',
      ),
    ],
  },
]
