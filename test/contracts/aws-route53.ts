import {
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  DeleteHostedZoneCommand,
  GetChangeCommand,
  GetHostedZoneCommand,
  ListHostedZonesByNameCommand,
  ListHostedZonesCommand,
  ListResourceRecordSetsCommand,
  type Change,
  type ChangeAction,
  type ListResourceRecordSetsCommandInput,
} from '@aws-sdk/client-route-53'
import { expect, test } from 'vitest'
import { failureOf, type AwsClients, type AwsHarness, type Enter } from './aws-harness.ts'

function change(
  Action: ChangeAction,
  Name: string,
  Type: 'CNAME' | 'A' | 'TXT' | 'NS',
  values: readonly string[],
  TTL = 300,
): Change {
  return { Action, ResourceRecordSet: { Name, Type, TTL, ResourceRecords: values.map((Value) => ({ Value })) } }
}

async function send({ route53 }: AwsClients, HostedZoneId: string, ...Changes: Change[]) {
  return route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes } }))
}

async function recordsOf(
  { route53 }: AwsClients,
  HostedZoneId: string,
  input: Partial<ListResourceRecordSetsCommandInput> = {},
) {
  return route53.send(new ListResourceRecordSetsCommand({ HostedZoneId, ...input }))
}

/** Names and values of the CNAMEs in a zone. */
async function aliases(world: AwsHarness, id: string): Promise<Record<string, string | undefined>> {
  const { ResourceRecordSets = [] } = await recordsOf(world, id)
  return Object.fromEntries(
    ResourceRecordSets.filter(({ Type }) => Type === 'CNAME').map(({ Name, ResourceRecords }) => [
      Name,
      ResourceRecords?.[0]?.Value,
    ]),
  )
}

const INVALID = 'InvalidChangeBatch'

