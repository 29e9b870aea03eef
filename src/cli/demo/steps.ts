import type { IngressName } from '../../sim/actors/user.ts'
import {
  attachedIn,
  claimOf,
  hasRecord,
  isReady,
  killOnRequest,
  listedOn,
  requestsFor,
  served,
  type Stage,
  validationRecordOf,
} from './stage.ts'
import type { Step } from './story.ts'

const PORTAL: IngressName = { namespace: 'portal', name: 'portal' }
const SHOP: IngressName = { namespace: 'shop', name: 'shop' }
const CHECKOUT: IngressName = { namespace: 'checkout', name: 'checkout' }
const BLOG: IngressName = { namespace: 'blog', name: 'blog' }
const LAB: IngressName = { namespace: 'lab', name: 'lab' }
const API: IngressName = { namespace: 'api', name: 'api' }

const PORTAL_HOST = 'portal.example.com'
const SHOP_HOST = 'shop.example.com'
const BLOG_HOST = 'blog.example.com'
const API_HOST = 'api.example.com'
const LAB_HOST = 'lab.example.net'

/** All share one load balancer, as teams do to save money; the portal's Ingress comes first in its order. */
const GROUP = 'edge'
const shared = {
  'alb.ingress.kubernetes.io/group.name': GROUP,
  'alb.ingress.kubernetes.io/listen-ports': '[{"HTTP":80},{"HTTPS":443}]',
}
const managed = { ...shared, 'certwright.dev/certificate': 'true' }

/** What is there before the controller starts: a load balancer with a certificate that somebody made by hand. */
export async function setTheStage({ embedded, names, narration }: Stage): Promise<void> {
  const { aws, user } = embedded
  for (const { namespace } of [PORTAL, SHOP, CHECKOUT, BLOG, LAB, API]) await user.createNamespace(namespace)
  const arn = aws.issueCertificate({ names: [PORTAL_HOST] })
  narration.event('ACM', `certificate ${names.of(arn)} for ${PORTAL_HOST} is there already: somebody made it by hand`)
  await user.apply({
    ...PORTAL,
    hosts: [PORTAL_HOST],
    annotations: {
      ...shared,
      'alb.ingress.kubernetes.io/group.order': '-10',
      'alb.ingress.kubernetes.io/certificate-arn': arn,
    },
  })
}

export function stageIsSet({ embedded }: Stage): boolean {
  return served(embedded.prober, PORTAL_HOST)
}

