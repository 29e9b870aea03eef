import { createHash, createPrivateKey, generateKeyPairSync, sign, X509Certificate, type KeyObject } from 'node:crypto'
import type { EpochMs } from '../../../clock.ts'
import { draw, type Environment } from '../environment.ts'
import { refuse } from '../error.ts'
import type { Tags } from '../ledger.ts'
import {
  bitString,
  boolean,
  explicit,
  implicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  set,
  time,
  utf8String,
} from './der.ts'
import type { Certificate, KeyAlgorithm } from './certificate.ts'
import type { CertificateRequest } from './request.ts'

/** A certificate as files: what a TLS server needs. */
export interface CertificatePem {
  readonly certificatePem: string
  /** The intermediate authority. */
  readonly chainPem: string
  readonly privateKeyPem: string
}

interface Issuer {
  readonly name: string
  readonly key: KeyObject
  readonly publicKey: KeyObject
}

const YEAR_MS = 365 * 86_400_000
const ECDSA_WITH_SHA256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'))

/**
 * The simulated ACM's certificate authority: a root, an intermediate, and real certificates. Keys are made and certificates signed when
 * somebody wants to see them, in the same turn, so that a run on the virtual clock neither pays nor waits for them. All keys are EC P-256,
 * whatever algorithm was requested: it is the quickest.
 */
export class Authority {
  readonly #environment: Environment
  readonly #made = new Map<string, { readonly serial: string | undefined; readonly pem: CertificatePem }>()
  #chain: { rootPem: string; intermediatePem: string; intermediate: Issuer } | undefined

  constructor(environment: Environment) {
    this.#environment = environment
  }

  /** The root that clients of the simulated world trust. */
  get rootPem(): string {
    return this.#authorities().rootPem
  }

  /** The files of an issued certificate, the same each time until it is renewed. */
  pem(certificate: Certificate): CertificatePem {
    if (certificate.imported) return certificate.imported
    const known = this.#made.get(certificate.arn)
    if (known && known.serial === certificate.serial) return known.pem
    const { intermediate, intermediatePem } = this.#authorities()
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const made: CertificatePem = {
      certificatePem: certify({
        subject: certificate.domainName,
        publicKey,
        issuer: intermediate,
        serial: Buffer.from((certificate.serial ?? '01').replaceAll(':', ''), 'hex'),
        notBefore: certificate.notBefore ?? certificate.createdAt,
        notAfter: certificate.notAfter ?? certificate.createdAt,
        extensions: leafExtensions(certificate.names),
      }),
      chainPem: intermediatePem,
      privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    }
    this.#made.set(certificate.arn, { serial: certificate.serial, pem: made })
    return made
  }

  /** Lets go of the files of a certificate that is gone. */
  forget(arn: string): void {
    this.#made.delete(arn)
  }

  /**
   * A certificate out of files that somebody brought.
   * @throws AwsError ValidationException when they are not a certificate and its key.
   */
  imported(options: CertificatePem & { tags: Tags; blank: (request: CertificateRequest) => Certificate }): Certificate {
    const { certificatePem, chainPem, privateKeyPem, tags, blank } = options
    const { clock, random, settings } = this.#environment
    let parsed: X509Certificate
    try {
      parsed = new X509Certificate(certificatePem)
      if (!parsed.checkPrivateKey(createPrivateKey(privateKeyPem)))
        throw new Error('the key belongs to another certificate')
    } catch (error) {
      throw refuse('ValidationException', `The certificate or its private key cannot be used: ${String(error)}`)
    }
    const names = [...(parsed.subjectAltName ?? '').matchAll(/DNS:([^,\s]+)/g)].map(([, name]) => name ?? '')
    const domainName = /CN=(.*)/.exec(parsed.subject)?.[1] ?? names[0] ?? ''
    const now = clock.now()
    const certificate = blank({
      domainName,
      names: [...new Set([domainName, ...names])],
      validationMethod: undefined,
      keyAlgorithm: keyAlgorithmOf(parsed),
      certificateAuthorityArn: undefined,
      exportable: false,
      token: undefined,
      tags,
    })
    certificate.status.set(now, 'ISSUED')
    return {
      ...certificate,
      type: 'IMPORTED',
      describedAt: now,
      listDelay: draw(random, settings.listDelay),
      issuedAt: now,
      notBefore: parsed.validFromDate.getTime(),
      notAfter: parsed.validToDate.getTime(),
      serial: parsed.serialNumber.toLowerCase().replace(/(..)(?!$)/g, '$1:'),
      imported: { certificatePem, chainPem, privateKeyPem },
    }
  }

