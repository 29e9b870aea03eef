import type { EpochMs } from '../../../clock.ts'
import type { Call } from '../call.ts'
import type { Readings } from '../readings.ts'
import { refuse } from '../error.ts'
import { messages } from '../messages.ts'
import type { JsonInput } from '../wire/json.ts'
import type { Certificate } from './certificate.ts'
import { statusAsOf, summarise } from './views.ts'

/** Without `Includes.keyTypes`, certificates with any other key are not listed. */
const DEFAULT_KEY_TYPES = ['RSA_1024', 'RSA_2048']
const LARGEST_PAGE = 1_000

/**
 * One page of ListCertificates: what the account had a little while ago. Ordered by creation, newest first where asked; a token says after
 * which certificate to go on, so that pages neither repeat nor skip what was there all along.
 */
export function listCertificates(options: {
  input: JsonInput
  call: Call
  certificates: readonly Certificate[]
  readings: Readings
}): Record<string, unknown> {
  const { input, call, certificates, readings } = options
  const size = Math.min(input.integer('MaxItems', [1, LARGEST_PAGE]) ?? LARGEST_PAGE, call.pageLimit)
  const sortBy = input.text('SortBy')
  const sortOrder = input.text('SortOrder')
  if ((sortBy === undefined) !== (sortOrder === undefined)) throw refuse('ValidationException', messages.sortTogether)
  const descending = sortOrder === 'DESCENDING'
  const token = readToken(input.text('NextToken'))
  const after = token?.kind === 'after' ? token.number : undefined
  let skip = token?.kind === 'skip' ? token.number : 0
  const statuses = input.texts('CertificateStatuses')
  const keyTypes = input.structure('Includes')?.texts('keyTypes') ?? DEFAULT_KEY_TYPES

  const now = call.at - call.staleBy
  const page: Record<string, unknown>[] = []
  let last: Certificate | undefined
  let more = false
  for (const certificate of descending ? certificates.toReversed() : certificates) {
    if (after !== undefined && (descending ? certificate.sequence >= after : certificate.sequence <= after)) continue
    const asOf = now - certificate.listDelay
    if (!listed(certificate, now, asOf) || !keyTypes.includes(certificate.keyAlgorithm)) continue
    if (statuses && !statuses.includes(statusAsOf(certificate, asOf))) continue
    if (skip > 0) {
      skip--
      continue
    }
    if (page.length === size) {
      more = true
      break
    }
    page.push(summarise(certificate, asOf, readings))
    last = certificate
  }
  const next =
    readings.pageToken === 'offset'
      ? `skip:${(token?.kind === 'skip' ? token.number : 0) + page.length}`
      : `after:${last?.sequence}`
  return { CertificateSummaryList: page, NextToken: more ? Buffer.from(next).toString('base64') : undefined }
}

function listed(certificate: Certificate, now: EpochMs, asOf: EpochMs): boolean {
  return certificate.createdAt <= asOf && (certificate.unlistedAt === undefined || certificate.unlistedAt > now)
}

function readToken(token: string | undefined): { kind: string; number: number } | undefined {
  if (token === undefined) return undefined
  const match = /^(after|skip):(\d+)$/.exec(Buffer.from(token, 'base64').toString('utf8'))
  if (!match) throw refuse('InvalidArgsException', messages.invalidNextToken)
  return { kind: match[1] ?? '', number: Number(match[2]) }
}
