import type { AwsSettings } from '../settings.ts'
import type { Tags } from '../ledger.ts'
import { refuse } from '../error.ts'
import { messages } from '../messages.ts'
import { violation, type JsonInput } from '../wire/json.ts'
import { KEY_ALGORITHMS, type KeyAlgorithm } from './certificate.ts'

/** What a RequestCertificate call asks for, once it has passed the checks that need no knowledge of the account. */
export interface CertificateRequest {
  readonly domainName: string
  readonly names: readonly string[]
  readonly validationMethod: 'DNS' | 'EMAIL' | undefined
  readonly keyAlgorithm: KeyAlgorithm
  readonly certificateAuthorityArn: string | undefined
  readonly exportable: boolean
  readonly token: string | undefined
  readonly tags: Tags
}

/** The service model's pattern of a domain name. */
const DOMAIN = String.raw`(\*\.)?(((?!-)[A-Za-z0-9-]{0,62}[A-Za-z0-9])\.)+((?!-)[A-Za-z0-9-]{1,62}[A-Za-z0-9])`
const TAG = String.raw`[\p{L}\p{Z}\p{N}_.:\/=+\-@]*`
const AUTHORITY_ARN = /^arn:[\w+=/,.@-]+:acm-pca:[\w+=/,.@-]*:[0-9]+:[\w+=,.@-]+(\/[\w+=,.@-]+)*$/
const TOKEN = String.raw`\w+`
const REQUESTABLE: readonly KeyAlgorithm[] = ['RSA_2048', 'EC_prime256v1', 'EC_secp384r1']
const METHODS = ['EMAIL', 'DNS', 'HTTP']
const MOST_TAGS = 50
const MOST_ALTERNATIVES = 100
/** "You cannot request certificates for Amazon-owned domain names" (certificate characteristics). */
const AMAZON_OWNED = /(^|\.)(amazonaws\.com|cloudfront\.net|elasticbeanstalk\.com)$/

/**
 * Reads a RequestCertificate call.
 * @throws AwsError as ACM answers a request that breaks its rules.
 */
export function readRequest(input: JsonInput, settings: AwsSettings): CertificateRequest {
  const domainName = checkedName(input.requiredText('DomainName'), 'DomainName').toLowerCase()
  const alternatives = input.texts('SubjectAlternativeNames') ?? []
  if (alternatives.length > MOST_ALTERNATIVES) {
    throw violation({
      value: alternatives,
      at: 'SubjectAlternativeNames',
      constraint: messages.lengthAtMost(MOST_ALTERNATIVES),
    })
  }
  for (const name of alternatives) checkedName(name, 'SubjectAlternativeNames')
  const token = checked({ value: input.text('IdempotencyToken'), at: 'IdempotencyToken', pattern: TOKEN, longest: 32 })
  const tags = readTags(input)
  if (domainName.length > 64) throw refuse('InvalidParameterException', messages.commonNameTooLong)
  const names = [...new Set([domainName, ...alternatives.map((name) => name.toLowerCase())])]
  for (const name of names) checkAllowed(name)
  if (names.length > settings.quotas.namesPerCertificate) throw refuse('LimitExceededException', messages.tooManyNames)
  const certificateAuthorityArn = input.text('CertificateAuthorityArn')
  if (certificateAuthorityArn !== undefined && !AUTHORITY_ARN.test(certificateAuthorityArn))
    throw refuse('InvalidArnException', messages.invalidAuthorityArn(certificateAuthorityArn))
  return {
    domainName,
    names,
    validationMethod: certificateAuthorityArn === undefined ? readMethod(input) : undefined,
    keyAlgorithm: readKeyAlgorithm(input),
    certificateAuthorityArn,
    exportable: input.structure('Options')?.text('Export') === 'ENABLED',
    token,
    tags,
  }
}

/**
 * The tags of a call.
 * @throws AwsError ValidationException, InvalidTagException or TooManyTagsException.
 */
export function readTags(input: JsonInput, existing: Tags = {}): Tags {
  const tags: Record<string, string> = { ...existing }
  for (const tag of input.structures('Tags') ?? []) {
    const key =
      checked({ value: tag.requiredText('Key'), at: 'tags.key', pattern: TAG, longest: 128, flags: 'u' }) ?? ''
    const value =
      checked({ value: tag.text('Value'), at: 'tags.value', pattern: TAG, longest: 256, shortest: 0, flags: 'u' }) ?? ''
    if (key.startsWith('aws:')) throw refuse('InvalidTagException', messages.reservedTag)
    tags[key] = value
  }
  if (Object.keys(tags).length > MOST_TAGS) throw refuse('TooManyTagsException', messages.tooManyTags)
  return tags
}

function readMethod(input: JsonInput): 'DNS' | 'EMAIL' {
  const method = input.text('ValidationMethod') ?? 'EMAIL'
  if (!METHODS.includes(method)) {
    throw violation({ value: method, at: 'ValidationMethod', constraint: messages.enumeration(METHODS) })
  }
  if (method === 'HTTP') throw refuse('InvalidParameterException', messages.httpValidation)
  return method === 'DNS' ? 'DNS' : 'EMAIL'
}

function readKeyAlgorithm(input: JsonInput): KeyAlgorithm {
  const given = input.text('KeyAlgorithm') ?? 'RSA_2048'
  const algorithm = KEY_ALGORITHMS.find((candidate) => candidate === given)
  if (algorithm === undefined) {
    throw violation({ value: given, at: 'KeyAlgorithm', constraint: messages.enumeration(KEY_ALGORITHMS) })
  }
  if (!REQUESTABLE.includes(algorithm)) {
    throw refuse('InvalidParameterException', messages.keyAlgorithmNotRequestable(algorithm))
  }
  return algorithm
}

function checkedName(name: string, at: string): string {
  checked({ value: name, at, pattern: DOMAIN, longest: 253 })
  return name
}

function checkAllowed(name: string): void {
  if (AMAZON_OWNED.test(name)) throw refuse('InvalidParameterException', messages.amazonOwnedName(name))
  if (name.split('.').some((label) => /^(?!xn)..--/.test(label))) {
    throw refuse('InvalidParameterException', messages.internationalLabel(name))
  }
}

function checked(options: {
  value: string | undefined
  at: string
  pattern: string
  longest: number
  shortest?: number
  flags?: string
}): string | undefined {
  const { value, at, pattern, longest, shortest = 1, flags = '' } = options
  if (value === undefined) return undefined
  if (value.length > longest) throw violation({ value, at, constraint: messages.lengthAtMost(longest) })
  if (value.length < shortest) throw violation({ value, at, constraint: messages.lengthAtLeast(shortest) })
  if (!new RegExp(`^(?:${pattern})$`, flags).test(value))
    throw violation({ value, at, constraint: messages.pattern(pattern) })
  return value
}