export function route53Contract(enter: Enter): void {
  test('a new zone has a delegation set, and NS and SOA at its apex [S]', async () => {
    const world = await enter()
    const created = await world.route53.send(
      new CreateHostedZoneCommand({ Name: 'Example.com', CallerReference: 'one' }),
    )
    expect(created.HostedZone).toMatchObject({ Name: 'example.com.', Config: { PrivateZone: false } })
    expect(created.HostedZone?.Id).toMatch(/^\/hostedzone\/Z[\dA-F]+$/)
    expect(created.ChangeInfo?.Status).toBe('PENDING')
    const Id = created.HostedZone?.Id ?? ''
    const got = await world.route53.send(new GetHostedZoneCommand({ Id }))
    expect(got.DelegationSet?.NameServers).toHaveLength(4)
    expect(got.DelegationSet?.NameServers).toEqual(created.DelegationSet?.NameServers)
    const records = (await recordsOf(world, Id)).ResourceRecordSets ?? []
    expect(records.map(({ Name, Type }) => [Name, Type])).toEqual([
      ['example.com.', 'NS'],
      ['example.com.', 'SOA'],
    ])
    expect(records[0]?.ResourceRecords?.map(({ Value }) => Value)).toEqual(
      got.DelegationSet?.NameServers?.map((name) => `${name}.`),
    )
  })

  test('a caller reference makes one zone [S]', async () => {
    const world = await enter()
    const create = () =>
      world.route53.send(new CreateHostedZoneCommand({ Name: 'example.com', CallerReference: 'one' }))
    await create()
    expect(await failureOf(create())).toMatchObject({ name: 'HostedZoneAlreadyExists' })
  })

  test('a zone that has records is not deleted; an empty one is [S]', async () => {
    const world = await enter()
    const { id } = world.aws.createHostedZone({ name: 'example.com' })
    await send(world, id, change('CREATE', 'a.example.com', 'CNAME', ['x.test']))
    expect(await failureOf(world.route53.send(new DeleteHostedZoneCommand({ Id: id })))).toMatchObject({
      name: 'HostedZoneNotEmpty',
    })
    await send(world, id, change('DELETE', 'a.example.com', 'CNAME', ['x.test']))
    await world.route53.send(new DeleteHostedZoneCommand({ Id: id }))
    expect(await failureOf(world.route53.send(new GetHostedZoneCommand({ Id: id })))).toEqual({
      name: 'NoSuchHostedZone',
      message: `No hosted zone found with ID: ${id}`,
    })
  })

  test('a private zone says so, and has no delegation set [S]', async () => {
    const world = await enter()
    const { id } = world.aws.createHostedZone({ name: 'example.com', private: true })
    const { HostedZone, DelegationSet } = await world.route53.send(new GetHostedZoneCommand({ Id: id }))
    expect(HostedZone?.Config?.PrivateZone).toBe(true)
    expect(DelegationSet).toBeUndefined()
  })

  test('zones are listed a hundred a page [S]', async () => {
    const world = await enter()
    for (let index = 0; index < 201; index++) world.aws.createHostedZone({ name: `z${index}.test` })
    const sizes: number[] = []
    const names = new Set<string | undefined>()
    let Marker: string | undefined
    do {
      const page = await world.route53.send(new ListHostedZonesCommand(Marker === undefined ? {} : { Marker }))
      sizes.push(page.HostedZones?.length ?? 0)
      for (const { Name } of page.HostedZones ?? []) names.add(Name)
      Marker = page.NextMarker
      expect(page.IsTruncated).toBe(Marker !== undefined)
    } while (Marker !== undefined)
    expect(sizes).toEqual([100, 100, 1])
    expect(names.size).toBe(201)
  })

  test('zones by name begin at or after the name, ordered by labels from the right [S]', async () => {
    const world = await enter()
    for (const name of ['b.com', 'a.b.com', 'a.net', 'aa.com']) world.aws.createHostedZone({ name })
    const names = async (DNSName: string, MaxItems?: number) =>
      (
        await world.route53.send(new ListHostedZonesByNameCommand({ DNSName, ...(MaxItems ? { MaxItems } : {}) }))
      ).HostedZones?.map(({ Name }) => Name)
    expect(await names('aa.com')).toEqual(['aa.com.', 'b.com.', 'a.b.com.', 'a.net.'])
    expect(await names('ab.com')).toEqual(['b.com.', 'a.b.com.', 'a.net.'])
    const first = await world.route53.send(new ListHostedZonesByNameCommand({ MaxItems: 2 }))
    expect(first).toMatchObject({ IsTruncated: true, NextDNSName: 'a.b.com.' })
  })

  test('an account does not see another one’s zones [S]', async () => {
    const world = await enter()
    world.aws.accounts.createAccessKey({ accessKeyId: 'AKIDOTHER', account: '222222222222', userName: 'other' })
    const { id } = world.aws.createHostedZone({ name: 'example.com' })
    const other = world.clients({ accessKeyId: 'AKIDOTHER' })
    expect((await other.route53.send(new ListHostedZonesCommand({}))).HostedZones).toEqual([])
    expect(await failureOf(recordsOf(other, id))).toMatchObject({ name: 'NoSuchHostedZone' })
    expect(await failureOf(send(other, id, change('CREATE', 'a.example.com', 'CNAME', ['x.test'])))).toMatchObject({
      name: 'NoSuchHostedZone',
    })
  })

  test('a change is PENDING, and INSYNC after a while [S]', async () => {
    const world = await enter({ dnsPropagation: [30_000, 30_000] })
    const { id } = world.aws.createHostedZone({ name: 'example.com' })
    const { ChangeInfo } = await send(world, id, change('CREATE', 'a.example.com', 'CNAME', ['x.test']))
    expect(ChangeInfo?.Status).toBe('PENDING')
    const status = async () =>
      (await world.route53.send(new GetChangeCommand({ Id: ChangeInfo?.Id ?? '' }))).ChangeInfo?.Status
    expect(await status()).toBe('PENDING')
    await world.clock.advance(30_000)
    expect(await status()).toBe('INSYNC')
    expect(await failureOf(world.route53.send(new GetChangeCommand({ Id: 'C1' })))).toMatchObject({
      name: 'NoSuchChange',
    })
  })

  test('names are stored lower-case with a dot at the end, other characters in octal [D]', async () => {
    const world = await enter()
    const { id } = world.aws.createHostedZone({ name: 'example.com' })
    await send(
      world,
      id,
      change('CREATE', '*.Example.com', 'CNAME', ['x.test']),
      change('CREATE', 'a@b.example.com.', 'CNAME', ['y.test']),
      change('CREATE', '_1.example.com', 'CNAME', ['z.test']),
    )
    expect(await aliases(world, id)).toEqual({
      '\\052.example.com.': 'x.test',
      'a\\100b.example.com.': 'y.test',
      '_1.example.com.': 'z.test',
    })
    await send(world, id, change('DELETE', '\\052.example.com', 'CNAME', ['x.test']))
    expect(Object.keys(await aliases(world, id))).toHaveLength(2)
  })

  test('record sets are listed from a name on, 300 a page, the apex first [S]', async () => {
    const world = await enter()
    const { id } = world.aws.createHostedZone({ name: 'example.com' })
    const changes = Array.from({ length: 350 }, (_, index) =>
      change('CREATE', `n${String(index).padStart(3, '0')}.example.com`, 'CNAME', ['x.test']),
    )
    await send(world, id, ...changes)
    const first = await recordsOf(world, id)
    expect(first).toMatchObject({ IsTruncated: true, NextRecordName: 'n298.example.com.', NextRecordType: 'CNAME' })
    expect(first.ResourceRecordSets).toHaveLength(300)
    expect(first.ResourceRecordSets?.[0]?.Type).toBe('NS')
    const rest = await recordsOf(world, id, {
      StartRecordName: first.NextRecordName,
      StartRecordType: first.NextRecordType,
    })
    expect(rest.ResourceRecordSets).toHaveLength(52)
    expect(rest.IsTruncated).toBe(false)
    const near = await recordsOf(world, id, {
      StartRecordName: 'n100a.example.com',
      StartRecordType: 'CNAME',
      MaxItems: 1,
    })
    expect(near.ResourceRecordSets?.[0]?.Name).toBe('n101.example.com.')
  })

  test.each([
    [
      'creating what exists',
      change('CREATE', 'a.example.com', 'CNAME', ['y.test']),
      "[Tried to create resource record set [name='a.example.com.', type='CNAME'] but it already exists]",
    ],
    [
      'deleting what does not exist',
      change('DELETE', 'b.example.com', 'CNAME', ['x.test']),
      "[Tried to delete resource record set [name='b.example.com.', type='CNAME'] but it was not found]",
    ],
    [
      'deleting with another value',
      change('DELETE', 'a.example.com', 'CNAME', ['y.test']),
      "[Tried to delete resource record set [name='a.example.com.', type='CNAME'] but the values provided do not match the current values]",
    ],
    [
      'deleting with another TTL',
      change('DELETE', 'a.example.com', 'CNAME', ['x.test'], 60),
      "[Tried to delete resource record set [name='a.example.com.', type='CNAME'] but the values provided do not match the current values]",
    ],
    [
      'a CNAME beside another type',
      change('CREATE', 't.example.com', 'CNAME', ['x.test']),
      '[RRSet of type CNAME with DNS name t.example.com. is not permitted as it conflicts with other records with the same DNS name in zone example.com.]',
    ],
    [
      'another type beside a CNAME',
      change('CREATE', 'a.example.com', 'TXT', ['"x"']),
      '[RRSet of type TXT with DNS name a.example.com. is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone example.com.]',
    ],
    [
      'a CNAME at the apex',
      change('CREATE', 'example.com', 'CNAME', ['x.test']),
      '[RRSet of type CNAME with DNS name example.com. is not permitted at apex in zone example.com.]',
    ],
    [
      'a name outside the zone',
      change('CREATE', 'a.example.org', 'CNAME', ['x.test']),
      '[RRSet with DNS name a.example.org. is not permitted in zone example.com.]',
    ],
  ])('%s is an InvalidChangeBatch with a text of its own [I terraform#5280]', async (_, bad, message) => {
    const world = await enter()
    const { id } = world.aws.createHostedZone({ name: 'example.com' })
    await send(
      world,
      id,
      change('CREATE', 'a.example.com', 'CNAME', ['x.test']),
      change('CREATE', 't.example.com', 'TXT', ['"v"']),
    )
    expect(await failureOf(send(world, id, bad))).toEqual({ name: INVALID, message })
  })

  test('a batch is applied whole or not at all, and tells every reason [S]', async () => {
    const world = await enter()
    const { id } = world.aws.createHostedZone({ name: 'example.com' })
    await send(world, id, change('CREATE', 'a.example.com', 'CNAME', ['x.test']))
    const batch = [
      change('CREATE', 'new.example.com', 'CNAME', ['x.test']),
      change('CREATE', 'a.example.com', 'CNAME', ['x.test']),
      change('DELETE', 'b.example.com', 'CNAME', ['x.test']),
    ]
    const failure = await failureOf(send(world, id, ...batch))
    expect(failure.message).toBe(
      "[Tried to create resource record set [name='a.example.com.', type='CNAME'] but it already exists, Tried to delete resource record set [name='b.example.com.', type='CNAME'] but it was not found]",
    )
    expect(await aliases(world, id)).toEqual({ 'a.example.com.': 'x.test' })
    expect(world.aws.events.of('recordChanged')).toHaveLength(1)
  })

  test('UPSERT creates what is not there and replaces what is [S]', async () => {
    const world = await enter()
    const { id } = world.aws.createHostedZone({ name: 'example.com' })
    await send(world, id, change('UPSERT', 'a.example.com', 'CNAME', ['x.test']))
    await send(world, id, change('UPSERT', 'a.example.com', 'CNAME', ['y.test']))
    expect(await aliases(world, id)).toEqual({ 'a.example.com.': 'y.test' })
  })

  test('one batch may delete and create a set, and change none twice otherwise [D]', async () => {
    const world = await enter()
    const { id } = world.aws.createHostedZone({ name: 'example.com' })
    await send(world, id, change('CREATE', 'a.example.com', 'CNAME', ['x.test']))
    await send(
      world,
      id,
      change('DELETE', 'a.example.com', 'CNAME', ['x.test']),
      change('CREATE', 'a.example.com', 'CNAME', ['y.test']),
    )
    expect(await aliases(world, id)).toEqual({ 'a.example.com.': 'y.test' })
    const twice = change('CREATE', 'b.example.com', 'CNAME', ['x.test'])
    expect(await failureOf(send(world, id, twice, twice))).toMatchObject({ name: INVALID })
  })

  test('a batch holds 1,000 records, an UPSERT counting twice [D]', async () => {
    const world = await enter()
    const { id } = world.aws.createHostedZone({ name: 'example.com' })
    const batch = (action: ChangeAction, count: number) =>
      Array.from({ length: count }, (_, index) => change(action, `${action}${index}.example.com`, 'CNAME', ['x.test']))
    const limit = { name: INVALID, message: 'Number of records limit of 1000 exceeded.' }
    expect(await failureOf(send(world, id, ...batch('CREATE', 1_001)))).toEqual(limit)
    await send(world, id, ...batch('CREATE', 1_000))
    expect(await failureOf(send(world, id, ...batch('UPSERT', 501)))).toEqual(limit)
    await send(world, id, ...batch('UPSERT', 500))
  })

  test('a batch holds 32,000 characters of values, an UPSERT counting twice [D]', async () => {
    const world = await enter()
    const { id } = world.aws.createHostedZone({ name: 'example.com' })
    const batch = (action: ChangeAction, count: number) =>
      Array.from({ length: count }, (_, index) =>
        change(action, `${action}${index}.example.com`, 'CNAME', [`${'v'.repeat(155)}.test`]),
      )
    await send(world, id, ...batch('CREATE', 200))
    expect(await failureOf(send(world, id, ...batch('CREATE', 201)))).toMatchObject({ name: INVALID })
    await send(world, id, ...batch('UPSERT', 100))
    expect(await failureOf(send(world, id, ...batch('UPSERT', 101)))).toMatchObject({ name: INVALID })
  })

  test('beside calls, single record changes have a bucket of their own [D]', async () => {
    const world = await enter({ rates: true, recordChanges: { burst: 3, perSecond: 1 } })
    const { id } = world.aws.createHostedZone({ name: 'example.com' })
    const batch = (...labels: string[]) =>
      send(world, id, ...labels.map((label) => change('CREATE', `${label}.example.com`, 'CNAME', ['x.test'])))
    await batch('a', 'b')
    expect(await failureOf(batch('c', 'd'))).toEqual({ name: 'Throttling', message: 'Rate exceeded' })
    await batch('c')
    await world.clock.advance(2_000)
    await batch('d', 'e')
  })

  test('a zone does not lose its own NS and SOA [D]', async () => {
    const world = await enter()
    const zone = world.aws.createHostedZone({ name: 'example.com' })
    const servers = zone.nameServers.map((name) => `${name}.`)
    expect(
      await failureOf(send(world, zone.id, change('DELETE', 'example.com', 'NS', servers, 172_800))),
    ).toMatchObject({ name: INVALID })
  })

  test('an unknown path is not an operation [?]', async () => {
    const world = await enter()
    expect(await failureOf(recordsOf(world, 'a/b/c'))).toMatchObject({
      name: expect.stringMatching(/NoSuchHostedZone|UnknownOperation/),
    })
  })
}
