import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { FIELD_MANAGER, INGRESS_CERTIFICATE_ANNOTATION } from '../../src/core/ingress.ts'
import { statusOf } from '../../src/sim/aws/acm/certificate.ts'
import { type RealKubernetes, startKubernetes } from './harness.ts'
import { type Kubectl, kubectlOf } from './kubectl.ts'
import { RealStory } from './real-story.ts'

/**
 * The main stories, on a real API server and the system's clock. They are told side by side in one world, with one controller; each has
 * namespaces, hosts and a load balancer of its own.
 */

let kubernetes: RealKubernetes
let story: RealStory
let kubectl: Kubectl
let home = ''
beforeAll(async () => {
  kubernetes = await startKubernetes()
  home = await mkdtemp(join(tmpdir(), 'certwright-stories-'))
  kubectl = kubectlOf({ ...kubernetes, home })
  story = await RealStory.begin(kubernetes)
})
// Whatever a story is about: no host that was served may ever be without its certificate.
afterEach(() => expect(story.world.prober.failures).toEqual([]))
afterAll(async () => {
  await story.end()
  await kubernetes.close()
  await rm(home, { recursive: true })
})

const OURS = { manager: FIELD_MANAGER, operation: 'Apply' }

test.concurrent('an annotated Ingress becomes Ready, and a TLS client accepts its certificate', async () => {
  const shop = { namespace: 'appears', name: 'shop' }
  await story.apply({ ...shop, hosts: ['appears.example.com'] })
  await story.ready(shop)
  await story.until('it is served', () => story.world.prober.isServed('appears.example.com'))
  expect(await story.listed(shop)).toEqual([story.certificateOf('appears.example.com')])
  expect(await story.owners(shop)).toEqual([OURS])
})

test.concurrent('a host that is added is served beside the old certificate before the old one goes', async () => {
  const shop = { namespace: 'adds', name: 'shop' }
  await story.apply({ ...shop, hosts: ['one.adds.example.com'] })
  await story.ready(shop)
  const old = story.certificateOf('one.adds.example.com')
  await story.world.user.addHost(shop, 'two.adds.example.com')
  await story.until('both are listed', async () => (await story.listed(shop)).length === 2)
  const successor = story.certificateOf('one.adds.example.com', 'two.adds.example.com')
  expect(await story.listed(shop)).toEqual([old, successor])
  await story.lists(shop, successor)
  await story.ready(shop)
  await story.until('the new host is served', () => story.world.prober.isServed('two.adds.example.com'))
  await story.until('the old certificate is retired', () => story.world.aws.certificate(old) === undefined)
})

test.concurrent('a second Ingress that wishes the same certificate shares it, and a host that moves there is served without a gap', async () => {
  const shop = { namespace: 'moves-from', name: 'shop' }
  const blog = { namespace: 'moves-to', name: 'blog' }
  const hosts = ['shop.moves.example.com', 'blog.moves.example.com'] as const
  await story.apply({ ...shop, hosts })
  await story.ready(shop)
  await story.apply({ ...blog, hosts })
  await story.ready(blog)
  const shared = story.certificateOf(...hosts)
  expect([await story.listed(shop), await story.listed(blog)]).toEqual([[shared], [shared]])
  await story.world.user.removeHost(shop, 'blog.moves.example.com')
  await story.world.user.removeHost(blog, 'shop.moves.example.com')
  await story.until('each has its own', async () => {
    const [[one], [other]] = [await story.listed(shop), await story.listed(blog)]
    return one === story.requested(hosts[0])[0] && other === story.requested(hosts[1])[0]
  })
  await story.ready(shop, blog)
  await story.until('the shared one is retired', () => story.world.aws.certificate(shared) === undefined)
})

test.concurrent('an Ingress without a hosted zone is Held and lent a certificate of its group, which goes on', async () => {
  const annotations = { 'alb.ingress.kubernetes.io/group.name': 'held' }
  const shop = { namespace: 'held', name: 'shop' }
  const lab = { namespace: 'held-lab', name: 'lab' }
  await story.apply({ ...shop, hosts: ['held.example.com'], annotations })
  await story.ready(shop)
  await story.apply({ ...lab, hosts: ['held.example.net'], annotations })
  await story.world.user.setHosts(shop, ['held.example.com'], '/new')
  await story.until('both changes are live', () => {
    const rules = story.world.lbc.deployed('held')?.rules ?? []
    return rules.some(({ path }) => path === '/new') && rules.some(({ host }) => host === 'held.example.net')
  })
  await story.until('the claim says why', async () => (await story.claim(lab))?.reason === 'NoHostedZone')
  expect(await story.claim(lab)).toMatchObject({ state: 'Held' })
  expect(await story.listed(lab)).toEqual([story.certificateOf('held.example.com')])
})

test.concurrent('a validation record that somebody deletes is put back', async () => {
  const shop = { namespace: 'records', name: 'shop' }
  await story.apply({ ...shop, hosts: ['records.example.com'] })
  await story.ready(shop)
  const record = story.recordOf(story.certificateOf('records.example.com'), 'records.example.com')
  expect(story.hasRecord(record)).toBe(true)
  await story.world.colleague.deleteRecord(record)
  await story.until('the record is back', () => story.hasRecord(record))
})