  #authorities() {
    if (this.#chain) return this.#chain
    const now = this.#environment.clock.now()
    const rootKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const root: Issuer = { name: 'Certwright Simulated Root', key: rootKeys.privateKey, publicKey: rootKeys.publicKey }
    const intermediate: Issuer = { name: 'Certwright Simulated ACM', key: keys.privateKey, publicKey: keys.publicKey }
    const term = { notBefore: now - YEAR_MS, notAfter: now + 20 * YEAR_MS }
    this.#chain = {
      rootPem: certify({
        subject: root.name,
        publicKey: root.publicKey,
        issuer: root,
        serial: Buffer.of(1),
        extensions: authorityExtensions(),
        ...term,
      }),
      intermediatePem: certify({
        subject: intermediate.name,
        publicKey: intermediate.publicKey,
        issuer: root,
        serial: Buffer.of(2),
        extensions: authorityExtensions(),
        ...term,
      }),
      intermediate,
    }
    return this.#chain
  }
}

function certify(options: {
  subject: string
  publicKey: KeyObject
  issuer: Issuer
  serial: Uint8Array
  notBefore: EpochMs
  notAfter: EpochMs
  extensions: readonly Buffer[]
}): string {
  const { subject, publicKey, issuer, serial, notBefore, notAfter, extensions } = options
  const content = sequence(
    explicit(0, integer(Buffer.of(2))),
    integer(serial),
    ECDSA_WITH_SHA256,
    distinguishedName(issuer.name),
    sequence(time(notBefore), time(notAfter)),
    distinguishedName(subject),
    subjectPublicKeyInfo(publicKey),
    explicit(
      3,
      sequence(
        ...extensions,
        extension('2.5.29.14', octetString(keyIdentifier(publicKey))),
        extension('2.5.29.35', sequence(implicit(0, keyIdentifier(issuer.publicKey)))),
      ),
    ),
  )
  const signed = sequence(content, ECDSA_WITH_SHA256, bitString(sign('sha256', content, issuer.key)))
  const lines = signed.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function leafExtensions(names: readonly string[]): Buffer[] {
  return [
    extension('2.5.29.17', sequence(...names.map((name) => implicit(2, Buffer.from(name, 'ascii'))))),
    extension('2.5.29.15', bitString(Buffer.of(0xa0), 5), true),
    extension('2.5.29.37', sequence(objectIdentifier('1.3.6.1.5.5.7.3.1'))),
    extension('2.5.29.19', sequence(), true),
  ]
}

function authorityExtensions(): Buffer[] {
  return [
    extension('2.5.29.19', sequence(boolean(true)), true),
    extension('2.5.29.15', bitString(Buffer.of(0x06), 1), true),
  ]
}

function extension(identifier: string, value: Buffer, critical = false): Buffer {
  return sequence(objectIdentifier(identifier), ...(critical ? [boolean(true)] : []), octetString(value))
}

function distinguishedName(commonName: string): Buffer {
  return sequence(set(sequence(objectIdentifier('2.5.4.3'), utf8String(commonName))))
}

function subjectPublicKeyInfo(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' })
}

function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha1').update(subjectPublicKeyInfo(key)).digest()
}

const CURVES: Readonly<Record<string, KeyAlgorithm>> = {
  prime256v1: 'EC_prime256v1',
  secp384r1: 'EC_secp384r1',
  secp521r1: 'EC_secp521r1',
}
const MODULI: Readonly<Record<number, KeyAlgorithm>> = {
  1024: 'RSA_1024',
  2048: 'RSA_2048',
  3072: 'RSA_3072',
  4096: 'RSA_4096',
}

function keyAlgorithmOf(parsed: X509Certificate): KeyAlgorithm {
  const { namedCurve, modulusLength } = parsed.publicKey.asymmetricKeyDetails ?? {}
  return CURVES[namedCurve ?? ''] ?? MODULI[modulusLength ?? 0] ?? 'RSA_2048'
}
