import { validationRecord } from '../aws/acm/certificate.ts'
import { DEFAULT_ACCOUNT } from '../aws/accounts.ts'
import { normalise } from '../aws/route53/names.ts'
import type { Stage } from './stage.ts'
import { leaves, lists, listsExactly, type Scene, serves, stateOf, type Story } from './story.ts'

const SHOP = { namespace: 'default', name: 'shop' }
const BLOG = { namespace: 'default', name: 'blog' }
const DOCS = { namespace: 'default', name: 'docs' }
const [A, B, C] = ['a.example.com', 'b.example.com', 'c.example.com']

const PORTS = { 'alb.ingress.kubernetes.io/listen-ports': '[{"HTTPS":443}]' }
const MANAGED = { ...PORTS, 'certwright.dev/certificate': 'true' }
const GROUP = { 'alb.ingress.kubernetes.io/group.name': 'shared' }
const LEDGER = { apiVersion: 'certwright.dev/v1alpha1', kind: 'ACMCertificate' }

const isReady = (stage: Stage, name: typeof SHOP) => stateOf(stage, name).state === 'Ready'

const appears = (
  name: typeof SHOP,
  hosts: readonly string[],
  annotations: Readonly<Record<string, string>>,
): Scene => ({
  what: `${name.name} appears with ${hosts.join(', ')}`,
  deed: ({ world }) => world.user.apply({ ...name, hosts, annotations }),
  until: (stage) => serves(stage, name, hosts) && isReady(stage, name),
})

const goes = (name: typeof SHOP, left: readonly (readonly string[])[]): Scene => ({
  what: `${name.name} is deleted`,
  deed: ({ world }) => world.user.delete(name),
  until: (stage) => stage.ingress(name) === undefined && leaves(stage, left),
})

