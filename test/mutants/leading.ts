import { type Mutant, patch } from './mutant.ts'
import { all, any, deed, fault, twoReplicas } from './needs.ts'

/** Who of two replicas acts; what is written at rest. */
export const LEADING: readonly Mutant[] = [
  {
    name: 'no fence',
    needs: all(twoReplicas, any(deed('freeze'), deed('apiDown'))),
    breaks: 'A process that was suspended writes after another took over.',
    expected: ['S5'],
    world: 'program',
    patches: [patch('loop/controller.ts', 'if (!election.holdsFor(CALL_LIMIT_MS)) throw new LeaseLost()', '')],
  },
  {
    name: 'the fence asks only whether the lease is held now',
    needs: all(twoReplicas, ({ leaseMs }) => leaseMs < 60_000, any(fault('aws delay'), fault('kube delay'))),
    breaks: 'A write that is under way takes effect after the lease passed to another.',
    expected: ['S5'],
    world: 'program',
    patches: [patch('loop/controller.ts', 'if (!election.holdsFor(CALL_LIMIT_MS))', 'if (!election.leading())')],
  },
  {
    name: 'a leader believes in its lease for as long as it gets no answer',
    needs: all(twoReplicas, any(deed('freeze'), deed('apiDown'))),
    breaks: 'Two replicas act at the same time.',
    expected: ['S5', 'S3'],
    because: 'two that act request the same',
    world: 'program',
    patches: [
      patch(
        'kube/lease.ts',
        'return !this.#stopped.signal.aborted && this.#heldUntil - this.#options.clock.monotonic() > milliseconds',
        'return !this.#stopped.signal.aborted && this.#heldUntil > milliseconds',
      ),
    ],
  },
  {
    name: 'who stands by takes the lease after half its time',
    needs: twoReplicas,
    breaks: 'Two replicas act at the same time.',
    expected: ['S5'],
    world: 'program',
    patches: [
      patch(
        'kube/lease.ts',
        'return this.#seen.at + duration - this.#options.clock.monotonic()',
        'return this.#seen.at + duration / 10 - this.#options.clock.monotonic()',
      ),
    ],
  },
  {
    name: 'who stands by waits twice as long as it should',
    needs: all(twoReplicas, ({ mischief }) => mischief),
    breaks: 'After the death of the leader nobody acts for minutes.',
    expected: ['L9'],
    world: 'program',
    patches: [
      patch(
        'kube/lease.ts',
        'return this.#seen.at + duration - this.#options.clock.monotonic()',
        'return this.#seen.at + duration * 2 - this.#options.clock.monotonic()',
      ),
    ],
  },
  {
    name: 'the lease is given back before the work is done',
    needs: all(twoReplicas, deed('terminate')),
    breaks: 'A process that is told to stop writes while its successor leads.',
    expected: ['S5'],
    world: 'program',
    patches: [
      patch(
        'loop/controller.ts',
        '  role(false)\n  try {\n    while',
        "  signal.addEventListener('abort', () => void election.stop())\n  role(false)\n  try {\n    while",
      ),
      patch(
        'loop/controller.ts',
        'if (!election.holdsFor(CALL_LIMIT_MS)) throw new LeaseLost()',
        'if (!signal.aborted && !election.holdsFor(CALL_LIMIT_MS)) throw new LeaseLost()',
      ),
    ],
  },
  {
    name: 'since when a certificate stands is written anew each time',
    breaks: 'The ledger is written without end.',
    expected: ['L5'],
    world: 'program',
    patches: [
      patch(
        'core/remember.ts',
        'verdict: standing(verdict, before?.shown.verdict, now)',
        'verdict: standing(verdict, undefined, now)',
      ),
    ],
  },
  {
    name: 'a restart says what it has not asked yet (whole program)',
    breaks: 'At each start every claim says for a moment that nothing is known.',
    expected: ['L6', 'O1'],
    world: 'program',
    patches: [
      patch(
        'core/plan.ts',
        'if (before && !isOriented(member, situation)) {',
        'if (before && !isOriented(member, situation) && situation.now < 0) {',
      ),
      patch('core/plan.ts', 'if (!isOriented(member, situation)) continue', ''),
    ],
  },
]
