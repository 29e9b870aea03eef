import { expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../src/core/time.ts'
import { ANY_SECRET } from '../../src/sim/aws/accounts.ts'
import { runReference } from '../../src/sim/contestant/reference.ts'
import { ACCESS_KEYS } from '../../src/sim/embedded.ts'
import { Story, type StoryOptions } from './story.ts'

const CREATE = 'alb.ingress.kubernetes.io/create-acm-cert'
const PORTS = { 'alb.ingress.kubernetes.io/listen-ports': '[{"HTTP":80},{"HTTPS":443}]' }
const SHOP = { namespace: 'default', name: 'shop', hosts: ['shop.example.com', 'www.example.com'] }

/** A cluster in which the AWS Load Balancer Controller runs with its own certificate feature on. */
async function withControllersFeature(options: StoryOptions = {}): Promise<Story> {
  const story = await Story.begin({
    ...options,
    flags: { 'leader-elect': 'false', ...options.flags },
    start: false,
    // Its requests carry no token: whether ACM answers them with an equal certificate of ours is not what is told here.
    aws: { tokenlessWindow: 0, ...options.aws },
    embedded: { runLoadBalancerController: false, ...options.embedded },
  })
  const { loadBalancerController: accessKeyId } = ACCESS_KEYS
  const replica = story.world.addReplica(({ world, signal }) => {
    const credentials = async () => ({ accessKeyId, secretAccessKey: ANY_SECRET })
    return runReference({
      world: { ...world, aws: { ...world.aws, credentials } },
      loadBalancerKey: accessKeyId,
      asks: CREATE,
      onPanic: (error) => expect.unreachable(error.message),
      signal,
    })
  })
  replica.start()
  return story
}

/** What the controller requested by itself and has not deleted. */
function controllersCertificates(story: Story): readonly string[] {
  const requested = story.world.aws.events
    .of('certificateRequested')
    .filter(({ by }) => by === ACCESS_KEYS.loadBalancerController)
  const present = new Set(story.world.aws.certificates().map(({ arn }) => arn))
  return requested.map(({ arn }) => arn).filter((arn) => present.has(arn))
}

/** Does the validation record of this host stand in the zone? */
function isValidated(story: Story, host: string): boolean {
  const [zone] = story.world.aws.hostedZones()
  return zone?.recordSets().some(({ name, type }) => type === 'CNAME' && name.endsWith(`.${host}.`)) ?? false
}

function isServed(story: Story): boolean {
  const served = story.world.prober.targets.map(({ host }) => host)
  return SHOP.hosts.every((host) => served.includes(host))
}

test("from the controller's own feature to Certwright: it stands aside until it is asked, takes over, and no handshake is lost", async () => {
  await using story = await withControllersFeature({ flags: { 'lbc-annotations': 'true' } })
  await story.during(story.world.user.apply({ ...SHOP, annotations: { ...PORTS, [CREATE]: 'true' } }))
  await story.until('the controller serves', () => isServed(story), 20 * MINUTE)
  story.startController()
  await story.reaches('shop', 'ManagedByLoadBalancerController')
  await story.pass(HOUR)
  expect(story.requests()).toBe(0)
  expect(story.listed('shop')).toEqual([])
  expect(controllersCertificates(story)).toHaveLength(1)
  await story.during(story.world.user.annotate(SHOP, { 'certwright.dev/certificate': 'true' }))
  await story.ready('shop')
  await story.until("the controller's is gone", () => controllersCertificates(story).length === 0, 2 * HOUR)
  await story.pass(30 * MINUTE)
  // It deleted the records with its certificate; ours needs the same to renew.
  expect(isValidated(story, 'shop.example.com') && isValidated(story, 'www.example.com')).toBe(true)
  expect(story.listed('shop')).toEqual([story.certificates(...SHOP.hosts)[0]?.arn])
  expect(story.requests()).toBe(1)
  expect(story.isReady('shop')).toBe(true)
  expect(story.world.prober.failures).toEqual([])
})

test("from Certwright back to the controller's own feature: its certificate serves before ours goes, and no handshake is lost", async () => {
  await using story = await withControllersFeature({ flags: { 'retire-after': '10m' } })
  story.startController()
  await story.apply({ ...SHOP, annotations: { [CREATE]: 'true' } })
  await story.ready('shop', 20 * MINUTE)
  await story.until('the controller gives up its own', () => controllersCertificates(story).length === 0, HOUR)
  await story.during(story.world.user.annotate(SHOP, { 'certwright.dev/certificate': null }))
  await story.until('ours is withdrawn', () => story.listed('shop').length === 0)
  await story.until(
    "the controller's is issued",
    () =>
      controllersCertificates(story).some(
        (arn) => story.certificates(...SHOP.hosts).find((c) => c.arn === arn)?.status === 'ISSUED',
      ),
    HOUR,
  )
  await story.pass(HOUR)
  // Whether discovery needs it nobody can tell from outside: it is kept, and an administrator deletes it.
  expect(story.certificates(...SHOP.hosts)).toHaveLength(2)
  expect(controllersCertificates(story)).toHaveLength(1)
  expect(story.world.prober.failures).toEqual([])
})

test("where the controller's own feature is off, its annotation alone holds nothing up and keeps our certificate served", async () => {
  await using story = await Story.begin({
    flags: { 'leader-elect': 'false', 'lbc-annotations': 'true', 'retire-after': '10m' },
  })
  await story.during(story.world.user.apply({ ...SHOP, annotations: { ...PORTS, [CREATE]: 'true' } }))
  await story.ready('shop')
  expect(story.requests()).toBe(1)
  await story.during(story.world.user.annotate(SHOP, { 'certwright.dev/certificate': 'false' }))
  await story.until('ours is withdrawn', () => story.listed('shop').length === 0)
  await story.pass(HOUR)
  // Discovery found it, since nothing else covers the hosts: it stays.
  expect(story.certificates(...SHOP.hosts)).toHaveLength(1)
  expect(story.world.prober.failures).toEqual([])
})
