import { expect, test } from 'vitest'
import { publicDns } from './public-dns.ts'

function failing(code: string) {
  const fail = () => Promise.reject(Object.assign(new Error(code), { code }))
  return publicDns({ resolveNs: fail, resolveCname: fail, resolveCaa: fail })
}

test('answers come in lower case without dots, CAA by tag', async () => {
  const dns = publicDns({
    resolveNs: async () => ['NS-1.example.net.'],
    resolveCname: async () => ['_V.acm-validations.aws.'],
    resolveCaa: async () => [
      { critical: 0, issue: 'amazon.com' },
      { critical: 128, iodef: 'mailto:security@example.com' },
    ],
  })
  expect(await dns.nameServers('example.com')).toEqual(['ns-1.example.net'])
  expect(await dns.canonicalNames('_x.example.com')).toEqual(['_v.acm-validations.aws'])
  expect(await dns.certificationAuthorities('example.com')).toEqual([
    { critical: false, tag: 'issue', value: 'amazon.com' },
    { critical: true, tag: 'iodef', value: 'mailto:security@example.com' },
  ])
})

test('a name that does not exist, or has no such records, has none', async () => {
  for (const code of ['ENOTFOUND', 'ENODATA']) {
    expect(await failing(code).nameServers('example.com')).toEqual([])
    expect(await failing(code).canonicalNames('example.com')).toEqual([])
    expect(await failing(code).certificationAuthorities('example.com')).toEqual([])
  }
})

test('a resolver that fails is not an absent name', async () => {
  await expect(failing('ESERVFAIL').nameServers('example.com')).rejects.toMatchObject({ code: 'ESERVFAIL' })
  await expect(failing('ETIMEOUT').canonicalNames('example.com')).rejects.toMatchObject({ code: 'ETIMEOUT' })
})
