import type { Breach, Law } from './law-book.ts'
import type { Move } from './moves.ts'
import type { Hands } from './perform.ts'
import type { Run } from './run.ts'
import { play } from './run.ts'

export interface Shrunk {
  readonly run: Run
  readonly moves: readonly Move[]
  readonly breach: Breach
  readonly story: readonly string[]
}

/** How many times a run is played at most while it is made shorter. */
const MOST_PLAYS = 400

/** The shortest run that still breaks the same law, as far as leaving out moves, objects and certificates finds it; and its story. */
export function shrink(run: Run, law: Law, hands: Hands = {}): Shrunk {
  let best = run
  let plays = 0
  const breaks = (candidate: Run) => plays++ < MOST_PLAYS && play(candidate, hands).breach?.law === law
  for (let size = Math.ceil(best.moves.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < best.moves.length; ) {
      const moves = [...best.moves.slice(0, at), ...best.moves.slice(at + size)]
      if (breaks({ ...best, moves })) best = { ...best, moves }
      else at += size
    }
  }
  for (const candidate of simpler(best)) if (breaks(candidate)) best = { ...best, scope: candidate.scope }
  for (let at = best.moves.length - 1; at >= 0; at--) {
    const moves = best.moves.filter((_, index) => index !== at)
    if (breaks({ ...best, moves })) best = { ...best, moves }
  }
  const story: string[] = []
  const { breach } = play(best, hands, story)
  return {
    run: best,
    moves: best.moves,
    breach: breach ?? { law, sentence: 'it does not break when it is played again' },
    story,
  }
}

function* simpler({ scope, moves }: Run): Iterable<Run> {
  for (const ingress of scope.ingresses)
    yield { scope: { ...scope, ingresses: scope.ingresses.filter((other) => other !== ingress) }, moves }
  if (scope.foreign.length > 0) yield { scope: { ...scope, foreign: [] }, moves }
  if (scope.bad !== '') yield { scope: { ...scope, bad: '' }, moves }
  if (!scope.atomicLooks) yield { scope: { ...scope, atomicLooks: true }, moves }
}
