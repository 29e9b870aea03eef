import type { Fact } from '../aws/fact.ts'
import { inProcess } from '../aws/harness.ts'
import { simulatedSite } from '../aws/simulated-site.ts'
import type { Site } from '../aws/site.ts'
import { Inventory } from './inventory.ts'

export interface Rehearsal {
  readonly certificates: number
  readonly issued: number
  readonly records: number
  readonly hostedZones: number
  readonly loadBalancers: number
  /** How long it takes, as AWS is simulated. */
  readonly milliseconds: number
}

/** What a run makes, found out by a run on the simulated AWS. */
export async function rehearse(facts: readonly Fact[]): Promise<Rehearsal> {
  const world = await inProcess()
  const inventory = new Inventory()
  const began = world.clock.monotonic()
  try {
    const site = simulatedSite(world, inventory)
    for (const fact of facts) await tryOn(site, fact)
    const { events } = world.aws
    return {
      certificates: events.of('certificateRequested').length,
      issued: events.of('certificateIssued').length,
      records: inventory.written,
      hostedZones: events.of('hostedZoneCreated').length - 1,
      loadBalancers: events.of('loadBalancerCreated').length,
      milliseconds: world.clock.monotonic() - began,
    }
  } finally {
    await world.close()
  }
}

/**
 * Tries one fact.
 * @returns of an open question the answer that holds here.
 * @throws what says that the fact does not hold.
 */
export async function tryOn(site: Site, fact: Fact): Promise<string | undefined> {
  switch (fact.on) {
    case 'anywhere':
      await fact.check(site)
      return undefined
    case 'both readings':
      return fact.ask.of === 'anybody' ? fact.ask.look(site) : undefined
    case 'simulator':
      return undefined
  }
}
