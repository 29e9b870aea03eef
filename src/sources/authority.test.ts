import { describe, expect, it } from 'vitest'
import type { Settings } from '../core/settings.ts'
import { ingress, settings } from '../core/testing/situations.ts'
import { issuerOf } from './authority.ts'

const OWN = 'certwright.dev/certificate-authority'
const ALIAS = 'alb.ingress.kubernetes.io/acm-pca-arn'
const caOf = (id: string, region = 'eu-west-1', partition = 'aws') =>
  `arn:${partition}:acm-pca:${region}:111122223333:certificate-authority/${id}`
const [A, B, C] = [caOf('a'), caOf('b'), caOf('c')]

function asked(annotations: Record<string, string>, of: Partial<Settings> = {}) {
  const { issuer, problem } = issuerOf(ingress({ annotations }), settings(of))
  return problem ? [problem.reason, problem.message] : issuer.kind === 'private' ? issuer.authority : 'amazon'
}

describe('who signs', () => {
  it('is Amazon, the default CA, or the one that the object names', () => {
    expect(asked({})).toBe('amazon')
    expect(asked({}, { defaultAuthority: A })).toBe(A)
    expect(asked({ [OWN]: B }, { defaultAuthority: A })).toBe(B)
    expect(asked({ [OWN]: ` ${B} ` })).toBe(B)
  })

  it('is Amazon again where the object says so', () => {
    expect(asked({ [OWN]: 'amazon' }, { defaultAuthority: A })).toBe('amazon')
  })

  it('is not overridden by an empty value', () => {
    for (const empty of ['', '  ']) {
      expect(asked({ [OWN]: empty }, { defaultAuthority: A })).toBe(A)
      expect(asked({ [ALIAS]: empty }, { defaultAuthority: A, lbcAnnotations: true })).toBe(A)
      expect(asked({ [OWN]: empty, [ALIAS]: B }, { defaultAuthority: A, lbcAnnotations: true })).toBe(B)
    }
  })

  it('is said by the alias only where those are read, and our own annotation wins', () => {
    expect(asked({ [ALIAS]: B })).toBe('amazon')
    expect(asked({ [ALIAS]: B }, { lbcAnnotations: true })).toBe(B)
    expect(asked({ [ALIAS]: B, [OWN]: C }, { lbcAnnotations: true })).toBe(C)
    expect(asked({ [ALIAS]: B, [OWN]: 'amazon' }, { lbcAnnotations: true })).toBe('amazon')
  })

  it('may be any CA that is allowed, and the default one always', () => {
    const of = { defaultAuthority: A, allowedAuthorities: [B] }
    expect(asked({ [OWN]: B }, of)).toBe(B)
    expect(asked({ [OWN]: A }, of)).toBe(A)
    expect(asked({}, of)).toBe(A)
    expect(asked({ [OWN]: C }, of)).toEqual([
      'CertificateAuthorityNotAllowed',
      `The annotation ${OWN} of Ingress default/shop is "${C}", which is not among --allowed-certificate-authorities; name one of ${B}, or have this one allowed.`,
    ])
  })

  it.each([
    ['yes', 'is not the ARN of a private CA; write it like arn:aws:acm-pca:REGION:ACCOUNT:certificate-authority/ID'],
    [
      'arn:aws:acm:eu-west-1:111122223333:certificate/a',
      'is not the ARN of a private CA; write it like arn:aws:acm-pca:REGION:ACCOUNT:certificate-authority/ID',
    ],
    [caOf('a', 'us-east-1'), 'is a private CA of region us-east-1, and certificates are requested in eu-west-1'],
    [caOf('a', 'eu-west-1', 'aws-cn'), 'is of partition aws-cn, and region eu-west-1 is in aws'],
  ])('is nobody for "%s", and the sentence says which annotation, which value and the cure', (value, problem) => {
    expect(asked({ [OWN]: value })).toEqual([
      'InvalidAnnotation',
      `The annotation ${OWN} of Ingress default/shop is "${value}", which ${problem}; name a CA that can sign here, or "amazon".`,
    ])
    expect(asked({ [ALIAS]: value }, { lbcAnnotations: true })[0]).toBe('InvalidAnnotation')
    expect(asked({}, { defaultAuthority: value })[0]).toBe('InvalidSetting')
    expect(asked({ [OWN]: 'amazon' }, { defaultAuthority: value })).toBe('amazon')
  })

  it('is judged by its partition where the region is known', () => {
    const china = caOf('a', 'cn-north-1', 'aws-cn')
    expect(asked({ [OWN]: china }, { region: 'cn-north-1' })).toBe(china)
    const government = caOf('a', 'us-gov-west-1', 'aws-us-gov')
    expect(asked({ [OWN]: government }, { region: 'us-gov-west-1' })).toBe(government)
    expect(asked({ [OWN]: china }, { region: undefined })).toBe(china)
  })
})
