import { expect, test } from 'vitest'
import { decodeName, Route53 } from './route53.ts'
import { type Answer, finish, scripted, type SeenRequest } from './scripted.ts'

function route53On(answer: (request: SeenRequest, index: number) => Answer) {
  const world = scripted(answer)
  const route53 = new Route53({ client: world.clients.route53, calls: world.calls })
  return { ...world, route53, end: <Value>(promise: Promise<Value>) => finish(world.clock, promise) }
}

function zoneXml(id: string, name: string, isPrivate: boolean, count: number): string {
  return `<HostedZone><Id>/hostedzone/${id}</Id><Name>${name}</Name><CallerReference>r</CallerReference><Config><PrivateZone>${isPrivate}</PrivateZone></Config><ResourceRecordSetCount>${count}</ResourceRecordSetCount></HostedZone>`
}

function zonesXml(zones: string, marker?: string): Answer {
  const more = marker === undefined ? '' : `<NextMarker>${marker}</NextMarker>`
  return {
    body: `<ListHostedZonesResponse><HostedZones>${zones}</HostedZones><IsTruncated>${marker !== undefined}</IsTruncated>${more}<MaxItems>100</MaxItems></ListHostedZonesResponse>`,
  }
}

function setXml(name: string, type: string, value: string, extra = ''): string {
  return `<ResourceRecordSet><Name>${name}</Name><Type>${type}</Type>${extra}<TTL>60</TTL><ResourceRecords><ResourceRecord><Value>${value}</Value></ResourceRecord></ResourceRecords></ResourceRecordSet>`
}

function setsXml(sets: readonly string[], next?: { name: string; type: string; identifier?: string }): Answer {
  const identifier = next?.identifier ? `<NextRecordIdentifier>${next.identifier}</NextRecordIdentifier>` : ''
  const more = next
    ? `<NextRecordName>${next.name}</NextRecordName><NextRecordType>${next.type}</NextRecordType>${identifier}`
    : ''
  return {
    body: `<ListResourceRecordSetsResponse><ResourceRecordSets>${sets.join('')}</ResourceRecordSets><IsTruncated>${next !== undefined}</IsTruncated>${more}<MaxItems>10</MaxItems></ListResourceRecordSetsResponse>`,
  }
}

test('all pages of zones are read; ids and names come without what only Route 53 writes', async () => {
  const { route53, end, seen } = route53On((_, index) =>
    index === 0
      ? zonesXml(zoneXml('Z1', 'Example.com.', false, 3), 'Z2')
      : zonesXml(zoneXml('Z2', 'corp.example.com.', true, 3) + zoneXml('Z3', '\\052.odd.example.', false, 2)),
  )
  expect(await end(route53.listZones())).toEqual([
    { id: 'Z1', name: 'example.com', private: false },
    { id: 'Z2', name: 'corp.example.com', private: true },
    { id: 'Z3', name: '*.odd.example', private: false },
  ])
  expect(seen.map(({ operation, input }) => [operation, input.marker])).toEqual([
    ['GET /2013-04-01/hostedzone', undefined],
    ['GET /2013-04-01/hostedzone', 'Z2'],
  ])
})

test('pages of zones that repeat are an error, not an endless look', async () => {
  const { route53, end } = route53On(() => zonesXml(zoneXml('Z1', 'example.com.', false, 3), 'Z1'))
  await expect(end(route53.listZones())).rejects.toMatchObject({ kind: 'transient', code: 'RepeatedPage' })
})

test('the name servers of a zone come in lower case without dots', async () => {
  const { route53, end } = route53On(() => ({
    body: `<GetHostedZoneResponse>${zoneXml('Z1', 'example.com.', false, 2)}<DelegationSet><NameServers><NameServer>NS-1.awsdns-01.org.</NameServer><NameServer>ns-2.awsdns-02.com</NameServer></NameServers></DelegationSet></GetHostedZoneResponse>`,
  }))
  expect(await end(route53.nameServersOf('Z1'))).toEqual(['ns-1.awsdns-01.org', 'ns-2.awsdns-02.com'])
})

