import { afterEach, beforeEach, expect, test } from 'vitest'
import { promptSettings } from '../aws/settings.ts'
import { VirtualClock } from '../clock.ts'
import { createEmbeddedWorld, type EmbeddedWorld } from '../embedded.ts'
import { seededRandom } from '../random.ts'
import type { IngressName } from './user.ts'

let clock: VirtualClock
let embedded: EmbeddedWorld

const A: IngressName = { namespace: 'shop', name: 'a' }
const B: IngressName = { namespace: 'shop', name: 'b' }
const CERTIFICATE = 'alb.ingress.kubernetes.io/certificate-arn'

beforeEach(async () => {
  clock = new VirtualClock()
  const settings = { aws: promptSettings(0), handshakes: 'in process' } as const
  embedded = createEmbeddedWorld({ clock, random: seededRandom(5), settings })
  await embedded.start()
  await embedded.user.createNamespace('shop')
})

afterEach(async () => {
  await embedded.stop()
})

async function hostsOf(ingress: IngressName): Promise<(string | undefined)[]> {
  return ((await embedded.user.get(ingress)).spec.rules ?? []).map(({ host }) => host)
}

async function managersOf(ingress: IngressName): Promise<string[]> {
  const { metadata } = await embedded.user.get(ingress)
  const { managedFields } = metadata as { managedFields?: { manager: string; fieldsV1: unknown }[] }
  return (managedFields ?? [])
    .filter(({ fieldsV1 }) => JSON.stringify(fieldsV1).includes(CERTIFICATE))
    .map(({ manager }) => manager)
}

test('a user’s change carries the field manager that kubectl would leave', async () => {
  await embedded.user.apply({
    ...A,
    hosts: ['a.example.com'],
    annotations: { [CERTIFICATE]: 'x' },
    ingressClassName: 'other',
  })
  expect(await managersOf(A)).toEqual(['kubectl-client-side-apply'])
  await embedded.user.annotate(A, { [CERTIFICATE]: 'y' })
  expect(await managersOf(A)).toEqual(['kubectl-annotate'])
  await embedded.user.emptyCertificateAnnotation(A)
  expect((await embedded.user.get(A)).metadata.annotations?.[CERTIFICATE]).toBe('')
  await embedded.user.removeCertificateAnnotation(A)
  expect(await managersOf(A)).toEqual([])
})

test('an apply leaves alone what the manifest does not name', async () => {
  await embedded.user.apply({ ...A, hosts: ['a.example.com'], ingressClassName: 'other' })
  await embedded.user.annotate(A, { [CERTIFICATE]: 'somebody’s' })
  await embedded.user.apply({ ...A, hosts: ['b.example.com'], annotations: { note: '1' }, ingressClassName: 'other' })
  expect(await hostsOf(A)).toEqual(['b.example.com'])
  expect((await embedded.user.get(A)).metadata.annotations).toEqual({ [CERTIFICATE]: 'somebody’s', note: '1' })
})

test('a host that moves is at every moment on one of the two', async () => {
  await embedded.user.apply({ ...A, hosts: ['a.example.com', 'moving.example.com'], ingressClassName: 'other' })
  await embedded.user.apply({ ...B, hosts: ['b.example.com'], ingressClassName: 'other' })
  const wanted: boolean[] = []
  const end = embedded.kube.events.subscribe(() => {
    const ingresses = embedded.kube.events.entries.filter(({ collection }) => collection.startsWith('ingresses.'))
    const newest = [A, B].map(({ name }) => ingresses.findLast((entry) => entry.name === name)?.after)
    wanted.push(JSON.stringify(newest).includes('"host":"moving.example.com"'))
  })
  await embedded.user.moveHost({ host: 'moving.example.com', from: A, to: B })
  end()
  expect([await hostsOf(A), await hostsOf(B)]).toEqual([['a.example.com'], ['b.example.com', 'moving.example.com']])
  expect(wanted).toEqual([true, true])
})

test('a colleague changes and deletes records, and certificates that nothing uses', async () => {
  const [zone] = embedded.aws.hostedZones()
  if (!zone) throw new Error('the embedded world has no zone')
  embedded.aws.putRecord(zone, { name: '_x.example.com', type: 'CNAME', values: ['_y.acm-validations.aws'] })
  await embedded.colleague.overwriteRecord('_x.example.com', 'elsewhere.example.org')
  expect(await embedded.aws.dns.canonicalNames('_x.example.com')).toEqual(['elsewhere.example.org'])
  await embedded.colleague.deleteRecord('_x.example.com')
  expect(zone.get('_x.example.com', 'CNAME')).toBeUndefined()
  await expect(embedded.colleague.deleteRecord('_x.example.com')).rejects.toThrow('no hosted zone has a CNAME')
  const arn = embedded.aws.issueCertificate({ names: ['a.example.com'] })
  await embedded.colleague.deleteCertificate(arn)
  expect(embedded.aws.certificate(arn)).toBeUndefined()
})

test('a colleague detaches a certificate; the load balancer controller puts it back when it looks again', async () => {
  const [a, b] = ['a', 'b'].map((name) => embedded.aws.issueCertificate({ names: [`${name}.example.com`] }))
  await embedded.user.apply({ ...A, hosts: ['a.example.com'], annotations: { [CERTIFICATE]: `${a},${b}` } })
  await clock.advance(5_000)
  const [listener] = [...(embedded.aws.loadBalancers.all[0]?.listeners.values() ?? [])]
  await embedded.colleague.detachCertificate(listener?.arn ?? '', b ?? '')
  expect(listener?.certificates.latest).toEqual([a])
  await clock.advance(3_600_000)
  expect(listener?.certificates.latest).toEqual([a])
  embedded.lbc.resync()
  await clock.advance(5_000)
  expect(listener?.certificates.latest).toContain(b)
  await embedded.colleague.detachCertificate(listener?.arn ?? '', b ?? '')
  await embedded.colleague.attachCertificate(listener?.arn ?? '', b ?? '')
  expect(listener?.certificates.latest).toContain(b)
})
