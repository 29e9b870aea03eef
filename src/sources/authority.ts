import { problemOfAuthority } from '../core/authority.ts'
import type { Issuer } from '../core/claim.ts'
import type { Ingress } from '../core/ingress.ts'
import { nameOf } from '../core/ingress.ts'
import type { Settings } from '../core/settings.ts'
import { AMAZON } from '../core/wish.ts'
import { ANNOTATION, LBC } from './annotations.ts'

/** What an object says to have a public certificate where a private CA is the default. */
const PUBLIC = 'amazon'

/**
 * Who is to sign: what the object says, then LBC's annotation where those are read, then the default. An empty value says nothing. With a
 * `problem` nobody is to.
 */
export function issuerOf(
  ingress: Ingress,
  settings: Settings,
): { readonly issuer: Issuer; readonly problem?: { readonly reason: string; readonly message: string } } {
  const { allowedAuthorities, defaultAuthority, region } = settings
  const annotation = [ANNOTATION.certificateAuthority, ...(settings.lbcAnnotations ? [LBC.certificateAuthority] : [])]
    .map((name) => ({ name, value: ingress.annotations[name]?.trim() ?? '' }))
    .find(({ value }) => value !== '')
  const authority = annotation?.value ?? defaultAuthority
  if (authority === undefined) return { issuer: AMAZON }
  const issuer = { kind: 'private', authority } as const
  const object = `Ingress ${nameOf(ingress.ref)}`
  if (annotation === undefined) {
    const problem = problemOfAuthority(authority, region)
    if (problem === undefined) return { issuer }
    const message = `The setting --default-certificate-authority, which ${object} follows, is "${authority}", which ${problem}; correct it, or name a CA with ${ANNOTATION.certificateAuthority}.`
    return { issuer, problem: { reason: 'InvalidSetting', message } }
  }
  const { name } = annotation
  if (name === ANNOTATION.certificateAuthority && authority === PUBLIC) return { issuer: AMAZON }
  const problem = problemOfAuthority(authority, region)
  if (problem !== undefined) {
    const message = `The annotation ${name} of ${object} is "${authority}", which ${problem}; name a CA that can sign here${name === LBC.certificateAuthority ? '' : `, or "${PUBLIC}"`}.`
    return { issuer, problem: { reason: 'InvalidAnnotation', message } }
  }
  if (allowedAuthorities.length > 0 && ![defaultAuthority, ...allowedAuthorities].includes(authority)) {
    const message = `The annotation ${name} of ${object} is "${authority}", which is not among --allowed-certificate-authorities; name one of ${allowedAuthorities.join(', ')}, or have this one allowed.`
    return { issuer, problem: { reason: 'CertificateAuthorityNotAllowed', message } }
  }
  return { issuer }
}
