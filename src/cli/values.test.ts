import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hostedZones, listenAddress, parseDuration, share, toggle, zoneRoles } from './values.ts'

describe('a duration', () => {
  it.each([
    ['24h', 86_400_000],
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['3d', 259_200_000],
    ['500ms', 500],
    ['1.5s', 1_500],
    ['0s', 0],
  ])('%s is %d ms', (written, milliseconds) => expect(parseDuration(written)).toBe(milliseconds))

  it.each(['', '24', 'h', '1 h', '1h 30m', '-1s', '+1s', '1H', '1h30', '1w', '1e3s', '.5s', '1,5h', '٣s'])(
    '%j is none',
    (written) => expect(parseDuration(written)).toBeUndefined(),
  )

  it('is the sum of its parts', () => {
    const part = fc.tuple(fc.nat(1_000), fc.constantFrom('d', 'h', 'm', 's', 'ms'))
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
        const texts = parts.map(([count, unit]) => `${count}${unit}`)
        const sum = texts.reduce((total, text) => total + (parseDuration(text) ?? Number.NaN), 0)
        expect(parseDuration(texts.join(''))).toBe(sum)
      }),
    )
  })

  it('is nothing that anybody could type by accident', () => {
    fc.assert(
      fc.property(fc.string(), (written) => {
        const parsed = parseDuration(written)
        expect(parsed === undefined || /^(\d+(\.\d+)?(ms|[smhd]))+$/.test(written)).toBe(true)
      }),
    )
  })
})

it.each([
  ['80%', 0.8],
  ['0.8', 0.8],
  [0.8, 0.8],
  ['100%', 1],
  [1, 1],
])('the share %j is %d', (written, value) => expect(share.parse(written)).toBe(value))

it.each(['0', '101%', '1.1', 'half', '', '-0.5', '80 percent'])('%j is no share', (written) => {
  expect(share.safeParse(written).success).toBe(false)
})

it.each([
  [':8080', { host: undefined, port: 8080 }],
  ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
  ['[::1]:9000', { host: '::1', port: 9000 }],
  ['localhost:80', { host: 'localhost', port: 80 }],
  ['0', undefined],
  ['off', undefined],
  [0, undefined],
])('%j is an address', (written, address) => expect(listenAddress.parse(written)).toEqual(address))

it.each(['8080', ':', ':65536', '::1:80', 'a b:80', 'http://a:80', ''])('%j is no address', (written) => {
  expect(listenAddress.safeParse(written).success).toBe(false)
})

it('takes a zone with its prefix, a dot at its end and in capitals for the zone that it is', () => {
  expect(hostedZones.parse(['Example.COM.=/hostedzone/Z0123', 'internal=Z9'])).toEqual({
    'example.com': 'Z0123',
    internal: 'Z9',
  })
})

it('takes the same zone twice for one', () => {
  expect(hostedZones.parse(['a.example=Z1', 'a.example=Z1'])).toEqual({ 'a.example': 'Z1' })
})

it.each(['=Z1', 'a.example=', 'a.example=z1', '*.a.example=Z1', 'a.example', 'a b=Z1'])('%j is no zone', (written) => {
  expect(hostedZones.safeParse([written]).success).toBe(false)
})

it('takes a switch without a value for on', () => {
  expect([toggle('on or off').parse(true), toggle('on or off').parse('off')]).toEqual([true, false])
})

const DNS_ROLE = 'arn:aws:iam::999988887777:role/path/dns'

it('takes a role for a domain, with its external id or without', () => {
  expect(zoneRoles.parse([`Example.ORG.=${DNS_ROLE},id-1`, `a.example = ${DNS_ROLE}`])).toEqual([
    { suffix: 'example.org', arn: DNS_ROLE, externalId: 'id-1' },
    { suffix: 'a.example', arn: DNS_ROLE, externalId: undefined },
  ])
})

it.each([
  ['example.org'],
  [DNS_ROLE],
  ['example.org=dns'],
  [`=${DNS_ROLE}`],
  [`example.org=${DNS_ROLE},`],
  [`*.example.org=${DNS_ROLE}`],
  ['example.org=arn:aws:iam::999988887777:user/dns'],
])('refuses %s as a role for a domain', (written) => {
  expect(zoneRoles.safeParse([written]).success).toBe(false)
})

it('refuses two roles for one domain', () => {
  expect(zoneRoles.safeParse([`a.example=${DNS_ROLE}`, `a.example=${DNS_ROLE}2`]).success).toBe(false)
})
