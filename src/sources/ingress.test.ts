import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Claim } from '../core/claim.ts'
import type { IngressClassParameters } from '../core/ingress.ts'
import { problemOf } from '../core/names.ts'
import type { Settings } from '../core/settings.ts'
import { claimed, classes, classNamed, verdictOf } from './testing/claimed.ts'

function namesOf({ request }: Claim): readonly string[] | undefined {
  return request.kind === 'wanted' ? request.names : undefined
}

describe('the names', () => {
  it('are those of rules and TLS and the added ones, less the excluded, normalised, sorted, each once', () => {
    const made = claimed({
      hosts: ['B.example.com', 'a.example.com.', 'b.example.com', 'skip.example.com'],
      annotations: {
        'certwright.dev/names': ' *.example.com, A.example.com ,',
        'certwright.dev/exclude-names': 'SKIP.example.com., never.example.com',
      },
    })
    expect(namesOf(made)).toEqual(['*.example.com', 'a.example.com', 'b.example.com'])
    expect(made.hosts).toEqual(['a.example.com', 'b.example.com', 'skip.example.com'])
  })

  it('that ACM could never accept are left out, each with its reason, and the others are asked for', () => {
    const { request } = claimed({ hosts: ['good.example.com', 'a_b.example.com'] })
    expect(request).toMatchObject({
      kind: 'wanted',
      names: ['good.example.com'],
      rejected: [
        {
          name: 'a_b.example.com',
          state: 'Refused',
          reason: 'InvalidName',
          message:
            'The name "a_b.example.com" of Ingress default/shop has a character other than letters, digits and hyphens, so ACM cannot issue for it; correct it, or leave it out with certwright.dev/exclude-names.',
        },
      ],
    })
  })

  it('are refused where all are such', () => {
    expect(verdictOf(claimed({ hosts: ['localhost'] }))).toEqual([
      'Refused',
      'InvalidName',
      'The name "localhost" of Ingress default/shop has fewer than two labels, so ACM cannot issue for it; correct it, or leave it out with certwright.dev/exclude-names.',
    ])
  })

  it.each([
    ['there is no host', [], {}],
    ['all are excluded', ['a.example.com'], { 'certwright.dev/exclude-names': 'a.example.com' }],
  ])('are missing where %s', (_, hosts, annotations) => {
    expect(verdictOf(claimed({ hosts, annotations }))).toEqual([
      'Refused',
      'NoNames',
      'Ingress default/shop has no host in spec.rules or spec.tls to put on a certificate; add one, or name some in certwright.dev/names.',
    ])
  })

  it('are always such as ACM could accept, sorted, whatever is written', () => {
    const text = fc.oneof(fc.constantFrom('a.example', 'B.Example.', '*.x.example', '..', 'x'), fc.string())
    fc.assert(
      fc.property(fc.array(text), fc.array(text), fc.array(text), (hosts, more, less) => {
        const made = claimed({
          hosts,
          annotations: { 'certwright.dev/names': more.join(), 'certwright.dev/exclude-names': less.join() },
        })
        const names = namesOf(made) ?? []
        expect(names.every((name) => problemOf(name) === undefined)).toBe(true)
        expect([...names].sort()).toEqual(names)
        expect(new Set(names).size).toBe(names.length)
        expect(made.request.kind === 'wanted').toBe(names.length > 0)
      }),
    )
  })
})

