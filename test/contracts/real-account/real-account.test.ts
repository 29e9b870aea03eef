import { readFileSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { seededRandom } from '../../../src/sim/random.ts'
import { serveAws } from '../../../src/sim/aws/server.ts'
import { promptSettings, type AwsSettings } from '../../../src/sim/aws/settings.ts'
import { readings } from '../../../src/sim/aws/readings.ts'
import { SimulatedAws } from '../../../src/sim/aws/world.ts'
import { BARE_ENVIRONMENT, start } from '../../cli/process.ts'
import { FACTS } from '../aws/facts/index.ts'

/** The script against the simulated AWS behind an endpoint: that it runs, and leaves nothing behind, before anybody lets it near an account. */

const RUNS = new URL('../aws/account-runs.json', import.meta.url)
const CREDENTIALS = {
  ...BARE_ENVIRONMENT,
  AWS_ACCESS_KEY_ID: 'AKIDCERTWRIGHT',
  AWS_SECRET_ACCESS_KEY: 'any',
  AWS_EC2_METADATA_DISABLED: 'true',
}

const cleanUp: (() => void | Promise<void>)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0)) await step()
})

async function somebodysAws(settings: Partial<AwsSettings> = {}) {
  const aws = new SimulatedAws({
    clock: systemClock,
    random: seededRandom(11),
    settings: { ...promptSettings(300), rates: false, ...settings },
  })
  const zone = aws.createHostedZone({ name: 'example.com' })
  const server = await serveAws({ gateway: aws.gateway })
  cleanUp.push(
    () => aws.close(),
    () => server.close(),
  )
  const run = (...words: string[]) => {
    const target = ['--zone', zone.id, '--region', 'eu-central-1', '--endpoint', server.url]
    const script = 'test/contracts/real-account/main.ts'
    return start(process.execPath, [script, ...target, ...words], { environment: CREDENTIALS })
  }
  const left = () => ({
    certificates: aws.certificates().length,
    records: zone.size - 2,
    hostedZones: aws.hostedZones().length - 1,
    loadBalancers: aws.loadBalancers.all.length,
  })
  return { aws, run, left }
}

const NOTHING = { certificates: 0, records: 0, hostedZones: 0, loadBalancers: 0 }

