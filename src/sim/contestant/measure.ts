import { isController } from '../laws/view.ts'
import { type Contestant, HOUR, SECOND, Trial } from './trial.ts'

/** How many certificates are asked for at once, each by an Ingress of its own. */
export interface Load {
  readonly certificates: number
  /** On one load balancer, or on one each. */
  readonly together: boolean
}

export interface Figures {
  /** From the first edit until the last name is served. */
  readonly seconds: number
  /** To ACM, Route 53 and the tagging API. */
  readonly calls: number
  /** Certwright's looks at listeners; the reference has listeners to itself, and its calls there are those of any load balancer's controller. */
  readonly looksAtListeners: number
}

/** LAWS's world: ACM issues 120 s after it saw the record, and everything else is as slow as AWS says or was seen to be. */
export async function measure({ certificates, together }: Load, contestant: Contestant): Promise<Figures> {
  await using trial = await Trial.begin({ contestant })
  const begun = trial.elapsed
  const all = []
  for (let number = 0; number < certificates; number++) {
    const ingress = { name: `shop${number}`, hosts: [`shop${number}.example.com`] }
    all.push(await trial.apply(together ? { ...ingress, group: 'web' } : ingress))
  }
  const limit = trial.elapsed + 12 * HOUR
  while (!trial.isServed(...all)) {
    if (trial.elapsed > limit) throw new Error(`${contestant} did not serve ${certificates} within 12 hours`)
    await trial.clock.advance(SECOND)
  }
  const seconds = Math.round((trial.elapsed - begun) / SECOND)
  const calls = trial.world.aws.events.of('call').filter(({ by }) => isController(by))
  const looksAtListeners = calls.filter(({ service }) => service === 'elasticloadbalancing').length
  return { seconds, calls: calls.length - looksAtListeners, looksAtListeners }
}

export const LOADS: readonly Load[] = [
  { certificates: 1, together: false },
  { certificates: 10, together: false },
  { certificates: 30, together: false },
  { certificates: 10, together: true },
  { certificates: 24, together: true },
]
