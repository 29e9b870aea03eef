import { expect, test } from 'vitest'
import { Elbv2 } from './elbv2.ts'
import { type Answer, finish, scripted, type SeenRequest } from './scripted.ts'

function elbv2On(answer: (request: SeenRequest, index: number) => Answer) {
  const world = scripted(answer)
  const elbv2 = new Elbv2({ client: world.clients.elbv2, calls: world.calls })
  return { ...world, elbv2, end: <Value>(promise: Promise<Value>) => finish(world.clock, promise) }
}

function xml(operation: string, list: string, members: readonly string[], marker?: string): Answer {
  const next = marker === undefined ? '' : `<NextMarker>${marker}</NextMarker>`
  const items = members.map((member) => `<member>${member}</member>`).join('')
  return {
    body: `<${operation}Response xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"><${operation}Result><${list}>${items}</${list}>${next}</${operation}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></${operation}Response>`,
  }
}

const loadBalancer = (id: string, dnsName: string, type: string) =>
  `<LoadBalancerArn>${id}</LoadBalancerArn><DNSName>${dnsName}</DNSName><Type>${type}</Type>`
const listener = (id: string, protocol: string, port: number, certificate?: string) =>
  `<ListenerArn>${id}</ListenerArn><Protocol>${protocol}</Protocol><Port>${port}</Port>${certificate ? `<Certificates><member><CertificateArn>${certificate}</CertificateArn></member></Certificates>` : ''}`
const certificate = (arn: string, isDefault: boolean) =>
  `<CertificateArn>${arn}</CertificateArn><IsDefault>${isDefault}</IsDefault>`

test('application load balancers of all pages, by the name that an Ingress shows', async () => {
  const { elbv2, end, seen } = elbv2On(({ input }) =>
    input.Marker === undefined
      ? xml(
          'DescribeLoadBalancers',
          'LoadBalancers',
          [
            loadBalancer('lb1', 'K8s-One-1.eu-central-1.elb.amazonaws.com', 'application'),
            loadBalancer('nlb', 'n.example', 'network'),
          ],
          'm1',
        )
      : xml('DescribeLoadBalancers', 'LoadBalancers', [loadBalancer('lb2', 'dualstack.two.example', 'application')]),
  )
  expect(await end(elbv2.describeLoadBalancers())).toEqual([
    { arn: 'lb1', dnsName: 'k8s-one-1.eu-central-1.elb.amazonaws.com' },
    { arn: 'lb2', dnsName: 'two.example' },
  ])
  expect(seen[0]?.input.PageSize).toBe('400')
})

test('each HTTPS listener shows all its certificates, the default first, each once', async () => {
  const { elbv2, end, seen } = elbv2On(({ operation, input }) => {
    if (operation === 'DescribeListeners') {
      return xml('DescribeListeners', 'Listeners', [
        listener('l80', 'HTTP', 80),
        listener('l443', 'HTTPS', 443, 'c1'),
        listener('l8443', 'HTTPS', 8443, 'c9'),
      ])
    }
    if (input.ListenerArn === 'l8443') return xml(operation, 'Certificates', [])
    return input.Marker === undefined
      ? xml(operation, 'Certificates', [certificate('c3', false), certificate('c1', false)], 'm1')
      : xml(operation, 'Certificates', [certificate('c2', false), certificate('c1', true)])
  })
  expect(await end(elbv2.describeListeners('lb1'))).toEqual([
    { arn: 'l80', port: 80, protocol: 'HTTP', certificates: [] },
    { arn: 'l443', port: 443, protocol: 'HTTPS', certificates: ['c1', 'c3', 'c2'] },
    { arn: 'l8443', port: 8443, protocol: 'HTTPS', certificates: ['c9'] },
  ])
  expect(seen.filter(({ input }) => input.ListenerArn === 'l80')).toHaveLength(0)
})

test('a default that was changed between the two calls is the one of the later call', async () => {
  const { elbv2, end } = elbv2On(({ operation }) =>
    operation === 'DescribeListeners'
      ? xml(operation, 'Listeners', [listener('l443', 'HTTPS', 443, 'old')])
      : xml(operation, 'Certificates', [certificate('new', true)]),
  )
  expect((await end(elbv2.describeListeners('lb1')))[0]?.certificates).toEqual(['new'])
})

test('a listener that vanishes in between makes the look fail: a part is no look', async () => {
  const { elbv2, end } = elbv2On(({ operation }) =>
    operation === 'DescribeListeners'
      ? xml(operation, 'Listeners', [listener('l443', 'HTTPS', 443, 'c1')])
      : {
          status: 400,
          body: '<ErrorResponse><Error><Type>Sender</Type><Code>ListenerNotFound</Code><Message>gone</Message></Error></ErrorResponse>',
        },
  )
  await expect(end(elbv2.describeListeners('lb1'))).rejects.toMatchObject({ kind: 'notFound' })
})
