import type { Clock } from '../clock.ts'
import { jitter, type Random } from '../random.ts'
import { createKubeClient, type KubeClient } from './client.ts'
import { isKubeError, KubeError } from './errors.ts'
import { microTime } from './micro-time.ts'
import type { ObjectMeta, Resource } from './resource.ts'
import type { Transport } from './transport.ts'

/** Who of several replicas acts. */
export interface LeaderElection {
  /** Our name in the Lease; no two processes have the same. */
  readonly identity: string
  leading(): boolean
  /**
   * Whether we lead now and will for `milliseconds` more, whatever happens: the fence before every write, with the write's timeout.
   * Measured on the monotonic clock from the sending of the last renewal that succeeded.
   */
  holdsFor(milliseconds: number): boolean
  /** Who holds the Lease, as last seen. */
  holder(): string | undefined
  /** Stops to lead, at once; then gives the Lease back, so that another need not wait for its end. Never rejects. */
  stop(): Promise<void>
}

export interface LeaderElectionOptions {
  readonly transport: Transport
  readonly clock: Clock
  readonly random: Random
  /** Of this program, for the user agent. */
  readonly version: string
  readonly namespace: string
  readonly name: string
  /** For people: the pod's name. Something random is added. */
  readonly identity: string
  /** Milliseconds that a leader that is not heard of is waited for. Default 30 s. */
  readonly durationMs?: number
  /** Milliseconds between renewals, and between looks of those who stand by. Default 5 s. */
  readonly renewMs?: number
  /** We lead now, or do not any more: then stand by, we go on trying. */
  readonly onChange: (leading: boolean) => void
  /** The Lease cannot be read or written: said once a change, `undefined` when it can be again. */
  readonly onError?: (error: KubeError | undefined) => void
}

const leases: Resource = { group: 'coordination.k8s.io', version: 'v1', plural: 'leases' }
const CALL_LIMIT_MS = 5_000
const RETRY_MS = 1_000
/** Stands where the record of a Lease would, which is JSON. */
const ABSENT = 'absent'
const UNKNOWN = 'unknown'

/** The part of coordination.k8s.io/v1 that we use; times are MicroTime. */
interface LeaseSpec {
  readonly holderIdentity?: string | null
  readonly leaseDurationSeconds?: number | null
  readonly acquireTime?: string | null
  readonly renewTime?: string | null
  readonly leaseTransitions?: number | null
}

interface Lease {
  readonly metadata: ObjectMeta
  readonly spec?: LeaseSpec
}

/** Takes part in the election of a leader, from now until it is stopped. */
export function electLeader(options: LeaderElectionOptions): LeaderElection {
  const candidate = new Candidate(options)
  const done = candidate.run()
  return {
    identity: candidate.identity,
    leading: () => candidate.holdsFor(0),
    holdsFor: (milliseconds) => candidate.holdsFor(milliseconds),
    holder: () => candidate.holder(),
    stop: () => candidate.stop(done),
  }
}

/**
 * Clocks of different machines are never compared: the times in the Lease are for people. A leader counts from when it sent its last
 * renewal; the others from when they first saw that renewal, which is later; so the leader knows first that its time is over.
 */
class Candidate {
  readonly identity: string
  readonly #options: LeaderElectionOptions
  readonly #client: KubeClient
  readonly #durationMs: number
  readonly #renewMs: number
  readonly #stopped = new AbortController()
  /** The Lease as last seen, and when, on our monotonic clock, its record was first seen as it is. */
  #seen: { lease: Lease; record: string; at: number } | undefined
  /** On the monotonic clock. */
  #heldUntil = Number.NEGATIVE_INFINITY
  #saidLeading = false
  #saidError: string | undefined

  constructor(options: LeaderElectionOptions) {
    this.#options = options
    const { transport, clock, version, random } = options
    this.#client = createKubeClient({ transport, clock, version, timeoutMs: CALL_LIMIT_MS })
    this.#durationMs = options.durationMs ?? 30_000
    this.#renewMs = options.renewMs ?? 5_000
    this.identity = `${options.identity}_${random.hex(4)}`
  }

