import { serveAws } from '../../../src/sim/aws/server.ts'
import { promptSettings } from '../../../src/sim/aws/settings.ts'
import { SimulatedAws } from '../../../src/sim/aws/world.ts'
import { systemClock } from '../../../src/clock.ts'
import { seededRandom } from '../../../src/sim/random.ts'

/**
 * The simulated AWS on the system's clock, quick, for clients in other languages: prints `{"url": …}` on one line and runs until its input
 * is closed.
 */
const aws = new SimulatedAws({
  clock: systemClock,
  random: seededRandom(11),
  settings: { ...promptSettings(1_000), rates: false },
})
aws.accounts.createRole({ arn: 'arn:aws:iam::222222222222:role/dns', externalId: 'secret' })
const server = await serveAws({ gateway: aws.gateway })
process.stdout.write(`${JSON.stringify({ url: server.url })}\n`)
process.stdin.resume()
process.stdin.once('end', () => {
  aws.close()
  void server.close()
})
