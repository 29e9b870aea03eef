import { DEFAULT_ACCOUNT } from '../../../src/sim/aws/accounts.ts'
import { DEFAULT_REGION } from '../../../src/sim/aws/world.ts'
import type { AwsHarness } from './harness.ts'
import { Site, type Made } from './site.ts'

const NOTHING: Made = { certificate: () => {}, hostedZone: () => {}, record: () => {}, loadBalancer: () => {} }

/** The simulated AWS as a place to try facts on: patience costs no time. */
export function simulatedSite(world: AwsHarness, made: Made = NOTHING): Site {
  const { clock } = world
  const { id } = world.aws.createHostedZone({ name: 'example.com' })
  return new Site({
    account: DEFAULT_ACCOUNT,
    region: DEFAULT_REGION,
    zone: { id, name: 'example.com' },
    subnets: ['subnet-1', 'subnet-2'],
    pauses: { first: 5_000, longest: 60_000 },
    patience: 45 * 60_000,
    pass: (milliseconds) => clock.advance(milliseconds),
    now: () => clock.now(),
    clients: (options) => world.clients(options),
    made,
    run: 'r1',
  })
}