  holdsFor(milliseconds: number): boolean {
    return !this.#stopped.signal.aborted && this.#heldUntil - this.#options.clock.monotonic() > milliseconds
  }

  holder(): string | undefined {
    return this.#seen?.lease.spec?.holderIdentity || undefined
  }

  async run(): Promise<void> {
    const { clock } = this.#options
    const { signal } = this.#stopped
    // Nobody is called before `electLeader` has returned.
    await Promise.resolve()
    while (!signal.aborted) {
      const sentAt = clock.monotonic()
      let failed = false
      try {
        await this.#step(sentAt)
        this.#sayError(undefined)
      } catch (error) {
        failed = true
        this.#doubtAbsence()
        this.#sayError(error)
      }
      if (signal.aborted) break
      this.#sayLeading()
      const wait = Math.max(1, Math.ceil(this.#nextStep({ sentAt, failed }) - clock.monotonic()))
      await clock.sleepUntil(clock.now() + wait, signal).catch(() => {})
      this.#sayLeading()
    }
  }

  async stop(done: Promise<void>): Promise<void> {
    this.#stopped.abort(new Error('the election was left'))
    this.#sayLeading()
    // A write under way is not cut off: it might take effect after the release. It may also be what got us the Lease.
    await done
    if (this.#heldUntil > this.#options.clock.monotonic()) await this.#release().catch(() => {})
  }

  async #release(): Promise<void> {
    const released: LeaseSpec = { holderIdentity: '', leaseDurationSeconds: 1 }
    try {
      await this.#write(released)
    } catch (error) {
      if (!isKubeError(error, 'conflict')) throw error
      // A renewal of ours that got no answer took effect, or others edited the Lease.
      const lease = await this.#read()
      if (!lease) return
      this.#observe(lease)
      if (this.holder() === this.identity) await this.#write(released)
    }
  }

  /** Renews what we hold, takes what is free, or looks who has it. */
  async #step(sentAt: number): Promise<void> {
    if (this.holdsFor(0) && this.holder() === this.identity && (await this.#renewUnseen(sentAt))) return
    const lease = await this.#read()
    if (lease) this.#observe(lease)
    else this.#observeAbsence()
    // A Lease in our name is ours however late we are: nobody wrote since. One that is absent may have been another's before it was deleted.
    const ours = lease ? this.holder() === this.identity : this.holdsFor(0)
    if (ours || this.#waitsFor() <= 0) {
      await this.#take(sentAt, () => (lease ? this.#write(this.#claim()) : this.#create()))
    } else {
      this.#heldUntil = Number.NEGATIVE_INFINITY
    }
  }

  /** A renewal without reading first. False when the Lease is not what we thought it was. */
  async #renewUnseen(sentAt: number): Promise<boolean> {
    try {
      await this.#write(this.#claim())
      this.#heldUntil = sentAt + this.#durationMs
      return true
    } catch (error) {
      if (isKubeError(error, 'conflict') || isKubeError(error, 'notFound')) return false
      throw error
    }
  }

  /** Counted from before the look that allowed it, which is earlier than its sending: the safe side. */
  async #take(sentAt: number, write: () => Promise<void>): Promise<void> {
    try {
      await write()
      this.#heldUntil = sentAt + this.#durationMs
    } catch (error) {
      const beaten = isKubeError(error, 'conflict') || isKubeError(error, 'alreadyExists')
      if (!beaten) throw error
      // Somebody else wrote between our look and our write; the next look tells who leads.
      this.#heldUntil = Number.NEGATIVE_INFINITY
    }
  }

  /** Milliseconds until the holder, as last seen, has been silent for so long that we may take over. */
  #waitsFor(): number {
    if (!this.#seen || this.holder() === undefined) return 0
    const seconds = this.#seen.lease.spec?.leaseDurationSeconds
    const duration = seconds ? seconds * 1000 : this.#durationMs
    return this.#seen.at + duration - this.#options.clock.monotonic()
  }

  /** On the monotonic clock. */
  #nextStep(last: { sentAt: number; failed: boolean }): number {
    const now = this.#options.clock.monotonic()
    if (this.holdsFor(0)) {
      const next = last.failed ? now + RETRY_MS : last.sentAt + this.#renewMs
      return Math.min(next, this.#heldUntil)
    }
    // Only ever sooner than the interval, so that a failover takes at most the duration and one interval.
    const interval = jitter(this.#options.random, this.#renewMs * 0.9, 0.1)
    if (this.holder() === this.identity || this.holder() === undefined || last.failed) return now + interval
    return now + Math.min(interval, Math.max(this.#waitsFor(), 1))
  }

  async #read(): Promise<Lease | undefined> {
    try {
      return await this.#client.get<Lease>({ ...this.#place(), timeoutMs: this.#callLimit() })
    } catch (error) {
      if (isKubeError(error, 'notFound')) return undefined
      throw error
    }
  }

  async #create(): Promise<void> {
    const { namespace, name } = this.#options
    const now = microTime(this.#options.clock.now())
    const spec: LeaseSpec = {
      holderIdentity: this.identity,
      leaseDurationSeconds: Math.ceil(this.#durationMs / 1000),
      acquireTime: now,
      renewTime: now,
      leaseTransitions: 0,
    }
    const object = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { namespace, name }, spec }
    this.#observe(
      await this.#client.create<Lease>({ resource: leases, namespace, object, timeoutMs: this.#callLimit() }),
    )
  }

  /** Replaces the record, if the Lease is still the one that we saw. */
  async #write(record: LeaseSpec): Promise<void> {
    const { lease } = this.#seen ?? {}
    if (!lease) throw new Error('a Lease is written only after it was seen')
    const object = { ...lease, spec: { ...lease.spec, ...record } }
    this.#observe(await this.#client.update<Lease>({ ...this.#place(), object, timeoutMs: this.#callLimit() }))
  }

  /** The record with which we hold the Lease from now on. */
  #claim(): LeaseSpec {
    const previous = this.#seen?.lease.spec
    const now = microTime(this.#options.clock.now())
    const renewal = { leaseDurationSeconds: Math.ceil(this.#durationMs / 1000), renewTime: now }
    if (previous?.holderIdentity === this.identity) return renewal
    return {
      ...renewal,
      holderIdentity: this.identity,
      acquireTime: now,
      leaseTransitions: (previous?.leaseTransitions ?? 0) + 1,
    }
  }

  #observe(lease: Lease): void {
    const record = JSON.stringify(lease.spec ?? {})
    const same = this.#seen?.record === record
    this.#seen = { lease, record, at: same && this.#seen ? this.#seen.at : this.#options.clock.monotonic() }
  }

  /**
   * A Lease that was deleted does not end the time of its holder, who may have renewed it just before: it is waited for anew.
   * A replica that never saw the Lease cannot know of a holder; it creates one at once.
   */
  #observeAbsence(): void {
    if (!this.#seen || this.#seen.record === ABSENT) return
    this.#seen = { lease: this.#seen.lease, record: ABSENT, at: this.#options.clock.monotonic() }
  }

  /** What was absent may have been there, and have gone again, while we could not look. */
  #doubtAbsence(): void {
    if (this.#seen?.record === ABSENT) this.#seen = { ...this.#seen, record: UNKNOWN }
  }

  #place() {
    return { resource: leases, namespace: this.#options.namespace, name: this.#options.name }
  }

  /** While we lead no call may keep us from noticing that our time is over. */
  #callLimit(): number {
    const left = this.#heldUntil - this.#options.clock.monotonic()
    return left > 0 ? Math.min(CALL_LIMIT_MS, Math.ceil(left)) : CALL_LIMIT_MS
  }

  #sayLeading(): void {
    const leading = this.holdsFor(0)
    if (leading === this.#saidLeading) return
    this.#saidLeading = leading
    this.#options.onChange(leading)
  }

  #sayError(thrown: unknown): void {
    const error =
      thrown === undefined || thrown instanceof KubeError
        ? thrown
        : new KubeError({ kind: 'transient', message: 'the Lease could not be used', cause: thrown })
    const said = error && [error.kind, error.code].join()
    if (said === this.#saidError) return
    this.#saidError = said
    this.#options.onError?.(error)
  }
}