/** Things happen to certificates and records in a world that is at rest. */
export const STORIES: readonly Story[] = [
  {
    name: 'life',
    scenes: [appears(SHOP, [A], MANAGED), goes(SHOP, [])],
  },
  {
    name: 'edit',
    scenes: [
      appears(SHOP, [A], MANAGED),
      {
        what: 'shop gains b',
        deed: ({ world }) => world.user.setHosts(SHOP, [A, B]),
        until: (stage) => serves(stage, SHOP, [A, B]) && isReady(stage, SHOP) && leaves(stage, [[A, B]]),
      },
    ],
  },
  {
    name: 'move',
    scenes: [
      {
        what: 'shop with a and b, and blog with c, appear in one group',
        deed: async ({ world }) => {
          await world.user.apply({ ...SHOP, hosts: [A, B], annotations: { ...MANAGED, ...GROUP } })
          await world.user.apply({ ...BLOG, hosts: [C], annotations: { ...MANAGED, ...GROUP } })
        },
        until: (stage) =>
          serves(stage, SHOP, [A, B]) && serves(stage, BLOG, [C]) && isReady(stage, SHOP) && isReady(stage, BLOG),
      },
      {
        what: 'b moves from shop to blog',
        deed: ({ world }) => world.user.moveHost({ host: B, from: SHOP, to: BLOG }),
        until: (stage) =>
          serves(stage, SHOP, [A]) &&
          serves(stage, BLOG, [B, C]) &&
          isReady(stage, SHOP) &&
          isReady(stage, BLOG) &&
          leaves(stage, [[A], [B, C]]),
      },
    ],
  },
  {
    name: 'lend',
    scenes: [
      appears(SHOP, [A], { ...MANAGED, ...GROUP }),
      {
        what: 'blog joins its group, and nothing covers b yet',
        deed: ({ world }) => world.user.apply({ ...BLOG, hosts: [B], annotations: { ...MANAGED, ...GROUP } }),
        until: (stage) =>
          serves(stage, BLOG, [B]) && serves(stage, SHOP, [A]) && isReady(stage, BLOG) && isReady(stage, SHOP),
      },
    ],
  },
  {
    name: 'overtaken',
    // In which order ARNs come and go depends on when the second edit is seen.
    uncounted: ['annotations'],
    scenes: [
      {
        what: 'shop with a and b, and blog with a, appear in one group',
        deed: async ({ world }) => {
          await world.user.apply({ ...SHOP, hosts: [A, B], annotations: { ...MANAGED, ...GROUP } })
          await world.user.apply({ ...BLOG, hosts: [A], annotations: { ...MANAGED, ...GROUP } })
        },
        until: (stage) =>
          serves(stage, SHOP, [A, B]) && serves(stage, BLOG, [A]) && isReady(stage, SHOP) && isReady(stage, BLOG),
      },
      {
        what: 'shop gives up b, and the certificate of a and b is about to leave it',
        deed: ({ world }) => world.user.setHosts(SHOP, [A]),
        until: (stage) => lists(stage, SHOP, [A]),
      },
      {
        what: 'shop takes b back, and gives up a',
        deed: ({ world }) => world.user.setHosts(SHOP, [B]),
        until: (stage) => serves(stage, SHOP, [B]) && isReady(stage, SHOP) && leaves(stage, [[A], [B]]),
      },
    ],
  },
  {
    name: 'retry',
    scenes: [
      {
        what: 'shop appears with a, and its CAA records forbid Amazon to issue',
        deed: async ({ world }) => {
          world.aws.failDomain(A, 'CAA_ERROR')
          await world.user.apply({ ...SHOP, hosts: [A], annotations: MANAGED })
        },
        until: (stage) => stateOf(stage, SHOP).reason === 'CaaError',
      },
      {
        what: 'somebody mends the CAA records, and touches shop',
        deed: async ({ world }) => {
          world.aws.failDomain(A, undefined)
          await world.user.annotate(SHOP, { 'alb.ingress.kubernetes.io/tags': 'caa=mended' })
        },
        until: (stage) => serves(stage, SHOP, [A]) && isReady(stage, SHOP) && leaves(stage, [[A]]),
      },
    ],
  },
  {
    name: 'interim',
    scenes: [
      {
        what: 'shop appears with a, and with b, which never validates',
        deed: async ({ world }) => {
          world.aws.setValidates(B, false)
          await world.user.apply({ ...SHOP, hosts: [A, B], annotations: MANAGED })
        },
        until: (stage) => {
          const ingress = stage.ingress(SHOP)
          return (
            ingress !== undefined &&
            listsExactly(stage, SHOP, [[A]]) &&
            stage.court.served.unservedFor(ingress, A) === 0
          )
        },
      },
    ],
  },
  {
    name: 'ledger lost',
    scenes: [
      {
        what: 'shop appears with a, and somebody deletes the ledger while ACM validates',
        deed: ({ world }) => world.user.apply({ ...SHOP, hosts: [A], annotations: MANAGED }),
        until: ({ world }) => world.aws.events.of('recordChanged').length > 0,
      },
      {
        what: 'the ledger is deleted',
        deed: loseLedger,
        until: (stage) => serves(stage, SHOP, [A]) && isReady(stage, SHOP),
      },
      {
        what: 'the ledger is deleted again, and b is added to shop',
        deed: async (stage) => {
          loseLedger(stage)
          await stage.world.user.setHosts(SHOP, [A, B])
        },
        until: (stage) => serves(stage, SHOP, [A, B]) && isReady(stage, SHOP) && leaves(stage, [[A, B]]),
      },
    ],
  },
  {
    name: 'opting out',
    scenes: [
      appears(SHOP, [A], MANAGED),
      {
        what: 'somebody has a certificate of their own, and shop says that it wants none of ours',
        deed: async ({ world }) => {
          world.aws.issueCertificate({ names: ['*.example.com'] })
          await world.user.annotate(SHOP, { 'certwright.dev/certificate': 'false' })
        },
        // Our certificate stays: discovery may serve it as well.
        until: (stage) =>
          stage.ingress(SHOP)?.listed.length === 0 && [undefined, 'Deferred'].includes(stateOf(stage, SHOP).state),
      },
    ],
  },
  {
    name: 'record lost',
    options: { flags: { 'record-check-interval': '60s' } },
    scenes: [
      appears(SHOP, [A], MANAGED),
      {
        what: 'a colleague deletes the validation record of a',
        deed: ({ world }) => {
          for (const zone of world.aws.hostedZones()) world.aws.deleteRecord(zone, { name: recordOf(A), type: 'CNAME' })
        },
        until: ({ world }) =>
          world.aws.hostedZones().some((zone) => zone.get(normalise(recordOf(A)), 'CNAME') !== undefined),
      },
    ],
  },
  {
    name: 'group of three',
    lendsAsItComes: true,
    scenes: [
      {
        what: 'three appear in one group',
        deed: async ({ world }) => {
          await world.user.apply({ ...SHOP, hosts: [A], annotations: { ...MANAGED, ...GROUP } })
          await world.user.apply({ ...BLOG, hosts: [B], annotations: { ...MANAGED, ...GROUP } })
          await world.user.apply({ ...DOCS, hosts: [C], annotations: { ...MANAGED, ...GROUP } })
        },
        until: (stage) =>
          [SHOP, BLOG, DOCS].every((name) => isReady(stage, name)) &&
          serves(stage, SHOP, [A]) &&
          serves(stage, BLOG, [B]) &&
          serves(stage, DOCS, [C]),
      },
      {
        what: 'all three are deleted',
        deed: async ({ world }) => {
          for (const name of [SHOP, BLOG, DOCS]) await world.user.delete(name)
        },
        until: (stage) => [SHOP, BLOG, DOCS].every((name) => stage.ingress(name) === undefined) && leaves(stage, []),
      },
    ],
  },
]

function recordOf(host: string): string {
  return validationRecord(DEFAULT_ACCOUNT, host).name
}

/** Somebody deletes every object of ours: what matters is in the tags, too. */
function loseLedger({ world }: Stage): void {
  for (const { metadata } of world.kube.admin.list(LEDGER))
    world.kube.admin.delete({ ...LEDGER, name: metadata.name ?? '' })
}
