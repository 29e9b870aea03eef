import type { AwsSettings } from '../../../src/sim/aws/settings.ts'
import type { Story } from '../../stories/story.ts'
import type { AwsHarness, Enter } from './harness.ts'
import type { Site } from './site.ts'
import type { Source } from './source.ts'

/** Why a fact cannot be tried on an account of one's own. */
export type Obstacle =
  | 'days or hours must pass'
  | 'faults must be made'
  | 'a quota would be used up'
  | 'a second account is needed'
  | 'AWS must be told how to behave'
  | 'public DNS must be broken'
  | 'mail would be sent'
  | 'a private network is needed'
  | 'many load balancers are needed'

interface Told {
  /** The part of AWS that it is about. */
  readonly area: string
  /** The fact, in a sentence. */
  readonly says: string
  readonly source: Source
}

/** A fact that is tried wherever there is AWS, real or simulated. */
export interface PortableFact extends Told {
  readonly on: 'anywhere'
  /** On a real account only where there is what it needs. */
  readonly needs: 'a load balancer' | undefined
  readonly check: (site: Site) => Promise<void>
}

/** A fact that only a simulated AWS lets one try. */
export interface SimulatedFact extends Told {
  readonly on: 'simulator'
  readonly because: Obstacle
  readonly check: (enter: Enter) => Promise<void>
}

/**
 * A question that has two answers as far as anybody knows. The simulated AWS gives either, and the program's promises hold in both; a real
 * account, where it can be asked, tells which answer holds there.
 */
export interface OpenFact extends Told {
  readonly on: 'both readings'
  readonly readings: readonly [Reading, Reading]
  /** Gives the name of the reading that holds. */
  readonly ask:
    | { readonly of: 'anybody'; readonly look: (site: Site) => Promise<string> }
    | {
        readonly of: 'the simulator'
        readonly because: Obstacle
        readonly look: (world: AwsHarness) => Promise<string>
      }
  /** What befalls the story that is played in both readings, so that the question matters in it. */
  readonly episode: Episode | undefined
}

export interface Reading {
  readonly name: string
  /** What makes the simulated AWS so. */
  readonly settings: Partial<AwsSettings>
}

export interface Episode {
  /** Before anybody asks for a certificate. */
  readonly before?: (story: Story) => void
  /** After all is served. */
  readonly during?: (story: Story) => Promise<void>
  /** Why the laws are not asked: what happens here is in no book that they read. */
  readonly lawless?: string
}

export type Fact = PortableFact | SimulatedFact | OpenFact

type Portable = (says: string, source: Source, check: PortableFact['check']) => void

interface Teller {
  readonly anywhere: Portable
  readonly withLoadBalancer: Portable
  readonly simulated: (says: string, source: Source, because: Obstacle, check: SimulatedFact['check']) => void
}

/** Collects the facts of one area, in the order in which they are told. */
export function facts(area: string, tell: (teller: Teller) => void): readonly Fact[] {
  const told: Fact[] = []
  tell({
    anywhere: (says, source, check) => told.push({ area, says, source, on: 'anywhere', needs: undefined, check }),
    withLoadBalancer: (says, source, check) =>
      told.push({ area, says, source, on: 'anywhere', needs: 'a load balancer', check }),
    simulated: (says, source, because, check) => told.push({ area, says, source, on: 'simulator', because, check }),
  })
  return told
}

/** What a real account can be asked. */
export function canRunOnAccount(fact: Fact): boolean {
  return fact.on === 'anywhere' || (fact.on === 'both readings' && fact.ask.of === 'anybody')
}