describe('a refusal', () => {
  it.each([
    ['certwright.dev/paused', 'yes', '"true" or "false"'],
    ['certwright.dev/key-algorithm', 'RSA_1024', 'RSA_2048, EC_prime256v1, EC_secp384r1'],
    ['certwright.dev/deletion-policy', 'keep', 'delete or retain'],
    ['certwright.dev/deletion-policy', '', 'delete or retain'],
    [
      'certwright.dev/certifcate',
      'true',
      'one of certwright.dev/certificate, certwright.dev/certificate-authority, certwright.dev/key-algorithm, certwright.dev/names, certwright.dev/exclude-names, certwright.dev/tags, certwright.dev/deletion-policy, certwright.dev/paused',
    ],
    ['alb.ingress.kubernetes.io/listen-ports', '[{"HTTPS":"443"}]', `a list such as '[{"HTTP":80},{"HTTPS":443}]'`],
  ])('for %s names the object, the annotation, the value and what was expected', (annotation, value, expected) => {
    expect(verdictOf(claimed({ annotations: { [annotation]: value } }))).toEqual([
      'Refused',
      'InvalidAnnotation',
      `The annotation ${annotation} of Ingress default/shop is "${value}"; expected ${expected}.`,
    ])
  })

  it('comes for ports without TLS, before a request is spent', () => {
    const made = claimed({ annotations: { 'alb.ingress.kubernetes.io/listen-ports': '[{"HTTP":80}]' } })
    expect(verdictOf(made)).toEqual([
      'Refused',
      'NoHTTPSListener',
      'Ingress default/shop has no HTTPS port in alb.ingress.kubernetes.io/listen-ports ([{"HTTP":80}]); add {"HTTPS":443}.',
    ])
    expect(made.httpsPorts).toEqual([])
  })

  it('is done by the class for objects that say nothing themselves', () => {
    const asking = (asks: string) => classes({ classes: [{ ...classNamed('alb', 'ingress.k8s.aws/alb'), asks }] })
    const of = (asks: string | undefined, by: string) => claimed({ asks, classes: asking(by) })
    expect(of(undefined, 'true').request.kind).toBe('wanted')
    expect(of('false', 'true').request.kind).toBe('none')
    expect(of('true', 'false').request.kind).toBe('wanted')
    expect(verdictOf(of(undefined, 'yes'))).toEqual([
      'Refused',
      'InvalidAnnotation',
      'The annotation certwright.dev/certificate of IngressClass alb, to which Ingress default/shop belongs, is "yes"; expected "true", "false" or "standby".',
    ])
    const alias = { 'alb.ingress.kubernetes.io/create-acm-cert': 'false' }
    const declined = { asks: undefined, annotations: alias, of: { lbcAnnotations: true }, classes: asking('true') }
    expect(claimed(declined).request.kind).toBe('none')
  })

  it('may be for one that stands by', () => {
    expect(claimed({ asks: 'standby' }).request).toMatchObject({ kind: 'wanted', standby: true })
    const alias = { 'alb.ingress.kubernetes.io/create-acm-cert': 'standby' }
    expect(verdictOf(claimed({ asks: undefined, annotations: alias, of: { lbcAnnotations: true } }))?.[1]).toBe(
      'InvalidAnnotation',
    )
  })

  it('leaves the hosts known: what serves them is kept', () => {
    expect(claimed({ asks: 'ture' }).hosts).toEqual(['shop.example.com'])
  })
})

describe('what is asked for', () => {
  it('is paused with "true"', () => {
    const paused = (value: string) => claimed({ annotations: { 'certwright.dev/paused': value } }).paused
    expect(paused('true')).toBe(true)
    expect(paused('false')).toBe(false)
    expect(claimed({ asks: 'ture', annotations: { 'certwright.dev/paused': 'true' } }).paused).toBe(true)
  })

  it('has the deletion policy of the annotation', () => {
    const retain = (value: string) => claimed({ annotations: { 'certwright.dev/deletion-policy': value } }).request
    expect(retain('retain')).toMatchObject({ retain: true })
    expect(retain('delete')).toMatchObject({ retain: false })
  })

  it('is refused with the tag that ACM could not hold', () => {
    expect(verdictOf(claimed({ annotations: { 'certwright.dev/tags': 'share=50%' } }))).toEqual([
      'Refused',
      'InvalidAnnotation',
      'The annotation certwright.dev/tags of Ingress default/shop is "share=50%", and the tag "share" has the character "%", where ACM takes letters, digits, spaces and _ . : / = + - @ only; write it like team=shop,stage=prod.',
    ])
    expect(verdictOf(claimed({ annotations: { 'certwright.dev/tags': 'team' } }))?.[2]).toContain(
      '"team" is not of the form key=value',
    )
  })

  it('has the tags of the annotation', () => {
    const annotations = {
      'certwright.dev/tags': 'team=shop, stage=prod',
      'alb.ingress.kubernetes.io/tags': 'team=lbc,x=1',
    }
    expect(claimed({ annotations }).request).toMatchObject({ tags: { team: 'shop', stage: 'prod' } })
    const of = { lbcAnnotations: true }
    expect(claimed({ annotations, of }).request).toMatchObject({ tags: { team: 'shop', stage: 'prod', x: '1' } })
  })

  it('has the key algorithm of the annotation', () => {
    const annotations = { 'certwright.dev/key-algorithm': 'EC_prime256v1' }
    expect(claimed({ annotations }).request).toMatchObject({ keyAlgorithm: 'EC_prime256v1' })
  })

  it('is asked for on each TLS port', () => {
    const annotations = { 'alb.ingress.kubernetes.io/listen-ports': '[{"HTTPS":8443},{"HTTPS":443}]' }
    expect(claimed({ annotations }).httpsPorts).toEqual([443, 8443])
  })
})

