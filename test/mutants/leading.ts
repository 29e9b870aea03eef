import { type Mutant, patch } from './mutant.ts'
import { applied, at, busy, newsOfOthers, QUICK, script, scripts, SLOW_RECORDS, stopped, told, TWO } from './stages.ts'

/** Who of two replicas acts; what is written at rest. */
export const LEADING: readonly Mutant[] = [
  {
    name: 'no fence',
    stage: scripts(stopped, TWO),
    breaks: 'A process that was suspended writes after another took over.',
    expected: ['S5'],
    world: 'program',
    patches: [patch('loop/controller.ts', 'if (!election.holdsFor(CALL_LIMIT_MS)) throw new LeaseLost()', '')],
  },
  {
    name: 'the fence asks only whether the lease is held now',
    first: 2,
    stage: scripts(
      (seed) => [
        at(0, applied(0, [0])),
        at(5, applied(1, [1])),
        at(5.2 + (seed % 10) / 100, { do: 'apiDown', forMs: 90_000 }),
      ],
      { aws: SLOW_RECORDS, rates: { 'aws delay': 0.5 } },
    ),
    breaks: 'A write that is under way takes effect after the lease passed to another.',
    expected: ['S5'],
    world: 'program',
    patches: [patch('loop/controller.ts', 'if (!election.holdsFor(CALL_LIMIT_MS))', 'if (!election.leading())')],
  },
  {
    name: 'a leader believes in its lease for as long as it gets no answer',
    stage: scripts(stopped, TWO),
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
    first: 2,
    stage: scripts(busy, TWO),
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
    stage: script([at(0, applied(0, [0]))], { replicas: 2, mischief: true }),
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
    stage: scripts(told, TWO),
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
    breaks: 'The ledger is written every ten minutes for ever.',
    expected: ['L5'],
    world: 'program',
    patches: [
      patch(
        'core/remember.ts',
        'standing(verdict, before?.shown.verdict, now)',
        'standing(verdict, undefined, Math.floor(now / 600_000) * 600_000)',
      ),
    ],
  },
  {
    name: 'a restart says what it has not asked yet (whole program)',
    first: 2,
    breaks: 'At each start every claim says for a moment that nothing is known.',
    expected: ['L6', 'O1'],
    world: 'program',
    patches: [
      patch(
        'core/plan.ts',
        'if (before && !isOriented(member, situation)) {',
        'if (before && !isOriented(member, situation) && situation.now < 0) {',
      ),
      patch('core/plan.ts', 'if (!isOver && !isOriented(member, situation)) continue', ''),
    ],
  },
  {
    name: 'a minute passes between two plans',
    stage: script([at(0, applied(0, [0])), at(20, { do: 'hosts', ingress: 0, hosts: [0, 1] })], { aws: QUICK }),
    breaks: 'Nobody sees anything happen after an edit.',
    expected: ['L8'],
    world: 'program',
    patches: [patch('loop/loop.ts', 'const SHORTEST_REST_MS = 25', 'const SHORTEST_REST_MS = 60_000')],
  },
  {
    name: 'a rest that news ended sleeps on',
    stage: script([at(0, applied(0, [0])), ...newsOfOthers(1)], { aws: QUICK }),
    breaks: 'Each plan leaves a timer behind for up to an hour.',
    expected: ['R1'],
    world: 'program',
    patches: [patch('loop/wake.ts', '      stop.abort(IN_TIME)\n', '')],
  },
]
