import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AwsHarness, AwsHarnessFactory, Enter } from './aws/harness.ts'
import type { Fact } from './aws/fact.ts'
import { simulatedSite } from './aws/simulated-site.ts'
import { identityOf, titleOf } from './aws/tally.ts'

/**
 * What Certwright relies on in AWS, said through the SDK's clients, a fact a test, on a simulated AWS. Each name ends with how the fact is
 * known; where it can be read stands beside it, in `aws/facts`. `ran` takes up what was found true.
 */
export function awsContract(options: {
  name: string
  make: AwsHarnessFactory
  facts: readonly Fact[]
  ran: Set<string>
}): void {
  const { name, make, facts, ran } = options
  describe(name, () => {
    let open: AwsHarness[] = []
    beforeEach(() => {
      open = []
    })
    afterEach(async () => {
      for (const harness of open) await harness.close()
    })
    const enter: Enter = async (settings) => {
      const harness = await make(settings)
      open.push(harness)
      return harness
    }
    for (const [area, told] of Map.groupBy(facts, (fact) => fact.area)) {
      describe(area, () => {
        for (const fact of told) {
          test(titleOf(fact), async () => {
            await tryOut(fact, enter)
            ran.add(identityOf(fact))
          })
        }
      })
    }
  })
}

async function tryOut(fact: Fact, enter: Enter): Promise<void> {
  switch (fact.on) {
    case 'anywhere':
      return fact.check(simulatedSite(await enter()))
    case 'simulator':
      return fact.check(enter)
    case 'both readings': {
      const { ask, readings } = fact
      for (const reading of readings) {
        const world = await enter(reading.settings)
        const found = ask.of === 'anybody' ? await ask.look(simulatedSite(world)) : await ask.look(world)
        expect(found).toBe(reading.name)
      }
    }
  }
}