test('what stands at a name is told for each name', async () => {
  const sets: Record<string, string[]> = {
    '_right.example.com': [setXml('_right.example.com.', 'CNAME', '_V.acm-validations.aws.')],
    '_behind.example.com': [setXml('_behindmore.example.com.', 'CNAME', 'x.')],
    '_none.example.com': [],
    '_weighted.example.com': [
      setXml('_weighted.example.com.', 'CNAME', 'a.', '<SetIdentifier>a</SetIdentifier><Weight>1</Weight>'),
      setXml('_weighted.example.com.', 'CNAME', 'b.', '<SetIdentifier>b</SetIdentifier><Weight>1</Weight>'),
    ],
    '_routed.example.com': [
      setXml('_routed.example.com.', 'CNAME', 'a.', '<SetIdentifier>a</SetIdentifier><Weight>1</Weight>'),
    ],
    '_alias.example.com': [
      '<ResourceRecordSet><Name>_alias.example.com.</Name><Type>CNAME</Type><AliasTarget><HostedZoneId>Z1</HostedZoneId><DNSName>t.example.com.</DNSName><EvaluateTargetHealth>false</EvaluateTargetHealth></AliasTarget></ResourceRecordSet>',
    ],
    '_txt.example.com': [setXml('_txt.example.com.', 'MX', '1 m.'), setXml('_txt.example.com.', 'TXT', '"x"')],
  }
  const { route53, end, seen } = route53On(({ input }) => setsXml(sets[String(input.name)] ?? []))
  const states = await end(route53.readRecords({ zoneId: 'Z1', names: Object.keys(sets) }))
  expect(Object.fromEntries(states)).toEqual({
    '_right.example.com': { kind: 'cname', value: '_v.acm-validations.aws', plain: true },
    '_behind.example.com': { kind: 'absent' },
    '_none.example.com': { kind: 'absent' },
    '_weighted.example.com': { kind: 'other', types: ['CNAME by turns a or b'] },
    '_routed.example.com': { kind: 'cname', value: 'a', plain: false },
    '_alias.example.com': { kind: 'cname', value: 't.example.com', plain: false },
    '_txt.example.com': { kind: 'other', types: ['MX', 'TXT'] },
  })
  expect(seen).toHaveLength(7)
  expect(seen[0]?.input).toEqual({ name: '_right.example.com', maxitems: '10' })
})

test('sets at one name that fill a page are followed to the next', async () => {
  const weighted = (identifier: string) =>
    setXml('_x.example.com.', 'CNAME', 'a.', `<SetIdentifier>${identifier}</SetIdentifier><Weight>1</Weight>`)
  const { route53, end, seen } = route53On((_, index) =>
    index === 0
      ? setsXml([weighted('a')], { name: '_x.example.com.', type: 'CNAME', identifier: 'b' })
      : setsXml([weighted('b'), setXml('_x.example.com.', 'TXT', '"x"'), setXml('z.example.com.', 'A', '192.0.2.1')], {
          name: 'zz.example.com.',
          type: 'A',
        }),
  )
  const states = await end(route53.readRecords({ zoneId: 'Z1', names: ['_x.example.com'] }))
  expect(states.get('_x.example.com')).toEqual({ kind: 'other', types: ['CNAME', 'TXT'] })
  expect(seen[1]?.input).toEqual({ name: '_x.example.com.', type: 'CNAME', identifier: 'b', maxitems: '10' })
  expect(seen).toHaveLength(2)
})

test('a small zone is read whole where many names are asked for', async () => {
  const { route53, end, seen } = route53On(({ operation }) =>
    operation.endsWith('/hostedzone')
      ? zonesXml(zoneXml('Z1', 'example.com.', false, 250))
      : setsXml([setXml('_1.example.com.', 'CNAME', 'v.')]),
  )
  await end(route53.listZones())
  const names = Array.from({ length: 5 }, (_, index) => `_${index}.example.com`)
  const states = await end(route53.readRecords({ zoneId: 'Z1', names }))
  expect([...states.values()].map(({ kind }) => kind)).toEqual(['absent', 'cname', 'absent', 'absent', 'absent'])
  expect(seen.map(({ input }) => input)).toEqual([{}, { maxitems: '300' }])
})

