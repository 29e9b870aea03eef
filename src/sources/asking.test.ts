import { describe, expect, it } from 'vitest'
import { CERTIFICATE, claimed, classes, classNamed, verdictOf } from './testing/claimed.ts'

describe('asking', () => {
  it('is done with one annotation', () => {
    expect(claimed().request).toEqual({
      kind: 'wanted',
      names: ['shop.example.com'],
      rejected: [],
      issuer: { kind: 'amazon' },
      keyAlgorithm: 'RSA_2048',
      tags: {},
      retain: false,
      standby: false,
    })
  })

  it.each([undefined, 'false'])('is not done with %s', (asks) => {
    expect(claimed({ asks }).request).toEqual({ kind: 'none' })
  })

  it.each(['yes', 'True', '', 'Standby'])('with "%s" is refused, never a silent false', (asks) => {
    expect(verdictOf(claimed({ asks }))).toEqual([
      'Refused',
      'InvalidAnnotation',
      `The annotation ${CERTIFICATE} of Ingress default/shop is "${asks}"; expected "true", "false" or "standby".`,
    ])
  })

  it("is done with LBC's annotation only where that is allowed, and ours wins over it", () => {
    const alias = (value: string, lbcAnnotations: boolean, asks?: string) =>
      claimed({ asks, annotations: { 'alb.ingress.kubernetes.io/create-acm-cert': value }, of: { lbcAnnotations } })
    expect(alias('true', false).request.kind).toBe('none')
    expect(alias('true', true).request.kind).toBe('wanted')
    expect(alias('true', true, 'false').request.kind).toBe('none')
    expect(alias('false', true, 'true').request.kind).toBe('wanted')
    expect(alias('', true).request.kind).toBe('none')
    expect(verdictOf(alias('si', true))?.[2]).toBe(
      'The annotation alb.ingress.kubernetes.io/create-acm-cert of Ingress default/shop is "si"; expected "true" or "false".',
    )
  })
})

describe('a namespace', () => {
  const labelled = (value: string) => [{ name: 'default', labels: { [CERTIFICATE]: value } }]

  it('asks for its objects, which say something themselves before it does', () => {
    expect(claimed({ asks: undefined, namespaces: labelled('true') }).request.kind).toBe('wanted')
    expect(claimed({ asks: undefined, namespaces: labelled('standby') }).request).toMatchObject({ standby: true })
    expect(claimed({ asks: 'false', namespaces: labelled('true') }).request.kind).toBe('none')
    expect(claimed({ asks: 'true', namespaces: labelled('false') }).request.kind).toBe('wanted')
    const alias = { 'alb.ingress.kubernetes.io/create-acm-cert': 'false' }
    const options = { asks: undefined, annotations: alias, of: { lbcAnnotations: true } }
    expect(claimed({ ...options, namespaces: labelled('true') }).request.kind).toBe('none')
  })

  it('wins over the class', () => {
    const asking = classes({ classes: [{ ...classNamed('alb', 'ingress.k8s.aws/alb'), asks: 'true' }] })
    expect(claimed({ asks: undefined, classes: asking }).request.kind).toBe('wanted')
    expect(claimed({ asks: undefined, classes: asking, namespaces: labelled('false') }).request.kind).toBe('none')
  })

  it('that says what cannot be understood is named', () => {
    expect(verdictOf(claimed({ asks: undefined, namespaces: labelled('yes') }))).toEqual([
      'Refused',
      'InvalidAnnotation',
      `The label ${CERTIFICATE} of Namespace default, in which Ingress default/shop is, is "yes"; expected "true", "false" or "standby".`,
    ])
  })

  it('that is not known leaves open what its objects ask for, unless they say it themselves', () => {
    expect(claimed({ asks: undefined, namespaces: [] }).request).toEqual({ kind: 'unknown' })
    expect(claimed({ asks: 'false', namespaces: [] }).request.kind).toBe('none')
    expect(claimed({ namespaces: [] }).request.kind).toBe('wanted')
  })
})
