import type { Clock } from '../clock.ts'
import type { ValidationRecord } from '../core/certificate.ts'
import type { Name } from '../core/names.ts'
import type { RecordState } from '../core/observation.ts'
import { SECOND } from '../core/time.ts'
import { jitter, type Random } from '../random.ts'
import { AwsError } from './errors.ts'
import { assertValidationRecord, type Route53 } from './route53.ts'

/** What became of one record. */
export type RecordOutcome =
  | { readonly kind: 'created' }
  /** It was there already, with our value. */
  | { readonly kind: 'present' }
  /** Something else stands at the name: it is left as it is. */
  | { readonly kind: 'conflict'; readonly found: RecordState }
  /** Route 53 refused this record alone, though nothing stands at its name. */
  | { readonly kind: 'rejected'; readonly message: string }

export interface RecordBatchesOptions {
  readonly route53: Pick<Route53, 'createRecords' | 'readRecords'>
  readonly clock: Clock
  readonly random: Random
  /** Ends the waiting between tries when the process ends. */
  readonly signal?: AbortSignal | undefined
}

/** How long the first record of a batch waits for others. */
const COALESCE_MS = 100
/**
 * Well under the 1,000 records that one call may carry, so that a batch holds up its zone for moments only; 32,000 characters of values
 * is AWS's own limit: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html
 */
const MOST_CHANGES = 480
const MOST_CHARACTERS = 32_000
/** Tries of one call that Route 53 throttles, or that comes while it works on an earlier one; 0.5 s, 1 s, … apart: 31 s in all. */
const MOST_TRIES = 7
const FIRST_BACKOFF_MS = SECOND / 2
/** A denial may be of one name only (IAM can limit names); finding out which may take so many more calls. */
const MOST_CALLS_AFTER_DENIAL = 24

/**
 * Creates validation records, many in one call: what is asked for one zone within 100 ms goes together, one call at a time a zone. A
 * record that Route 53 refuses never holds up the others. Nothing is ever overwritten.
 */
export class RecordBatches {
  readonly #options: RecordBatchesOptions
  readonly #zones = new Map<string, ZoneQueue>()

  constructor(options: RecordBatchesOptions) {
    this.#options = options
  }

  /**
   * @throws TypeError for anything but a validation record of ACM.
   * @throws AwsError where the call failed for a reason that is not this record's; nothing is known to have been created then.
   */
  async create(options: { readonly zoneId: string; readonly record: ValidationRecord }): Promise<RecordOutcome> {
    const { zoneId, record } = options
    assertValidationRecord(record)
    let queue = this.#zones.get(zoneId)
    if (!queue) {
      queue = new ZoneQueue(zoneId, this.#options)
      this.#zones.set(zoneId, queue)
    }
    return queue.add(record)
  }
}

interface Waiting {
  readonly record: ValidationRecord
  readonly settle: PromiseWithResolvers<RecordOutcome>
}

/** The records of one zone that wait, and the one call that is under way. */
class ZoneQueue {
  readonly #zoneId: string
  readonly #options: RecordBatchesOptions
  #waiting: Waiting[] = []
  #working = false

  constructor(zoneId: string, options: RecordBatchesOptions) {
    this.#zoneId = zoneId
    this.#options = options
  }

  add(record: ValidationRecord): Promise<RecordOutcome> {
    const settle = Promise.withResolvers<RecordOutcome>()
    this.#waiting.push({ record, settle })
    if (!this.#working) {
      this.#working = true
      void this.#work()
    }
    return settle.promise
  }

  async #work(): Promise<void> {
    const { clock, signal } = this.#options
    while (this.#waiting.length > 0) {
      // An aborted wait sends what is there: the calls themselves end by their own signal.
      await clock.sleepUntil(clock.now() + COALESCE_MS, signal).catch(() => {})
      await this.#send(this.#take())
    }
    this.#working = false
  }

  /** The next batch, one record a name. What asks for another value at a name of this batch waits for the next, and will conflict. */
  #take(): readonly Waiting[] {
    const values = new Map<Name, string>()
    const batch: Waiting[] = []
    const left: Waiting[] = []
    let characters = 0
    for (const waiting of this.#waiting) {
      const { name, value } = waiting.record
      const known = values.get(name)
      const fits = values.size < MOST_CHANGES && characters + value.length + 1 <= MOST_CHARACTERS
      if (known === value) batch.push(waiting)
      else if (known === undefined && fits) {
        values.set(name, value)
        characters += value.length + 1
        batch.push(waiting)
      } else left.push(waiting)
    }
    this.#waiting = left
    return batch
  }

  async #send(batch: readonly Waiting[]): Promise<void> {
    const records = new Map(batch.map(({ record }) => [record.name, record]))
    const outcomes = await new Submission(this.#zoneId, this.#options).create([...records.values()])
    for (const { record, settle } of batch) {
      const outcome = outcomes.get(record.name)
      if (outcome instanceof Error) settle.reject(outcome)
      else if (outcome) settle.resolve(outcome)
      else settle.reject(new Error(`no outcome for ${record.name}`))
    }
  }
}