describe('an object of a foreign class', () => {
  const cure = 'use a class of controller ingress.k8s.aws/alb.'
  const nginx = classes({ classes: [classNamed('nginx', 'k8s.io/ingress-nginx')] })

  it.each([
    ['nginx', nginx, 'the IngressClass "nginx" belongs to the controller k8s.io/ingress-nginx'],
    ['gone', nginx, 'the IngressClass "gone" does not exist'],
    [undefined, nginx, 'it has no spec.ingressClassName'],
  ])('is left to others: %s', (ingressClassName, all, because) => {
    const made = claimed({ overrides: { ingressClassName }, classes: all })
    expect(made.loadBalanced).toBe(false)
    expect(verdictOf(made)).toEqual([
      'Deferred',
      'ForeignClass',
      `Ingress default/shop is not served by the AWS Load Balancer Controller: ${because}; ${cure}`,
    ])
  })

  it('is told by the legacy annotation before the field', () => {
    const legacy = (name: string, of: Partial<Settings> = {}) =>
      claimed({ annotations: { 'kubernetes.io/ingress.class': name }, of })
    expect(legacy('alb').request.kind).toBe('wanted')
    expect(verdictOf(legacy('nginx'))?.[2]).toContain(
      'the annotation kubernetes.io/ingress.class names the class "nginx"',
    )
    expect(legacy('internal', { ingressClass: 'internal' }).request.kind).toBe('wanted')
    expect(legacy('alb', { ingressClass: 'internal' }).loadBalanced).toBe(false)
  })

  it('is not one of EKS Auto Mode', () => {
    const auto = classes({ classes: [classNamed('alb', 'eks.amazonaws.com/alb')] })
    expect(claimed({ classes: auto }).request.kind).toBe('wanted')
    // It knows groups from its IngressClassParams alone, and makes no certificates itself.
    const annotations = {
      'alb.ingress.kubernetes.io/group.name': 'mine',
      'alb.ingress.kubernetes.io/create-acm-cert': 'true',
    }
    expect(claimed({ classes: auto, annotations })).toMatchObject({
      group: 'ingress/default/shop',
      createsCertificate: false,
    })
    expect(claimed({ annotations })).toMatchObject({ group: 'group/mine', createsCertificate: true })
  })
})

describe('an object out of scope', () => {
  it('is in another namespace, or of another class, and says so', () => {
    const namespace = claimed({ of: { watchNamespace: 'web' } })
    expect(namespace.inScope).toBe(false)
    expect(verdictOf(namespace)).toEqual([
      'Deferred',
      'OutOfScope',
      'Ingress default/shop is outside the namespace "web" that --watch-namespace names; nothing of it is touched.',
    ])
    const byClass = claimed({ of: { ingressClass: 'internal' } })
    expect(byClass.inScope).toBe(false)
    expect(verdictOf(byClass)).toEqual([
      'Deferred',
      'OutOfScope',
      'Ingress default/shop is of class "alb", and --ingress-class is "internal"; nothing of it is touched.',
    ])
    expect(claimed({ of: { watchNamespace: 'default', ingressClass: 'alb' } }).inScope).toBe(true)
  })

  it('is out of scope whatever is written on it, and where nothing is', () => {
    const of = { ingressClass: 'internal' }
    expect(verdictOf(claimed({ asks: 'ture', of }))?.[1]).toBe('OutOfScope')
    expect(claimed({ asks: undefined, of })).toMatchObject({ inScope: false, request: { kind: 'none' } })
  })
})

describe('IngressClassParams', () => {
  const reference = { apiGroup: 'elbv2.k8s.aws', name: 'shared' }
  const withParameters = (parameters: Partial<IngressClassParameters>) =>
    classes({
      classes: [classNamed('alb', 'ingress.k8s.aws/alb', reference)],
      parameters: [{ ...reference, certificateArns: [], group: undefined, tags: {}, ...parameters }],
    })

  it('give tags that those of the object win over, and are named when they are not legal', () => {
    const tagged = (tags: Record<string, string>) =>
      claimed({ annotations: { 'certwright.dev/tags': 'team=shop' }, classes: withParameters({ tags }) })
    expect(tagged({ team: 'class', cost: '1' }).request).toMatchObject({ tags: { team: 'shop', cost: '1' } })
    expect(verdictOf(tagged({ cost: '1%' }))).toEqual([
      'Refused',
      'InvalidTags',
      'The tags of IngressClassParams shared cannot stand on a certificate for Ingress default/shop: the tag "cost" has the character "%", where ACM takes letters, digits, spaces and _ . : / = + - @ only; correct them there.',
    ])
  })

  it('with certificates of their own are respected', () => {
    expect(verdictOf(claimed({ classes: withParameters({ certificateArns: ['arn:1'] }) }))).toEqual([
      'Deferred',
      'ExplicitCertificate',
      'Ingress default/shop is served with the certificates that IngressClassParams shared names; remove them there to have one managed.',
    ])
  })

  it('of the same name in another group are others', () => {
    const others = withParameters({ certificateArns: ['arn:1'], apiGroup: 'eks.amazonaws.com' })
    expect(claimed({ classes: others }).request.kind).toBe('wanted')
  })

  it('name the group before the annotation does', () => {
    const annotations = { 'alb.ingress.kubernetes.io/group.name': 'mine' }
    expect(claimed().group).toBe('ingress/default/shop')
    expect(claimed({ annotations }).group).toBe('group/mine')
    expect(claimed({ annotations, classes: withParameters({ group: 'theirs' }) }).group).toBe('group/theirs')
  })
})
