import { type Mutant, patch } from './mutant.ts'
import { all, deed, places } from './needs.ts'

/** Everything is deleted and not restored, at least five objects, and the brake is on. */
const MASS = all(
  ({ retireBrake }) => retireBrake,
  deed('massDelete', { which: ({ restoreAfter }) => restoreAfter === null }),
  places(5),
)

/** What goes, when, and what must not. */
export const RETIRING: readonly Mutant[] = [
  {
    name: 'nothing is read again before a deletion',
    breaks: 'What somebody began to use a moment before is deleted.',
    expected: ['S5', 'S6'],
    because: 'the deletion rests on old reads, whether or not anybody uses the certificate',
    world: 'program',
    patches: [
      patch(
        'loop/perform.ts',
        'for (const ingress of await readIngresses(hands, signal)) facts.setIngress(ingress)',
        '',
      ),
    ],
  },
  {
    name: 'the plan is not asked again after the fresh reads',
    breaks: 'The reads are made and nobody looks at what they say.',
    expected: ['S6'],
    world: 'program',
    patches: [patch('loop/perform.ts', 'if (!again) throw new Outdated(`${arn} is wanted or in use after all`)', '')],
  },
  {
    name: 'what an object lists is not kept',
    breaks: 'An ARN in an annotation leads nowhere, and the load balancer is not built any more.',
    expected: ['S6'],
    world: 'program',
    patches: [patch('core/keep.ts', "if (situation.listings.has(certificate.arn)) return 'Listed'", '')],
  },
  {
    name: 'what discovery may serve is not kept',
    breaks: 'An object that lists nothing loses the certificate that the load balancer found for it.',
    expected: ['S6'],
    world: 'program',
    patches: [patch('core/keep.ts', "if (openHosts.coversAny(certificate)) return 'Discoverable'", '')],
  },
  {
    name: 'what was published is known only by the wish (whole program)',
    breaks: 'While a successor is pending, what serves in its place is deleted.',
    expected: ['S6', 'S1', 'L1'],
    world: 'program',
    patches: [
      patch('core/keep.ts', "if (needed.has(certificate.arn)) return 'Published'", ''),
      patch('core/keep.ts', "if (heldKeys.has(key) || heldHosts.coversAny(certificate)) return 'HeldClaim'", ''),
    ],
  },
  {
    name: 'no grace',
    needs: ({ retireAfter }) => retireAfter > 600_000,
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
    name: 'grace goes on over a time in which it was wanted',
    breaks: 'Who deletes an object a second time finds no grace left.',
    expected: ['S6'],
    world: 'program',
    patches: [
      patch(
        'core/remember.ts',
        'unwanted: retirements.get(arn)?.unwanted,',
        'unwanted: retirements.get(arn)?.unwanted ?? before?.unwanted,',
      ),
    ],
  },
  {
    name: 'no brake (whole program)',
    needs: MASS,
    breaks: 'Deleting a namespace by mistake deletes its certificates a day later.',
    expected: ['S7'],
    world: 'program',
    patches: [patch('core/retire.ts', 'if (!settings.retireBrake)', 'if (settings.retireBrake)')],
  },
  {
    name: 'the brake releases itself',
    needs: MASS,
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
    needs: MASS,
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