test.concurrent('a client-side apply that does not name our annotation leaves it in place, and leaves it ours', async () => {
  const shop = { namespace: 'applies', name: 'shop' }
  const manifest = (path: string) => ingressYaml({ ...shop, host: 'applies.example.com', path })
  await kubectl(['create', 'namespace', shop.namespace])
  await kubectl(['apply', '-f', '-'], manifest('/'))
  await story.ready(shop)
  await kubectl(['apply', '-f', '-'], manifest('/new'))
  expect(await story.listed(shop)).toEqual([story.certificateOf('applies.example.com')])
  expect(await story.owners(shop)).toEqual([OURS])
  await kubectl(['apply', '-f', '-', '--server-side', '--force-conflicts'], manifest('/newer'))
  expect(await story.listed(shop)).toEqual([story.certificateOf('applies.example.com')])
  expect(await story.owners(shop)).toEqual([OURS])
})

test.concurrent('a user who writes the annotation takes over at once, and our certificate is retired', async () => {
  const shop = { namespace: 'takes-over', name: 'shop' }
  await story.apply({ ...shop, hosts: ['takes-over.example.com'] })
  await story.ready(shop)
  const ours = story.certificateOf('takes-over.example.com')
  const words = ['-n', shop.namespace, 'ingress', shop.name]
  const annotate = (arn: string) =>
    kubectl(['annotate', '--overwrite', ...words, `${INGRESS_CERTIFICATE_ANNOTATION}=${arn}`])
  await annotate(ours)
  expect(await story.owners(shop), 'the same value changes nothing').toEqual([OURS])
  const theirs = story.world.aws.issueCertificate({ names: ['takes-over.example.com'] })
  await annotate(theirs)
  expect(await story.owners(shop)).toEqual([{ manager: 'kubectl-annotate', operation: 'Update' }])
  const applied = ingressYaml({ ...shop, host: 'takes-over.example.com', path: '/', arn: ours })
  const asWe = ['apply', '--server-side', `--field-manager=${FIELD_MANAGER}`, '--dry-run=server', '-f', '-']
  await expect(kubectl(asWe, applied), 'what we would apply').rejects.toThrow(/conflict with "kubectl-annotate"/)
  await story.until('we step back', async () => (await story.claim(shop))?.reason === 'ExplicitCertificate')
  await story.until('ours is retired', () => story.world.aws.certificate(ours) === undefined)
  expect(await story.listed(shop)).toEqual([theirs])
  expect(await story.owners(shop)).toEqual([{ manager: 'kubectl-annotate', operation: 'Update' }])
})

test.concurrent('an annotation that a user takes away is nobody’s, and we restore it', async () => {
  const shop = { namespace: 'takes-away', name: 'shop' }
  await story.apply({ ...shop, hosts: ['takes-away.example.com'] })
  await story.ready(shop)
  const words = ['-n', shop.namespace, 'ingress', shop.name]
  await kubectl(['annotate', ...words, `${INGRESS_CERTIFICATE_ANNOTATION}-`])
  await story.lists(shop, story.certificateOf('takes-away.example.com'))
  expect(await story.owners(shop)).toEqual([OURS])
})

test.concurrent('the certificate of a deleted Ingress is retired after its grace period, and its record stays', async () => {
  const shop = { namespace: 'deleted', name: 'shop' }
  await story.apply({ ...shop, hosts: ['deleted.example.com'] })
  await story.ready(shop)
  const arn = story.certificateOf('deleted.example.com')
  const record = story.recordOf(arn, 'deleted.example.com')
  const { uid } = (await story.world.user.get(shop)).metadata
  // So that the garbage collector of a whole cluster takes the claim away with it.
  expect((await story.claimObject(shop))?.metadata.ownerReferences).toMatchObject([{ kind: 'Ingress', uid }])
  await story.world.user.delete(shop)
  // The load balancer controller's finalizer goes last.
  await story.until('the Ingress is gone', async () => !(await story.exists(shop)))
  const certificate = story.world.aws.certificate(arn)
  expect(certificate && statusOf(certificate)).toBe('ISSUED')
  await story.until('its certificate is gone', () => story.world.aws.certificate(arn) === undefined)
  expect(story.hasRecord(record)).toBe(true)
})

// Last, and alone: the others would wait with it for the lease of the dead.
test('killed after its request reached ACM and started again, the controller requests nothing twice', async () => {
  const shop = { namespace: 'killed', name: 'shop' }
  const end = story.world.aws.events.subscribe((event) => {
    if (event.kind === 'certificateRequested' && event.names.includes('killed.example.com')) story.killController()
  })
  await story.apply({ ...shop, hosts: ['killed.example.com'] })
  await story.until('the request has reached ACM', () => story.requested('killed.example.com').length > 0)
  end()
  story.startController()
  await story.ready(shop)
  expect(await story.listed(shop)).toEqual([story.certificateOf('killed.example.com')])
})

/** What a user has in a file: no word of a certificate's ARN, unless `arn` is given. */
function ingressYaml(written: { namespace: string; name: string; host: string; path: string; arn?: string }): string {
  const { namespace, name, host, path, arn } = written
  const certificate = arn === undefined ? '' : `\n    ${INGRESS_CERTIFICATE_ANNOTATION}: ${arn}`
  return `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  namespace: ${namespace}
  name: ${name}
  annotations:
    certwright.dev/certificate: "true"
    alb.ingress.kubernetes.io/listen-ports: '[{"HTTP":80},{"HTTPS":443}]'${certificate}
spec:
  ingressClassName: alb
  rules:
    - host: ${host}
      http:
        paths:
          - path: ${path}
            pathType: Prefix
            backend: { service: { name: ${name}, port: { number: 80 } } }
`
}