/** The story of the demo, step by step. */
export const STEPS: readonly Step[] = [
  {
    title: 'An Ingress appears',
    async act({ embedded }) {
      await embedded.user.apply({ ...SHOP, hosts: [SHOP_HOST], annotations: managed })
    },
    until: `${SHOP_HOST} is served and its claim is Ready`,
    holds: async (stage) => served(stage.embedded.prober, SHOP_HOST) && (await isReady(stage, SHOP)),
    limit: 25,
    shown: () => 'one annotation became a certificate that a TLS client accepts for its host, chain and all',
  },
  {
    title: 'A host is added: the successor is served beside the old certificate before the old one goes',
    async act({ embedded }) {
      await embedded.user.addHost(SHOP, BLOG_HOST)
    },
    until: `${SHOP_HOST} and ${BLOG_HOST} are served by one certificate, and the old one has left`,
    async holds(stage) {
      const [arn, ...others] = await listedOn(stage, SHOP)
      return (
        arn === requestsFor(stage, SHOP_HOST, BLOG_HOST)[0] &&
        others.length === 0 &&
        !requestsFor(stage, SHOP_HOST).some((old) => attachedIn(stage, GROUP).has(old)) &&
        served(stage.embedded.prober, SHOP_HOST, BLOG_HOST) &&
        (await isReady(stage, SHOP))
      )
    },
    limit: 35,
    shown: () => 'make before break: no handshake for the old host failed while its certificate was replaced',
  },
  {
    title: 'A second Ingress, in another namespace, wishes the same certificate: it shares it',
    async act({ embedded }) {
      await embedded.user.apply({ ...CHECKOUT, hosts: [SHOP_HOST, BLOG_HOST], path: '/checkout', annotations: managed })
    },
    until: 'both list the same certificate',
    async holds(stage) {
      const [arn] = await listedOn(stage, CHECKOUT)
      return arn !== undefined && arn === (await listedOn(stage, SHOP))[0] && (await isReady(stage, CHECKOUT))
    },
    limit: 15,
    shown: (stage) =>
      `a certificate of these two names was requested ${times(requestsFor(stage, SHOP_HOST, BLOG_HOST).length)}`,
  },
  {
    title: 'A host moves to an Ingress in another namespace',
    async act({ embedded }) {
      await embedded.user.delete(CHECKOUT)
      await embedded.user.apply({ ...BLOG, hosts: [BLOG_HOST], annotations: managed })
      await embedded.user.removeHost(SHOP, BLOG_HOST)
    },
    until: 'each of the two hosts is served by a certificate of its own',
    async holds(stage) {
      const [shop, blog] = [await listedOn(stage, SHOP), await listedOn(stage, BLOG)]
      return (
        shop.length === 1 &&
        blog.length === 1 &&
        shop[0] === requestsFor(stage, SHOP_HOST).at(-1) &&
        blog[0] === requestsFor(stage, BLOG_HOST).at(-1) &&
        !requestsFor(stage, SHOP_HOST, BLOG_HOST).some((old) => attachedIn(stage, GROUP).has(old)) &&
        (await isReady(stage, SHOP)) &&
        (await isReady(stage, BLOG))
      )
    },
    limit: 40,
    shown: () => 'neither host was without its certificate for one handshake',
  },
  {
    title: 'A host has no hosted zone: its Ingress is Held, and holds up nobody',
    async act({ embedded }) {
      await embedded.user.apply({ ...LAB, hosts: [LAB_HOST], annotations: managed })
      await embedded.user.setHosts(SHOP, [SHOP_HOST], '/new')
    },
    until: 'the claim is Held, and the path that was changed at the same time on the neighbour is live',
    async holds(stage) {
      const claim = await claimOf(stage, LAB)
      const rules = stage.embedded.lbc.deployed(GROUP)?.rules ?? []
      return (
        claim?.state === 'Held' &&
        rules.some(({ ingress }) => ingress === 'lab/lab') &&
        rules.some(({ host, path }) => host === SHOP_HOST && path === '/new')
      )
    },
    limit: 15,
    shown: async (stage) =>
      `lab/lab is Held (${(await claimOf(stage, LAB))?.reason}); it is lent a certificate of its group, which went on`,
  },
  {
    title: 'Somebody deletes a validation record by hand: it is put back',
    async act(stage) {
      const name = recordOf(stage, BLOG_HOST)
      stage.narration.event('a colleague', `deletes ${short(name)} by hand`)
      await stage.embedded.colleague.deleteRecord(name)
    },
    until: 'the record is there again',
    holds: (stage) => hasRecord(stage, recordOf(stage, BLOG_HOST)),
    limit: 10,
    shown: () => 'without the record ACM could not renew the certificate',
  },
  {
    title: 'The controller is killed in the middle, and started again',
    async act(stage) {
      const { embedded, controller, narration, signal } = stage
      const { clock } = embedded.world
      await killOnRequest(stage, [API_HOST], async () => {
        await embedded.user.apply({ ...API, hosts: [API_HOST], annotations: managed })
      })
      await clock.sleepUntil(clock.now() + 500, signal)
      narration.event(
        'you',
        'start it again: it knows nothing, and stands by until the lease of the dead one has run out',
      )
      controller.start()
    },
    until: `${API_HOST} is served`,
    holds: async (stage) => served(stage.embedded.prober, API_HOST) && (await isReady(stage, API)),
    limit: 30,
    async shown(stage) {
      const requests = requestsFor(stage, API_HOST).length
      if (requests !== 1) throw new Error(`${API_HOST} was requested ${times(requests)}`)
      return `a certificate for ${API_HOST} was requested once, whatever the process remembered`
    },
  },
  {
    title: 'The Ingress is deleted: its certificate is retired after the grace period, and the record stays',
    async act({ embedded }) {
      await embedded.user.delete(API)
    },
    until: 'the certificate is deleted',
    holds: (stage) => requestsFor(stage, API_HOST).every((arn) => stage.embedded.aws.certificate(arn) === undefined),
    limit: 40,
    shown(stage) {
      const stays = stage.embedded.aws.events.of('recordChanged').find(({ name }) => name.endsWith(`.${API_HOST}`))
      if (!stays || !hasRecord(stage, stays.name)) throw new Error(`the validation record of ${API_HOST} is gone`)
      return 'the record stays, since any other certificate of the account may rest on it'
    },
  },
]

/** The record of a host, from the certificate that was last requested with it. */
function recordOf(stage: Stage, host: string): string {
  const requested = stage.embedded.aws.events.of('certificateRequested').filter(({ names }) => names.includes(host))
  return validationRecordOf(stage, requested.at(-1)?.arn ?? '', host)
}

/** `_3fa9….blog.example.com`: as much of a record's name as tells it from others. */
export function short(record: string): string {
  return record.replace(/^(_[0-9a-f]{6})[0-9a-f]+/, '$1…')
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`
}
