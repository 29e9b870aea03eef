import { type Mutant, patch } from './mutant.ts'
import {
  ALL_GONE,
  applied,
  at,
  comesBackUnheard,
  MINUTE,
  QUICK,
  script,
  scripts,
  SIX,
  SIX_PLACES,
  UNHEARD,
} from './stages.ts'

/** What goes, when, and what must not. */
export const RETIRING: readonly Mutant[] = [
  {
    name: 'nothing is read again before a deletion',
    first: 2,
    breaks: 'What somebody began to use a moment before is deleted.',
    expected: ['S5', 'S6'],
    because: 'the deletion rests on old reads, whether or not anybody uses the certificate',
    world: 'program',
    patches: [
      patch(
        'loop/perform.ts',
        'const [ingresses] = await Promise.all([\n    readIngresses(hands, signal),',
        'const [ingresses] = await Promise.all([\n    Promise.resolve([]),',
      ),
    ],
  },
  {
    name: 'the plan is not asked again after the fresh reads',
    stage: scripts((seed) => comesBackUnheard(0, seed), UNHEARD),
    breaks: 'The reads are made and nobody looks at what they say.',
    expected: ['S6'],
    world: 'program',
    patches: [patch('loop/perform.ts', 'if (!again) throw new Outdated(`${arn} is wanted or in use after all`)', '')],
  },
  {
    name: 'what an object lists is not kept',
    stage: script([
      at(0, { do: 'lbcRestart', downMs: 120 * MINUTE }),
      at(0.1, applied(0, [0])),
      at(20, { do: 'hosts', ingress: 0, hosts: [1] }),
    ]),
    breaks: 'An ARN in an annotation leads nowhere, and the load balancer is not built any more.',
    expected: ['S6'],
    world: 'program',
    patches: [patch('core/keep.ts', "if (situation.listings.has(certificate.arn)) return 'Listed'", '')],
  },
  {
    name: 'what discovery may serve is not kept',
    stage: script([
      at(0, { do: 'lbcRestart', downMs: 120 * MINUTE }),
      at(0.1, applied(0, [0])),
      at(0.2, applied(1, [0], { group: null, asks: null })),
      at(20, { do: 'delete', ingress: 0 }),
    ]),
    breaks: 'An object that lists nothing loses the certificate that the load balancer found for it.',
    expected: ['S6'],
    world: 'program',
    patches: [
      patch(
        'core/keep.ts',
        "if (isHealthy(certificate, situation.now) && openHosts.coversAny(certificate)) return 'Discoverable'",
        '',
      ),
    ],
  },
  {
    name: 'what was published is known only by the wish (whole program)',
    stage: script(
      [
        at(0, applied(0, [0])),
        at(20, { do: 'ask', ingress: 0, value: 'ture' }),
        at(20.1, { do: 'takeOver', ingress: 0 }),
      ],
      { foreign: [[1]] },
    ),
    breaks: 'While a successor is pending, what serves in its place is deleted.',
    expected: ['S6', 'S1', 'L1'],
    world: 'program',
    patches: [
      patch('core/keep.ts', "if (needed.has(certificate.arn)) return 'Published'", ''),
      patch(
        'core/keep.ts',
        "if (!isOver && (heldKeys.has(key) || heldHosts.coversAny(certificate))) return 'HeldClaim'",
        '',
      ),
    ],
  },
  {
    name: 'no grace',
    stage: script([at(0, applied(0, [0])), at(25, { do: 'delete', ingress: 0 })], { retireAfter: 60 * MINUTE }),
    breaks: 'Whoever deletes and restores an object waits for a new certificate.',
    expected: ['S6'],
    world: 'program',
    patches: [
      patch(
        'core/retire.ts',
        'const dueAt = (unwanted.releasedAt ?? unwanted.since) + settings.retireAfter',
        'const dueAt = (unwanted.releasedAt ?? unwanted.since) + Math.min(settings.retireAfter, BETWEEN_LOOKS)',
      ),
    ],
  },
  {
    name: 'grace counts from the end of the wish',
    stage: script(
      [
        at(0, applied(0, [0])),
        at(20, { do: 'hosts', ingress: 0, hosts: [0, 1] }),
        at(20.5, { do: 'lbcPause', forMs: 30 * MINUTE }),
      ],
      { aws: QUICK },
    ),
    breaks: 'What was listed until a moment ago is deleted at once, since its wish ended long before.',
    expected: ['S6'],
    world: 'program',
    patches: [
      patch(
        'core/retire.ts',
        'return { since: now, because, braked: false, releasedAt: undefined }',
        'const since = ledger.certificates?.get(own.key)?.shown.verdict.since ?? now\n    return { since, because, braked: false, releasedAt: undefined }',
      ),
    ],
  },
  {
    name: 'no brake (whole program)',
    stage: script(ALL_GONE),
    breaks: 'Deleting a namespace by mistake deletes its certificates a day later.',
    expected: ['S7'],
    world: 'program',
    patches: [patch('core/retire.ts', 'if (!settings.retireBrake)', 'if (settings.retireBrake)')],
  },
  {
    name: 'the brake releases itself',
    stage: script(ALL_GONE),
    breaks: 'A mass retirement goes on after an hour, though nobody looked at it.',
    expected: ['S7'],
    world: 'program',
    patches: [
      patch(
        'core/retire.ts',
        'return before.braked && approved ?',
        'return before.braked && (approved || now - before.since > HOUR) ?',
      ),
    ],
  },
  {
    name: 'the brake forgets what is deleted already',
    stage: script(
      [...SIX, ...SIX_PLACES.map((place) => at(25 + 4 * place, { do: 'delete', ingress: place } as const))],
      { retireAfter: 0, aws: QUICK },
    ),
    breaks: 'Where the grace period is short, a mass retirement goes on a few certificates at a time.',
    expected: ['S7'],
    world: 'program',
    patches: [
      patch(
        'core/retire.ts',
        'const deleted = deletedLately(situation)',
        'const deleted = Math.min(0, deletedLately(situation))',
      ),
    ],
  },
  {
    name: 'the brake holds what was replaced too',
    stage: script([
      ...[0, 1, 2, 3].map((place) => at(0, applied(place, [place], { group: null }))),
      ...[0, 1, 2, 3].map((place) => at(20, { do: 'hosts', ingress: place, hosts: [place, 5] } as const)),
    ]),
    breaks: 'After a day of edits nothing is ever deleted.',
    expected: ['L2'],
    world: 'program',
    patches: [
      patch(
        'core/retire.ts',
        "return because === 'namesGone' && releasedAt",
        "return because !== 'nothing' && releasedAt",
      ),
    ],
  },
  {
    name: 'certificates are never deleted',
    stage: script(ALL_GONE, { retireBrake: false }),
    breaks: 'The account fills up.',
    expected: ['L2'],
    world: 'program',
    patches: [
      patch(
        'core/retire.ts',
        "action: { kind: 'deleteCertificate', arn, key: own.key, unwantedSince: unwanted.since },",
        'action: undefined,',
      ),
    ],
  },
]