test('a zone of unknown size is not walked for a few names, nor asked name by name for many', async () => {
  const { route53, end, seen } = route53On(() => setsXml([]))
  const names = (count: number) => Array.from({ length: count }, (_, index) => `_${index}.example.com`)
  await end(route53.readRecords({ zoneId: 'Z1', names: names(10) }))
  expect(seen).toHaveLength(10)
  await end(route53.readRecords({ zoneId: 'Z1', names: names(11) }))
  expect(seen).toHaveLength(11)
})

test('the size of a zone is learnt by reading it whole', async () => {
  const page = Array.from({ length: 150 }, (_, index) => setXml(`r${index}.example.com.`, 'A', '192.0.2.1'))
  const { route53, end, seen } = route53On((_, index) =>
    index === 0 ? setsXml(page, { name: 'r150.example.com.', type: 'A' }) : setsXml(page),
  )
  const names = (count: number) => Array.from({ length: count }, (_, index) => `_${index}.example.com`)
  await end(route53.readRecords({ zoneId: 'Z1', names: names(11) }))
  await end(route53.readRecords({ zoneId: 'Z1', names: names(2) }))
  expect(seen.map(({ input }) => input)).toEqual([
    { maxitems: '300' },
    { maxitems: '300', name: 'r150.example.com.', type: 'A' },
    { maxitems: '300' },
  ])
})

test('pages of records that repeat are an error, not an endless look', async () => {
  const { route53, end } = route53On(() =>
    setsXml([setXml('_x.example.com.', 'CNAME', 'v.')], { name: '_x.example.com.', type: 'CNAME' }),
  )
  const read = route53.readRecords({ zoneId: 'Z1', names: ['_x.example.com'] })
  await expect(end(read)).rejects.toMatchObject({ kind: 'transient', code: 'RepeatedPage' })
})

test('a failed page fails the whole read', async () => {
  const { route53, end } = route53On(({ input }) =>
    input.name === '_b.example.com'
      ? {
          status: 400,
          body: '<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>',
        }
      : setsXml([]),
  )
  const read = route53.readRecords({ zoneId: 'Z1', names: ['_a.example.com', '_b.example.com'] })
  await expect(end(read)).rejects.toMatchObject({ kind: 'throttled' })
})

test('records are created, never upserted, as CNAMEs', async () => {
  const { route53, end, seen } = route53On(() => ({
    body: '<ChangeResourceRecordSetsResponse><ChangeInfo><Id>/change/C1</Id><Status>PENDING</Status><SubmittedAt>2026-11-24T09:00:00Z</SubmittedAt></ChangeInfo></ChangeResourceRecordSetsResponse>',
  }))
  const record = { name: '_a.example.com', value: '_b.x.acm-validations.aws' }
  await end(route53.createRecords({ zoneId: 'Z1', records: [record] }))
  expect(seen[0]?.operation).toMatch(/^POST \/2013-04-01\/hostedzone\/Z1\/rrset\/?$/)
  expect(seen[0]?.body).toContain(
    '<Change><Action>CREATE</Action><ResourceRecordSet><Name>_a.example.com.</Name><Type>CNAME</Type><TTL>300</TTL><ResourceRecords><ResourceRecord><Value>_b.x.acm-validations.aws.</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></Change>',
  )
})

test('nothing but a validation record is ever sent', async () => {
  const { route53, seen } = route53On(() => ({ body: '' }))
  const records = [{ name: 'www.example.com', value: '_b.acm-validations.aws' }]
  await expect(route53.createRecords({ zoneId: 'Z1', records })).rejects.toThrow('not a validation record')
  expect(seen).toHaveLength(0)
})

test('escaped names are read as what they mean', () => {
  expect(decodeName('\\052.Example.com.')).toBe('*.example.com')
  expect(decodeName('user\\100example.com')).toBe('user@example.com')
  expect(decodeName('_plain-1.example.com')).toBe('_plain-1.example.com')
})
