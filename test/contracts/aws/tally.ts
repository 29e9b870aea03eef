import { canRunOnAccount, type Fact } from './fact.ts'

/** When a fact was last found true on a real account; by its identity. */
export type AccountRuns = Readonly<Record<string, string>>

/** What a fact is known by between runs. */
export function identityOf({ area, says }: Pick<Fact, 'area' | 'says'>): string {
  return `${area}: ${says}`
}

/** How a fact is told in a test's name. */
export function titleOf({ says, source }: Fact): string {
  return `${says} (${source.mark})`
}

/** How many facts there are, how they are known, and how many of them nobody ever tried on AWS itself. */
export function tally(facts: readonly Fact[], simulated: ReadonlySet<string>, runs: AccountRuns): string[] {
  const count = (condition: (fact: Fact) => boolean) => facts.filter(condition).length
  const onAws = count((fact) => identityOf(fact) in runs)
  const obstacles = new Map<string, number>()
  for (const fact of facts) {
    if (canRunOnAccount(fact)) continue
    const because =
      fact.on === 'simulator'
        ? fact.because
        : fact.on === 'both readings' && 'because' in fact.ask
          ? fact.ask.because
          : ''
    obstacles.set(because, (obstacles.get(because) ?? 0) + 1)
  }
  const marks = (['documented', 'observed by others', 'open'] as const).map(
    (mark) => `${count(({ source }) => source.mark === mark)} ${mark}`,
  )
  return [
    `Facts of AWS: ${facts.length} (${marks.join(', ')}).`,
    `Run on the simulated AWS: ${count((fact) => simulated.has(identityOf(fact)))}; open ones in both readings.`,
    `Run on AWS itself: ${onAws}. Never run on the real thing: ${facts.length - onAws}, of which an account can be asked ${count((fact) => canRunOnAccount(fact) && !(identityOf(fact) in runs))}.`,
    `The others cannot be tried there: ${[...obstacles].map(([because, number]) => `${number} ${because}`).join('; ')}.`,
  ]
}
