import { describe, expect, it } from 'vitest'
import type { Namespace } from './ingress.ts'
import { plan } from './plan.ts'
import type { CertificatePolicy } from './policy.ts'
import { problemOfPolicy } from './policy.ts'
import type { SituationOptions } from './testing/situations.ts'
import { claim, NOW, ours, situation } from './testing/situations.ts'

function policy(name: string, overrides: Partial<CertificatePolicy> = {}): CertificatePolicy {
  return {
    name,
    generation: 1,
    namespaceSelector: { matchLabels: { team: 'shop' }, matchExpressions: [] },
    domains: ['example.com'],
    wildcards: false,
    maxCertificates: undefined,
    maxRequestsPerDay: undefined,
    said: undefined,
    ...overrides,
  }
}

const LABELS: Namespace = { name: 'default', labels: { team: 'shop' } }

function governed(
  policies: readonly CertificatePolicy[] | undefined,
  options: SituationOptions & { readonly namespace?: Namespace } = {},
) {
  const { namespace = LABELS, ...others } = options
  const seen = <T>(value: T) => ({ value, at: NOW, complete: true })
  return situation({
    claims: [claim()],
    ...others,
    observation: {
      namespaces: seen(new Map([[namespace.name, namespace]])),
      policies: policies && seen(new Map(policies.map((entry) => [entry.name, entry]))),
      ...others.observation,
    },
    settings: { policyMode: 'enforce', ...others.settings },
  })
}

function verdict(...of: Parameters<typeof governed>) {
  return plan(governed(...of)).claims.get('uid-default-shop')?.verdict
}

describe('a name', () => {
  it('is allowed where a policy selects the namespace and has its domain', () => {
    expect(verdict([policy('shops')])?.state).toBe('Requesting')
    expect(verdict([policy('shops', { domains: ['shop.example.com'] })])?.state).toBe('Requesting')
  })

  it('is refused with the policies that were looked at, and the cure', () => {
    expect(verdict([policy('shops', { domains: ['op.example.com'] })])).toMatchObject({
      state: 'Refused',
      reason: 'DomainNotAllowed',
      message:
        'shop.example.com of Ingress default/shop is not allowed in namespace default by CertificatePolicy shops; add its domain to spec.domains there, or leave the name out with certwright.dev/exclude-names.',
    })
  })

  it('is refused where one of the policies that select the namespace does not allow it', () => {
    const message = verdict([policy('shops'), policy('strict', { domains: ['example.org'] })])?.message
    expect(message).toContain('by CertificatePolicy strict (looked at shops, strict)')
  })

  it('is refused where no policy selects the namespace', () => {
    expect(verdict([])?.message).toContain('no CertificatePolicy selects the namespace')
    expect(verdict([policy('shops')], { namespace: { name: 'default', labels: {} } })?.reason).toBe('DomainNotAllowed')
  })

  it('with a wildcard needs a policy that allows those', () => {
    const claims = [claim({ hosts: ['*.example.com'] })]
    expect(verdict([policy('shops')], { claims })?.reason).toBe('DomainNotAllowed')
    expect(verdict([policy('shops', { wildcards: true })], { claims })?.state).toBe('Requesting')
  })

  it('that is not allowed is left out, and the others are requested', () => {
    const claims = [claim({ hosts: ['shop.example.com', 'pay.example.com'] })]
    const made = plan(governed([policy('shops', { domains: ['shop.example.com'] })], { claims }))
    expect([...made.certificates.values()].map(({ names }) => names)).toEqual([['shop.example.com']])
    expect(made.claims.get('uid-default-shop')?.names).toMatchObject([
      { name: 'pay.example.com', state: 'Refused', reason: 'DomainNotAllowed' },
    ])
  })

  it('that is served stays served when it is not allowed any more', () => {
    const held = ours(['shop.example.com'])
    const claims = [claim({ lists: [held] })]
    const made = plan(governed([], { claims, certificates: [held], attached: { 'group/web': { 443: [held] } } }))
    expect(made.claims.get('uid-default-shop')?.verdict.state).toBe('Ready')
    expect(made.kept.has(held.arn)).toBe(true)
    expect(made.actions.filter(({ kind }) => kind === 'publish' || kind === 'requestCertificate')).toEqual([])
    expect(made.violations).toHaveLength(1)
  })

  it('waits while policies or labels are not known', () => {
    expect(verdict(undefined)).toMatchObject({ state: 'Requesting', reason: 'ReadingPolicies' })
    const failure = { kind: 'denied' as const, code: 'Forbidden', message: 'no', since: NOW, at: NOW }
    const failures = new Map([['watch:certificatepolicies', failure]])
    expect(verdict(undefined, { observation: { failures } })).toMatchObject({
      state: 'Held',
      reason: 'PolicyUnavailable',
    })
  })

  it('is requested in audit, and only told of', () => {
    const made = plan(governed([], { settings: { policyMode: 'audit' } }))
    expect(made.claims.get('uid-default-shop')?.verdict.state).toBe('Requesting')
    expect(made.violations).toMatchObject([{ name: 'shop.example.com' }])
    expect(plan(governed([], { settings: { policyMode: 'off' } })).violations).toEqual([])
  })
})

