import type { PublicDns } from '../route53/public-dns.ts'
import type { DomainValidation, ValidationRecord } from './certificate.ts'

/** ACM follows at most five chained CNAMEs (dns-validation). */
const LONGEST_CHAIN = 5
/** Any of these in a CAA record lets Amazon issue (setup-caa). */
const AMAZON_AUTHORITIES = new Set(['amazon.com', 'amazontrust.com', 'awstrust.com', 'amazonaws.com'])

/** What public DNS tells ACM of a name, at issuance and at each renewal. */
export class DomainControl {
  readonly #dns: PublicDns
  readonly #never = new Set<string>()

  constructor(dns: PublicDns) {
    this.#dns = dns
  }

  /** ACM never gets to see the record of `name`, wherever it is; `true` takes that back. */
  setValidates(name: string, possible: boolean): void {
    if (possible) this.#never.delete(name)
    else this.#never.add(name)
  }

  /** Whether the validation record of a name leads to ACM. Names that are validated by mail are never proven here. */
  isProven({ name, record }: DomainValidation): boolean {
    return record !== undefined && !this.#never.has(name) && this.#leadsToAcm(record)
  }

  /** The CAA records of the nearest name that has any decide (RFC 8659). */
  caaAllows(name: string): boolean {
    const wildcard = name.startsWith('*.')
    const labels = name.replace(/^\*\./, '').split('.')
    for (let from = 0; from < labels.length; from++) {
      const records = this.#dns.certificationAuthorities(labels.slice(from).join('.'))
      if (records.length === 0) continue
      const wild = records.filter(({ tag }) => tag === 'issuewild')
      const relevant = wildcard && wild.length > 0 ? wild : records.filter(({ tag }) => tag === 'issue')
      return (
        relevant.length === 0 || relevant.some(({ value }) => AMAZON_AUTHORITIES.has(value.split(';')[0]?.trim() ?? ''))
      )
    }
    return true
  }

  #leadsToAcm(record: ValidationRecord): boolean {
    let name = record.name
    for (let hop = 0; hop < LONGEST_CHAIN; hop++) {
      const target = this.#dns.canonicalNames(name)[0]
      if (target === undefined) return false
      if (target === record.value) return true
      name = target
    }
    return false
  }
}
