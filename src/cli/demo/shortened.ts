import { duration, SECOND } from '../../core/time.ts'

/** An interval that the demo shortens, so that a story of days fits into a minute. */
interface Shortened {
  readonly what: string
  /** In milliseconds. */
  readonly here: number
  readonly usually: string
}

/** How long ACM takes in the demo, and what the controller is told. */
export const SHORTENED = {
  issuance: { what: 'ACM issues after it has seen the records', here: 5 * SECOND, usually: '1 to 5 minutes' },
  lags: { what: 'lists, DNS and in-use marks of AWS are behind by', here: 0, usually: 'seconds to minutes' },
  settle: { what: '--settle', here: 2 * SECOND, usually: '60s' },
  retireAfter: { what: '--retire-after', here: 4 * SECOND, usually: '24h' },
  recordCheckInterval: { what: '--record-check-interval', here: 3 * SECOND, usually: '1h' },
  leaseDuration: { what: '--lease-duration', here: 10 * SECOND, usually: '30s' },
  leaseRenewInterval: { what: '--lease-renew-interval', here: SECOND, usually: '5s' },
} as const satisfies Record<string, Shortened>

/** A line for each. */
export function shortenedLines(): string[] {
  return Object.values<Shortened>(SHORTENED).map(
    ({ what, here, usually }) => `  ${what.padEnd(50)} ${(here === 0 ? '0s' : duration(here)).padEnd(4)} (${usually})`,
  )
}