type Outcomes = ReadonlyMap<Name, RecordOutcome | Error>

/** One batch on its way: what Route 53 refuses as a whole is read again and halved until each record has its own outcome. */
class Submission {
  readonly #zoneId: string
  readonly #options: RecordBatchesOptions
  #callsAfterDenial = 0

  constructor(zoneId: string, options: RecordBatchesOptions) {
    this.#zoneId = zoneId
    this.#options = options
  }

  /** `unread`: nobody has looked yet what stands at these names. */
  async create(records: readonly ValidationRecord[], unread = true): Promise<Outcomes> {
    const error = await this.#try(records)
    if (error === undefined) return outcomeForAll(records, { kind: 'created' })
    if (isRefusal(error)) {
      return unread ? this.#sortOut(records, error) : this.#halves(records, error)
    }
    return this.#mayHalve(error) ? this.#halves(records, error) : outcomeForAll(records, error)
  }

  /** Reads what stands at the names; what is settled by that needs no second call. */
  async #sortOut(records: readonly ValidationRecord[], refusal: Error): Promise<Outcomes> {
    let found: ReadonlyMap<Name, RecordState>
    try {
      found = await this.#options.route53.readRecords({
        zoneId: this.#zoneId,
        names: records.map(({ name }) => name),
        signal: this.#options.signal,
      })
    } catch (error) {
      return outcomeForAll(records, asError(error))
    }
    const settled = new Map<Name, RecordOutcome | Error>()
    for (const record of records) {
      const state = found.get(record.name) ?? { kind: 'absent' }
      if (state.kind !== 'absent') settled.set(record.name, outcomeOf(record, state))
    }
    const open = records.filter(({ name }) => !settled.has(name))
    if (open.length === 0) return settled
    const rest = settled.size > 0 ? await this.create(open, false) : await this.#halves(open, refusal)
    return new Map([...settled, ...rest])
  }

  async #halves(records: readonly ValidationRecord[], error: Error): Promise<Outcomes> {
    if (records.length === 1) {
      const outcome = isRefusal(error) ? ({ kind: 'rejected', message: error.detail } as const) : error
      return outcomeForAll(records, outcome)
    }
    const middle = Math.ceil(records.length / 2)
    const first = await this.create(records.slice(0, middle), false)
    const second = await this.create(records.slice(middle), false)
    return new Map([...first, ...second])
  }

  /** Gives the error of the last try; waits out throttles and the zone's own earlier change. */
  async #try(records: readonly ValidationRecord[]): Promise<Error | undefined> {
    const { clock, random, route53, signal } = this.#options
    for (let tries = 1, backoff = FIRST_BACKOFF_MS; ; tries++, backoff *= 2) {
      try {
        await route53.createRecords({ zoneId: this.#zoneId, records, signal })
        return undefined
      } catch (error) {
        if (!(error instanceof AwsError) || error.kind !== 'throttled' || tries === MOST_TRIES) return asError(error)
      }
      await clock.sleepUntil(clock.now() + jitter(random, backoff), signal).catch(() => {})
    }
  }

  #mayHalve(error: Error): boolean {
    return error instanceof AwsError && error.kind === 'denied' && this.#callsAfterDenial++ < MOST_CALLS_AFTER_DENIAL
  }
}

/** The batch itself is what Route 53 does not take: with other records it may. */
function isRefusal(error: Error): error is AwsError {
  return error instanceof AwsError && (error.code === 'InvalidChangeBatch' || error.kind === 'invalid')
}

/** What stands at the name decides, whatever the message said. */
function outcomeOf(record: ValidationRecord, found: RecordState): RecordOutcome {
  const ours = found.kind === 'cname' && found.plain && found.value === record.value
  return ours ? { kind: 'present' } : { kind: 'conflict', found }
}

function outcomeForAll(records: readonly ValidationRecord[], outcome: RecordOutcome | Error): Outcomes {
  return new Map(records.map(({ name }) => [name, outcome]))
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
