import type { Call } from '../call.ts'
import type { Environment } from '../environment.ts'
import { refuse } from '../error.ts'
import { messages } from '../messages.ts'
import type { JsonInput } from '../wire/json.ts'
import type { Authority } from './authority.ts'
import type { Certificate } from './certificate.ts'
import type { Issuance } from './issuance.ts'
import { listCertificates } from './list.ts'
import { readRequest, readTags } from './request.ts'
import type { CertificateStore } from './store.ts'
import { describe } from './views.ts'

const ARN = /^arn:[\w+=/,.@-]+:acm:[\w+=/,.@-]*:[0-9]+:[\w+=,.@-]+(\/[\w+=,.@-]+)*$/

/** ACM on the wire. */
export class AcmOperations {
  readonly #environment: Environment
  readonly #store: CertificateStore
  readonly #issuance: Issuance
  readonly #authority: Authority

  constructor(options: {
    environment: Environment
    store: CertificateStore
    issuance: Issuance
    authority: Authority
  }) {
    this.#environment = options.environment
    this.#store = options.store
    this.#issuance = options.issuance
    this.#authority = options.authority
  }

  /** @returns what the operation answers, `undefined` for no body, or `unknown` when ACM has no such operation here. */
  run(call: Call, input: JsonInput): { output: unknown } | 'unknown' {
    switch (call.operation) {
      case 'RequestCertificate':
        return { output: this.#request(call, input) }
      case 'DescribeCertificate':
        return { output: this.#describe(call, input) }
      case 'ListCertificates':
        return {
          output: listCertificates({
            input,
            call,
            certificates: this.#store.all(call),
            readings: this.#environment.settings.readings,
          }),
        }
      case 'DeleteCertificate':
        return { output: this.#delete(call, input) }
      case 'GetCertificate':
        return { output: this.#get(call, input) }
      case 'ImportCertificate':
        return { output: this.#import(call, input) }
      case 'ListTagsForCertificate': {
        const { tags } = this.#find(call, input)
        return { output: { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) } }
      }
      case 'AddTagsToCertificate': {
        const certificate = this.#find(call, input)
        this.#store.setTags(certificate, readTags(input, certificate.tags), call.accessKeyId)
        return { output: undefined }
      }
      case 'RemoveTagsFromCertificate':
        return { output: this.#removeTags(call, input) }
      default:
        return 'unknown'
    }
  }

  #request(call: Call, input: JsonInput): unknown {
    const request = readRequest(input, this.#environment.settings)
    const certificate = this.#store.request(request, { ...call, by: call.accessKeyId })
    if ('sequence' in certificate) this.#issuance.begin(certificate)
    return { CertificateArn: certificate.arn }
  }

  #describe(call: Call, input: JsonInput): unknown {
    const certificate = this.#find(call, input)
    if (call.at < certificate.describedAt && !certificate.bareAtFirst) {
      throw refuse('ResourceNotFoundException', messages.certificateNotFound(certificate.arn))
    }
    return { Certificate: describe(certificate, call.at, this.#environment.settings.readings) }
  }

  #delete(call: Call, input: JsonInput): undefined {
    const certificate = this.#find(call, input)
    // Use may count from the moment a listener has it, even where InUseBy does not show it yet.
    const fromWhen = this.#environment.settings.readings.unnoticedUse === 'protects' ? Infinity : call.at
    const inUse = [...certificate.usage.values()].some(
      ({ since, until }) => since <= fromWhen && (until === undefined || until > call.at),
    )
    if (inUse) throw refuse('ResourceInUseException', messages.certificateInUse(certificate.arn, call.account))
    this.#store.delete(certificate, call.accessKeyId)
    this.#authority.forget(certificate.arn)
  }

  #get(call: Call, input: JsonInput): unknown {
    const certificate = this.#find(call, input)
    if (certificate.notAfter === undefined) {
      throw refuse('RequestInProgressException', messages.requestInProgress(certificate.arn))
    }
    const { certificatePem, chainPem } = this.#authority.pem(certificate)
    return { Certificate: certificatePem, CertificateChain: chainPem }
  }

  #import(call: Call, input: JsonInput): unknown {
    const blob = (name: string) => Buffer.from(input.text(name) ?? '', 'base64').toString('utf8')
    const certificate = this.#authority.imported({
      certificatePem: blob('Certificate'),
      chainPem: blob('CertificateChain'),
      privateKeyPem: blob('PrivateKey'),
      tags: readTags(input),
      blank: (request) => this.#store.blank(request, { ...call, by: call.accessKeyId }),
    })
    this.#store.add(certificate, call.accessKeyId)
    return { CertificateArn: certificate.arn }
  }

  /** A tag that is given with a value goes only if that is its value. */
  #removeTags(call: Call, input: JsonInput): undefined {
    const certificate = this.#find(call, input)
    const tags: Record<string, string> = { ...certificate.tags }
    for (const tag of input.structures('Tags') ?? []) {
      const key = tag.requiredText('Key')
      const value = tag.text('Value')
      if (value === undefined || tags[key] === value) delete tags[key]
    }
    this.#store.setTags(certificate, tags, call.accessKeyId)
  }

  #find(call: Call, input: JsonInput): Certificate {
    const arn = input.requiredText('CertificateArn')
    if (!ARN.test(arn)) throw refuse('InvalidArnException', messages.invalidArn(arn))
    const certificate = this.#store.get(arn)
    if (!certificate || certificate.account !== call.account || certificate.region !== call.region) {
      throw refuse('ResourceNotFoundException', messages.certificateNotFound(arn))
    }
    return certificate
  }
}
