import { describe, expect, it } from 'vitest'
import { parseConfiguration } from './cli/configuration-file.ts'
import { type GivenFlags, flagsOf } from './cli/setting.ts'
import { resolveSettings, SETTINGS } from './config.ts'

const HEAD = 'apiVersion: certwright.dev/v1alpha1\nkind: Configuration\n'

function resolve(flags: GivenFlags, file?: string) {
  return resolveSettings({
    flags,
    file: file === undefined ? undefined : parseConfiguration('certwright.yaml', HEAD + file),
  })
}

it('has these defaults', () => {
  expect(resolve({ 'cluster-name': 'try' })).toEqual({
    clusterName: 'try',
    kubeconfig: undefined,
    context: undefined,
    watchNamespace: undefined,
    ingressClass: undefined,
    region: undefined,
    lbcAnnotations: false,
    defaultTags: {},
    defaultCertificateAuthority: undefined,
    allowedCertificateAuthorities: [],
    rotationConcurrency: 5,
    retireAfter: 24 * 3_600_000,
    retireBrake: true,
    recordCheckInterval: 3_600_000,
    settle: 60_000,
    quotaShare: 0.8,
    maxNamesPerCertificate: 10,
    certificatesPerLoadBalancer: 25,
    fallbackCertificate: undefined,
    hostedZones: {},
    zoneRoles: [],
    certificatesQuota: 2_500,
    yearlyRequestsQuota: 5_000,
    requestBudget: { kind: 'share', share: 0.8 },
    namespaceRequestShare: 0.5,
    policyMode: 'off',
    logLevel: 'info',
    logFormat: 'json',
    metricsAddress: { host: undefined, port: 8080 },
    healthAddress: { host: undefined, port: 8081 },
    leaderElect: true,
    leaderElectionId: 'certwright',
    leaderElectionNamespace: 'kube-system',
    leaseDuration: 30_000,
    leaseRenewInterval: 5_000,
  })
})

it('takes from the file what no flag says', () => {
  const { clusterName, retireAfter, settle } = resolve(
    { settle: '5s' },
    'cluster-name: file\nretire-after: 2h\nsettle: 10s',
  )
  expect({ clusterName, retireAfter, settle }).toEqual({ clusterName: 'file', retireAfter: 7_200_000, settle: 5_000 })
})

it('lets a list of flags win over the whole list of the file', () => {
  const flags = { 'cluster-name': 'a', 'hosted-zone': ['b.example.=Z2'] }
  expect(resolve(flags, 'hosted-zone: [a.example=Z1, c.example=Z3]').hostedZones).toEqual({ 'b.example': 'Z2' })
})

it('reads JSON, which is YAML', () => {
  const file = parseConfiguration(
    'c.json',
    '{"apiVersion":"certwright.dev/v1alpha1","kind":"Configuration","cluster-name":"json"}',
  )
  expect(resolveSettings({ flags: {}, file }).clusterName).toBe('json')
})

it('takes the words of YAML for what they mean', () => {
  const file =
    'cluster-name: a\nretire-brake: off\nlbc-annotations: true\nquota-share: 0.5\nhosted-zone: a.example=Z1\nmetrics-address: 0'
  expect(resolve({}, file)).toMatchObject({
    retireBrake: false,
    lbcAnnotations: true,
    quotaShare: 0.5,
    hostedZones: { 'a.example': 'Z1' },
    metricsAddress: undefined,
  })
})

it.each(flagsOf(SETTINGS))('refuses a file with a list of lists for %s, naming the field', (flag) => {
  const file = `${flag === 'cluster-name' ? '' : 'cluster-name: a\n'}${flag}: [[]]`
  expect(() => resolve({}, file)).toThrow(`the field ${flag} of certwright.yaml has the value [`)
})

it('accepts a cluster name of every kind of character that a tag can hold', () => {
  const name = 'Straße 東京-1_a.b:c/d=e+f@g'
  expect(resolve({ 'cluster-name': name }).clusterName).toBe(name)
})

describe('every setting', () => {
  it.each(Object.values(SETTINGS))(
    '$flag has one sentence, and a name that a shell and YAML take as it is',
    (setting) => {
      expect(setting.sentence).toMatch(/^[A-Z].*[^.]\.?$/)
      expect(setting.flag).toMatch(/^[a-z]+(-[a-z]+)*$/)
    },
  )

  it('has a name of its own', () => {
    expect(new Set(flagsOf(SETTINGS)).size).toBe(Object.keys(SETTINGS).length)
  })
})