test('without --yes it says what it would make, where and at what cost, and makes nothing', async () => {
  const { aws, run } = await somebodysAws()
  const { code, stdout } = await run('--subnets', 'subnet-1,subnet-2').ended
  expect(stdout).toContain('111122223333, as arn:aws:iam::111122223333:user/certwright')
  expect(stdout).toMatch(/region +eu-central-1/)
  expect(stdout).toMatch(/zone +example\.com \(Z/)
  expect(stdout).toMatch(/\d\d public certificates, of which \d+ are issued: .* quota/)
  expect(stdout).toMatch(/1 load balancers, in subnet-1 and subnet-2: charged by the hour/)
  expect(stdout).toContain('Nothing was made. Add --yes to do it.')
  expect(code).toBe(2)
  expect(new Set(aws.events.all.filter(({ by }) => by !== 'world').map(({ kind }) => kind))).toEqual(new Set(['call']))
  expect(new Set(aws.events.of('call').map(({ operation }) => operation))).toEqual(
    new Set(['GetCallerIdentity', 'GetHostedZone']),
  )
})

test('what it makes is what it said, all of it is below the run’s own name, and it takes it away', async () => {
  const { aws, run, left } = await somebodysAws()
  const { code, stdout } = await run('--yes', '--only', 'tags and deletion').ended
  expect(stdout).toMatch(/^\d+ hold, 0 do not, 0 things are left behind\.$/m)
  expect(code).toBe(0)
  expect(left()).toEqual(NOTHING)
  const [, certificates = '', issued = ''] = /(\d+) public certificates, of which (\d+) are issued/.exec(stdout) ?? []
  expect(aws.events.of('certificateRequested')).toHaveLength(Number(certificates))
  expect(aws.events.of('certificateIssued')).toHaveLength(Number(issued))
  const [, name = ''] = /all below (cw\S+)$/m.exec(stdout) ?? []
  expect(
    aws.events.of('certificateRequested').flatMap(({ names }) => names.filter((one) => !one.endsWith(name))),
  ).toEqual([])
  expect(aws.events.of('recordChanged').filter((change) => !change.name.endsWith(name))).toEqual([])
})

test('a load balancer goes before its certificates, however long it holds on to them', async () => {
  const { aws, run, left } = await somebodysAws({ inUseRelease: [1_500, 1_500] })
  const { code } = await run('--yes', '--subnets', 'subnet-1,subnet-2', '--only', 'the default certificate').ended
  expect(aws.events.of('loadBalancerCreated')).toHaveLength(1)
  expect(code).toBe(0)
  expect(left()).toEqual(NOTHING)
})

test('what is not so is told with its source, and what was made is taken away all the same', async () => {
  const { run, left } = await somebodysAws(readings({ errorTexts: 'different' }))
  const { code, stdout } = await run('--yes', '--only', 'refused in words of its own').ended
  expect(stdout).toMatch(/^NOT SO {2}Records: creating what exists is refused in words of its own\n.*\n +https:\/\//m)
  expect(stdout).toMatch(/^0 hold, 8 do not, 0 things are left behind\.$/m)
  expect(code).toBe(1)
  expect(left()).toEqual(NOTHING)
})

test('what was found at another endpoint is not recorded as found on AWS', async () => {
  const before = readFileSync(RUNS, 'utf8')
  const { run } = await somebodysAws()
  const { code, stdout } = await run('--yes', '--only', 'hosted zones').ended
  expect(code).toBe(0)
  expect(stdout).toContain('which is not AWS: nothing is recorded')
  expect(readFileSync(RUNS, 'utf8')).toBe(before)
})

test('interrupted, it ends after the fact at hand and takes away what it made', async () => {
  const { run, left } = await somebodysAws()
  const running = run('--yes', '--only', 'tags and deletion')
  await running.line(/^ok /)
  running.child.kill('SIGINT')
  const { stdout } = await running.ended
  expect(stdout).toContain('It takes away what it made.')
  expect(stdout.match(/^ok /gm)?.length).toBeLessThan(FACTS.filter(({ area }) => area.startsWith('Tags')).length)
  expect(left()).toEqual(NOTHING)
})

test.each([
  ['no zone', [], /no hosted zone is named; give --zone/],
  ['no region', ['--zone', 'Z1'], /no region is named; give --region/],
  ['one subnet', ['--zone', 'Z1', '--region', 'r', '--subnets', 'a'], /needs two subnets/],
  ['patience that is none', ['--zone', 'Z1', '--region', 'r', '--patience', 'much'], /give a number of seconds/],
  ['an unknown flag', ['--all'], /Unknown option '--all'/],
])('with %s it says so and does nothing', async (_, words, sentence) => {
  const { code, stderr } = await start(process.execPath, ['test/contracts/real-account/main.ts', ...words]).ended
  expect(stderr).toMatch(sentence)
  expect(code).toBe(2)
})

test('a private zone, one that is not there, and credentials that nobody knows are refused', async () => {
  const { aws, run } = await somebodysAws()
  const hidden = aws.createHostedZone({ name: 'hidden.test', private: true })
  expect((await run('--zone', hidden.id).ended).stderr).toContain('the hosted zone hidden.test is private')
  expect((await run('--zone', 'Z0').ended).stderr).toContain('the hosted zone Z0 cannot be read')
  aws.faults = { before: ({ service }) => (service === 'sts' ? { kind: 'accessDenied' } : undefined) }
  expect((await run().ended).stderr).toContain('AWS does not know these credentials')
})