describe('a selector', () => {
  const by = (key: string, operator: string, values: readonly string[] = []) =>
    verdict([
      policy('shops', { namespaceSelector: { matchLabels: {}, matchExpressions: [{ key, operator, values }] } }),
    ])?.state === 'Requesting'

  it('that is empty selects every namespace, as in Kubernetes', () => {
    const all = policy('all', { namespaceSelector: { matchLabels: {}, matchExpressions: [] } })
    expect(verdict([all], { namespace: { name: 'other', labels: {} } })?.state).toBe('Requesting')
  })

  it('compares labels as Kubernetes does', () => {
    expect(by('team', 'In', ['shop', 'web'])).toBe(true)
    expect(by('team', 'NotIn', ['web'])).toBe(true)
    expect(by('tier', 'NotIn', ['web'])).toBe(true)
    expect(by('team', 'Exists')).toBe(true)
    expect(by('tier', 'DoesNotExist')).toBe(true)
    expect(by('kubernetes.io/metadata.name', 'In', ['default'])).toBe(true)
    for (const wrong of [by('team', 'In', ['web']), by('team', 'DoesNotExist'), by('tier', 'Exists')])
      expect(wrong).toBe(false)
  })
})

describe('a policy', () => {
  it.each([
    ['no domains', { domains: [] }, 'spec.domains is empty'],
    ['a wildcard for a domain', { domains: ['*.example.com'] }, 'set spec.wildcards'],
    ['capitals', { domains: ['Example.com'] }, 'is not in lower case'],
    ['a trailing dot', { domains: ['example.com.'] }, 'trailing dot'],
    ['unicode', { domains: ['bücher.example'] }, 'a character other than'],
    ['half a number', { maxCertificates: 1.5 }, 'spec.maxCertificates is 1.5'],
    ['less than nothing', { maxRequestsPerDay: -1 }, 'spec.maxRequestsPerDay is -1'],
    [
      'an operator of its own',
      { namespaceSelector: { matchLabels: {}, matchExpressions: [{ key: 'a', operator: 'Like', values: [] }] } },
      'operator "Like"',
    ],
    [
      'values where none belong',
      { namespaceSelector: { matchLabels: {}, matchExpressions: [{ key: 'a', operator: 'Exists', values: ['b'] }] } },
      'leave them out',
    ],
  ] as const)('with %s says so, and allows nothing', (_what, overrides, sentence) => {
    const wrong = policy('wrong', overrides)
    expect(problemOfPolicy(wrong)).toContain(sentence)
    expect(verdict([wrong])?.reason).toBe('DomainNotAllowed')
    const [report] = plan(governed([wrong])).actions.filter((action) => action.kind === 'reportPolicy')
    expect(report?.status).toMatchObject({ valid: false, generation: 1 })
  })

  it('says once of each version whether it can be honoured', () => {
    const [report] = plan(governed([policy('shops')])).actions.filter((action) => action.kind === 'reportPolicy')
    expect(report?.status.valid).toBe(true)
    const said = policy('shops', { said: report?.status })
    expect(plan(governed([said])).actions.filter(({ kind }) => kind === 'reportPolicy')).toEqual([])
  })
})

describe('a limit of a policy', () => {
  const budget = {
    yearlyRequestsQuota: 5_000,
    certificatesQuota: 2_500,
    requestBudget: { kind: 'share' as const, share: 0.8 },
    namespaceShare: 0.5,
  }
  const limited = (overrides: Partial<CertificatePolicy>, requests: number) => {
    const namespaces = [{ namespace: 'default', period: '2026-11-24', requests }]
    const record = { days: [{ day: '2026-11-24', requests }], namespaces, open: [] }
    return verdict([policy('shops', overrides)], {
      settings: { budget },
      ledger: { requests: { record, stored: true } },
    })
  }

  it('holds the next request of the day', () => {
    expect(limited({ maxRequestsPerDay: 2 }, 1)?.state).toBe('Requesting')
    expect(limited({ maxRequestsPerDay: 2 }, 2)).toMatchObject({
      reason: 'PolicyLimitReached',
      message: expect.stringContaining('waits until 2026-11-25T00:00:00Z') as string,
    })
  })

  it('holds the next certificate of the namespace', () => {
    expect(limited({ maxCertificates: 1 }, 0)?.state).toBe('Requesting')
    expect(limited({ maxCertificates: 0 }, 0)?.reason).toBe('PolicyLimitReached')
  })
})
