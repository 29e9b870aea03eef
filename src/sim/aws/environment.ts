import type { Clock } from '../../clock.ts'
import type { Random } from '../../random.ts'
import type { Agenda } from './agenda.ts'
import type { AwsLedger } from './ledger.ts'
import type { AwsSettings, Span } from './settings.ts'

/** What every part of the simulated AWS rests on. */
export interface Environment {
  readonly clock: Clock
  readonly random: Random
  /** May change while the world lives: quotas are lowered, issuance slows down. */
  settings: AwsSettings
  readonly ledger: AwsLedger
  readonly agenda: Agenda
}

/** A delay from a range, whole milliseconds; a range of one value costs no draw. */
export function draw(random: Random, [shortest, longest]: Span): number {
  return shortest === longest ? shortest : Math.round(shortest + (longest - shortest) * random.next())
}
