import {
  type ACMClient,
  CertificateStatus,
  type CertificateSummary,
  DescribeCertificateCommand,
  KeyAlgorithm,
  ListCertificatesCommand,
} from '@aws-sdk/client-acm'
import type { Clock, EpochMs } from '../../../clock.ts'
import { BuildFailure } from './model.ts'

/** How long the list of ARNs is believed. */
const LIST_LIFETIME_MS = 60_000
/** How long the names of a certificate are believed: those of an imported one may change under its ARN. */
const NAMES_LIFETIME_MS = { imported: 5 * 60_000, issued: 10 * 60 * 60_000 }

/** Finds issued certificates of the account by host, for Ingresses that name none. */
export class CertificateDiscovery {
  readonly #acm: ACMClient
  readonly #clock: Clock
  #list: { readonly summaries: readonly CertificateSummary[]; readonly until: EpochMs } | undefined
  readonly #names = new Map<string, { readonly names: readonly string[]; readonly until: EpochMs }>()

  constructor(options: { acm: ACMClient; clock: Clock }) {
    this.#acm = options.acm
    this.#clock = options.clock
  }

  /**
   * The ARNs of all certificates that match one of the hosts, sorted.
   * @throws BuildFailure where a host has none.
   */
  async discover(hosts: readonly string[], signal: AbortSignal): Promise<string[]> {
    const found = new Set<string>()
    const summaries = await this.#summaries(signal)
    for (const host of hosts) {
      let matched = false
      for (const summary of summaries) {
        if (!(await this.#namesOf(summary, signal)).some((name) => matches(name, host))) continue
        matched = true
        found.add(summary.CertificateArn ?? '')
      }
      if (!matched) throw new BuildFailure(`no certificate found for host: ${host}`)
    }
    return [...found].sort()
  }

  async #summaries(signal: AbortSignal): Promise<readonly CertificateSummary[]> {
    const now = this.#clock.now()
    if (this.#list && this.#list.until > now) return this.#list.summaries
    const summaries: CertificateSummary[] = []
    let token: string | undefined
    do {
      const page = await this.#acm.send(
        new ListCertificatesCommand({
          CertificateStatuses: [CertificateStatus.ISSUED],
          Includes: { keyTypes: Object.values(KeyAlgorithm) },
          NextToken: token,
        }),
        { abortSignal: signal },
      )
      summaries.push(...(page.CertificateSummaryList ?? []))
      token = page.NextToken
    } while (token !== undefined)
    this.#list = { summaries, until: now + LIST_LIFETIME_MS }
    return summaries
  }

  async #namesOf(summary: CertificateSummary, signal: AbortSignal): Promise<readonly string[]> {
    const arn = summary.CertificateArn ?? ''
    const now = this.#clock.now()
    const known = this.#names.get(arn)
    if (known && known.until > now) return known.names
    const answer = await this.#acm.send(new DescribeCertificateCommand({ CertificateArn: arn }), {
      abortSignal: signal,
    })
    const names = answer.Certificate?.SubjectAlternativeNames ?? []
    const lifetime = summary.Type === 'IMPORTED' ? NAMES_LIFETIME_MS.imported : NAMES_LIFETIME_MS.issued
    this.#names.set(arn, { names, until: now + lifetime })
    return names
  }
}

/** A wildcard stands for exactly one label. */
function matches(name: string, host: string): boolean {
  if (!name.startsWith('*.')) return name === host
  return host.split('.').slice(1).join('.') === name.slice(2)
}
