import {
  type ACMClient,
  type CertificateDetail,
  DeleteCertificateCommand,
  DescribeCertificateCommand,
  RequestCertificateCommand,
} from '@aws-sdk/client-acm'
import type { HostedZones, ValidationRecord } from './hosted-zones.ts'
import type { SdkCalls } from './sdk-calls.ts'
import type { Tags } from './tagged-certificates.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

const RECORDS_POLL_MS = 5 * SECOND
const RECORDS_WAIT_MS = 30 * SECOND
const ISSUED_WAIT_MS = 30 * MINUTE
/** The SDK's waiter: at once, after a minute, and then every one to two minutes. */
const WAITER_MS = { shortest: 60 * SECOND, longest: 120 * SECOND }
const RELEASE_POLL_MS = 5 * SECOND
const RELEASE_WAIT_MS = 30 * SECOND

/** The process of the reference dereferences nothing there. */
export class NilDereference extends Error {}

/** Single certificates as the reference makes, awaits and deletes them: it waits where it stands. */
export class Issuing {
  readonly #acm: ACMClient
  readonly #zones: HostedZones
  readonly #calls: SdkCalls

  constructor(options: { acm: ACMClient; zones: HostedZones; calls: SdkCalls }) {
    this.#acm = options.acm
    this.#zones = options.zones
    this.#calls = options.calls
  }

  /** Requests it, without an idempotency token, and writes its records. @returns its ARN. @throws where any of it fails, and leaves it as it is. */
  async create(names: readonly string[], tags: Tags): Promise<string> {
    for (const name of names) await this.#zones.zoneOf(name)
    const request = {
      DomainName: names[0],
      SubjectAlternativeNames: [...names],
      ValidationMethod: 'DNS' as const,
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    }
    const answer = await this.#calls.send((options) => this.#acm.send(new RequestCertificateCommand(request), options))
    const arn = answer.CertificateArn ?? ''
    for (const record of await this.#records(arn)) await this.#zones.create(record)
    return arn
  }

  /** Whatever its status is but issued, it is waited for. @throws after half an hour. */
  async untilIssued(arn: string): Promise<void> {
    const end = this.#calls.now() + ISSUED_WAIT_MS
    for (let poll = 1; ; poll++) {
      if ((await this.#describe(arn)).Status === 'ISSUED') return
      const pause = poll === 1 ? WAITER_MS.shortest : this.#calls.between(WAITER_MS.shortest, WAITER_MS.longest)
      const left = end - this.#calls.now()
      if (pause >= left) {
        await this.#calls.sleep(left)
        throw new Error('exceeded the longest wait for the certificate to be issued')
      }
      await this.#calls.sleep(pause)
    }
  }

  /** Deletes its records, and then it. What is in use is tried again for half a minute, records and all. */
  async delete(arn: string): Promise<void> {
    const end = this.#calls.now() + RELEASE_WAIT_MS
    for (;;) {
      const { DomainValidationOptions: options = [] } = await this.#describe(arn)
      for (const { DomainName: domain = '', ResourceRecord: record } of options) {
        if (!record) throw new NilDereference(`the record of ${domain} on ${arn} is not there yet`)
        await this.#zones.delete({ domain, name: record.Name ?? '', value: record.Value ?? '' })
      }
      try {
        await this.#calls.send((sent) => this.#acm.send(new DeleteCertificateCommand({ CertificateArn: arn }), sent))
        return
      } catch (error) {
        if (!(error instanceof Error && error.name === 'ResourceInUseException')) throw error
        if (this.#calls.now() >= end) throw new Error(`${arn} was in use for too long`, { cause: error })
      }
      await this.#calls.sleep(RELEASE_POLL_MS)
    }
  }

  /** @throws where ACM does not show all of them in time. */
  async #records(arn: string): Promise<ValidationRecord[]> {
    const end = this.#calls.now() + RECORDS_WAIT_MS
    for (;;) {
      const options = await this.#optionsOf(arn)
      const records = options.flatMap(({ DomainName: domain = '', ResourceRecord: record }) =>
        record ? [{ domain, name: record.Name ?? '', value: record.Value ?? '' }] : [],
      )
      if (options.length > 0 && records.length === options.length) return records
      if (this.#calls.now() >= end) throw new Error(`${arn} has no validation records yet`)
      await this.#calls.sleep(RECORDS_POLL_MS)
    }
  }

  /** Right after its request a certificate may be unknown still; the reference is given that for nothing. */
  async #optionsOf(arn: string) {
    try {
      return (await this.#describe(arn)).DomainValidationOptions ?? []
    } catch (error) {
      if (error instanceof Error && error.name === 'ResourceNotFoundException') return []
      throw error
    }
  }

  async #describe(arn: string): Promise<CertificateDetail> {
    const answer = await this.#calls.send((options) =>
      this.#acm.send(new DescribeCertificateCommand({ CertificateArn: arn }), options),
    )
    return answer.Certificate ?? {}
  }
}
