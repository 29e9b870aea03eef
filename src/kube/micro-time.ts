import type { EpochMs } from '../clock.ts'

/** Kubernetes' MicroTime: RFC 3339 with six digits, which Lease and Event demand: `2026-11-23T22:18:54.692000Z`. */
export function microTime(instant: EpochMs): string {
  return new Date(instant).toISOString().replace('Z', '000Z')
}
