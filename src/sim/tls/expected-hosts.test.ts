import { afterEach, beforeEach, expect, test } from 'vitest'
import type { IngressName } from '../actors/user.ts'
import { promptSettings } from '../aws/settings.ts'
import { VirtualClock } from '../clock.ts'
import { createEmbeddedWorld, type EmbeddedWorld } from '../embedded.ts'
import { seededRandom } from '../random.ts'
import { ExpectedHosts } from './expected-hosts.ts'

let clock: VirtualClock
let embedded: EmbeddedWorld
let expected: ExpectedHosts
let ending: AbortController

const A: IngressName = { namespace: 'shop', name: 'a' }
const B: IngressName = { namespace: 'shop', name: 'b' }

beforeEach(async () => {
  clock = new VirtualClock()
  ending = new AbortController()
  embedded = createEmbeddedWorld({
    clock,
    random: seededRandom(3),
    settings: { aws: promptSettings(0), handshakes: 'in process' },
  })
  await embedded.start()
  expected = new ExpectedHosts({ transport: embedded.world.kube, clock })
  await expected.start(ending.signal)
  await embedded.user.createNamespace('shop')
})

afterEach(async () => {
  ending.abort()
  await embedded.stop()
})

async function apply(ingress: IngressName, hosts: string[], ports = '[{"HTTP":80},{"HTTPS":443},{"HTTPS":8443}]') {
  const annotations = {
    'alb.ingress.kubernetes.io/group.name': 'edge',
    'alb.ingress.kubernetes.io/listen-ports': ports,
    'alb.ingress.kubernetes.io/certificate-arn': embedded.aws.issueCertificate({ names: ['*.example.com'] }),
  }
  await embedded.user.apply({ ...ingress, hosts, annotations })
  await clock.advance(1_000)
}

const shown = () => expected.targets().map(({ host, port }) => `${host}:${port}`)

test('a host is expected on each HTTPS port that its object asks for, at the load balancer of its status', async () => {
  await apply(A, ['one.example.com'])
  expect(shown()).toEqual(['one.example.com:443', 'one.example.com:8443'])
  expect(expected.targets()[0]?.dnsName).toBe(embedded.aws.loadBalancers.all[0]?.dnsName)
})

test('nobody expects what only objects on their way out name, nor what has no HTTPS port', async () => {
  await apply(A, ['one.example.com'])
  embedded.lbc.pause()
  await embedded.user.delete(A)
  await apply(B, ['two.example.com'], '[{"HTTP":80}]')
  expect(shown()).toEqual([])
})

test('a host that moved to an object without a status is still expected where it was', async () => {
  await apply(A, ['one.example.com', 'two.example.com'])
  const before = expected.targets()
  embedded.lbc.pause()
  await apply(B, ['two.example.com'])
  await embedded.user.removeHost(A, 'two.example.com')
  await clock.advance(1_000)
  expect(expected.targets().toSorted((a, b) => (a.host < b.host ? -1 : 1))).toEqual(
    before.toSorted((a, b) => (a.host < b.host ? -1 : 1)),
  )
  await embedded.user.delete(B)
  await clock.advance(1_000)
  expect(shown()).toEqual(['one.example.com:443', 'one.example.com:8443'])
})
