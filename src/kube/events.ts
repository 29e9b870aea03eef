import type { Clock, EpochMs } from '../clock.ts'
import { deadline } from '../clock.ts'
import type { Random } from '../random.ts'
import type { KubeClient } from './client.ts'
import { KubeError } from './errors.ts'
import { microTime } from './micro-time.ts'
import type { Resource } from './resource.ts'

/** What happened to which object, for those who look at the object. */
export interface Notice {
  readonly regarding: {
    readonly apiVersion: string
    readonly kind: string
    /** Absent for a cluster-scoped object. */
    readonly namespace?: string | undefined
    readonly name: string
    readonly uid: string
  }
  readonly type: 'Normal' | 'Warning'
  /** In CamelCase: why we say it. */
  readonly reason: string
  /** In CamelCase: what we did, or where the object stands now. */
  readonly action: string
  /** One sentence. Cut at 1 KiB, which is all that the API server takes. */
  readonly note: string
}

export interface EventRecorder {
  /** Never waits and never throws: what cannot be written is lost, and counted. */
  record(notice: Notice): void
  /** How many notices were lost, because the API server did not take them or there were too many. */
  readonly lost: number
  /** Writes what is still to be written, for 2 s at most, and ends. Never rejects. */
  stop(): Promise<void>
}

const events: Resource = { group: 'events.k8s.io', version: 'v1', plural: 'events' }
const CONTROLLER = 'certwright.dev/controller'
/** The same notice within this time is one series: the rule of events.k8s.io. */
const SERIES_IDLE_MS = 6 * 60_000
/** A series that goes on is written again at most this often. */
const SERIES_WRITE_MS = 60_000
const MOST_SERIES = 1_000
const CALL_LIMIT_MS = 5_000
const STOP_LIMIT_MS = 2_000
const RETRY_AFTER_MS = [1_000, 5_000, 15_000, 60_000]
const LONGEST_NOTE_BYTES = 1_024

/** Notices that are the same, and the Event object that stands for them. */
interface Series {
  readonly key: string
  readonly notice: Notice
  readonly name: string
  readonly firstAt: EpochMs
  count: number
  lastAt: EpochMs
  /** When it was last noticed, on the monotonic clock: what is due does not depend on what the wall clock shows. */
  noticedAt: number
  /** Whether the Event exists, as far as we know. */
  written: boolean
  /** When it is to be written next, on the monotonic clock; undefined: there is nothing new to say. */
  due: number | undefined
  failures: number
}

/** @param options.version of this program: part of the name under which it reports. */
export function createEventRecorder(options: {
  kube: KubeClient
  clock: Clock
  random: Random
  version: string
}): EventRecorder {
  const recorder = new Recorder(options)
  const done = recorder.run()
  return {
    record: (notice) => recorder.record(notice),
    get lost() {
      return recorder.lost
    },
    stop: () => recorder.stop(done),
  }
}

class Recorder {
  lost = 0
  readonly #kube: KubeClient
  readonly #clock: Clock
  readonly #random: Random
  readonly #instance: string
  /** In the order in which they began. */
  readonly #series = new Map<string, Series>()
  readonly #stopped = new AbortController()
  /** After this nothing is under way any more. */
  readonly #ended = new AbortController()
  #news = new AbortController()

  constructor(options: Parameters<typeof createEventRecorder>[0]) {
    this.#kube = options.kube
    this.#clock = options.clock
    this.#random = options.random
    this.#instance = `certwright-${options.version}-${options.random.hex(4)}`
  }

  record(notice: Notice): void {
    if (this.#stopped.signal.aborted) return
    const now = this.#clock.monotonic()
    const { regarding, type, reason, note } = notice
    const key = JSON.stringify([regarding.namespace, regarding.name, regarding.uid, type, reason, note])
    const known = this.#series.get(key)
    if (known && now - known.noticedAt < SERIES_IDLE_MS) {
      // One write for all that repeat within its interval: the first repetition sets the time.
      known.due ??= known.noticedAt + SERIES_WRITE_MS
      known.count++
      known.noticedAt = now
      known.lastAt = this.#clock.now()
    } else {
      this.#begin({ key, notice, now })
    }
    this.#news.abort()
  }

  async run(): Promise<void> {
    const { signal } = this.#stopped
    while (!signal.aborted) {
      this.#news = new AbortController()
      const next = this.#next()
      if (next && next.due <= this.#clock.monotonic()) await this.#write(next.series, CALL_LIMIT_MS)
      else await this.#rest(next?.due)
    }
  }

  async stop(done: Promise<void>): Promise<void> {
    if (this.#stopped.signal.aborted) return done
    this.#stopped.abort()
    this.#news.abort()
    const limit = deadline({ clock: this.#clock, milliseconds: STOP_LIMIT_MS })
    const flushed = done.then(async () => {
      for (let next = this.#next(); next && !limit.signal.aborted; next = this.#next()) {
        await this.#write(next.series, STOP_LIMIT_MS)
        if (next.series.due !== undefined) this.#lose(next.series)
      }
    })
    const timeUp = new Promise<void>((resolve) => {
      limit.signal.addEventListener('abort', () => resolve(), { once: true })
    })
    await Promise.race([flushed, timeUp])
    limit.done()
    this.#ended.abort(new Error('the event recorder was stopped'))
    await flushed
    for (const series of this.#series.values()) if (series.due !== undefined) this.#lose(series)
  }

  #begin(begun: { key: string; notice: Notice; now: number }): void {
    const { key, notice, now } = begun
    const at = this.#clock.now()
    const { name } = notice.regarding
    this.#forget(now)
    this.#series.delete(key)
    this.#series.set(key, {
      key,
      notice,
      // An object's name has at most 253 characters.
      name: `${name.slice(0, 230)}.${this.#random.hex(8)}`,
      firstAt: at,
      count: 1,
      lastAt: at,
      noticedAt: now,
      written: false,
      due: now,
      failures: 0,
    })
  }

  /** Ends the series in which nothing happens any more; and the oldest when there are too many. */
  #forget(now: number): void {
    for (const series of this.#series.values()) {
      if (series.due === undefined && now - series.noticedAt >= SERIES_IDLE_MS) this.#series.delete(series.key)
    }
    for (const series of this.#series.values()) {
      if (this.#series.size < MOST_SERIES) break
      if (series.due === undefined) this.#series.delete(series.key)
      else this.#lose(series)
    }
  }

  #lose(series: Series): void {
    series.due = undefined
    if (this.#series.get(series.key) === series) this.#series.delete(series.key)
    this.lost++
  }

  #next(): { series: Series; due: number } | undefined {
    let next: { series: Series; due: number } | undefined
    for (const series of this.#series.values()) {
      if (series.due !== undefined && (!next || series.due < next.due)) next = { series, due: series.due }
    }
    return next
  }

  async #rest(until: number | undefined): Promise<void> {
    const { signal } = this.#news
    if (signal.aborted) return
    if (until !== undefined) {
      const left = Math.ceil(until - this.#clock.monotonic())
      return this.#clock.sleepUntil(this.#clock.now() + left, signal).catch(() => {})
    }
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  }

  async #write(series: Series, timeoutMs: number): Promise<void> {
    series.due = undefined
    try {
      if (series.written) await this.#update(series, timeoutMs)
      else await this.#create(series, timeoutMs)
      series.failures = 0
    } catch (error) {
      this.#onFailure(series, error)
    }
  }

  async #create(series: Series, timeoutMs: number): Promise<void> {
    const { notice, name } = series
    const { regarding } = notice
    // Events on cluster-scoped objects live in `default`: a rule of the API server.
    const namespace = regarding.namespace ?? 'default'
    const object = {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name, namespace },
      eventTime: microTime(series.firstAt),
      reportingController: CONTROLLER,
      reportingInstance: this.#instance.slice(0, 128),
      regarding,
      type: notice.type,
      reason: notice.reason,
      action: notice.action,
      note: cut(notice.note),
      ...(series.count > 1 && { series: seriesOf(series) }),
    }
    try {
      await this.#kube.create({ resource: events, namespace, object, timeoutMs, signal: this.#ended.signal })
    } catch (error) {
      // A try of ours that got no answer had taken effect.
      if (!(error instanceof KubeError) || error.kind !== 'alreadyExists') throw error
    }
    series.written = true
  }

  async #update(series: Series, timeoutMs: number): Promise<void> {
    const namespace = series.notice.regarding.namespace ?? 'default'
    const place = { resource: events, namespace, name: series.name, timeoutMs, signal: this.#ended.signal }
    try {
      await this.#kube.patch({ ...place, patch: { series: seriesOf(series) } })
    } catch (error) {
      // API servers forget events after an hour.
      if (!(error instanceof KubeError) || error.kind !== 'notFound') throw error
      series.written = false
      await this.#create(series, timeoutMs)
    }
  }

  #onFailure(series: Series, error: unknown): void {
    const delay = RETRY_AFTER_MS[series.failures++]
    if (delay === undefined || !(error instanceof KubeError) || !mayPass(error)) {
      this.#lose(series)
      return
    }
    series.due = this.#clock.monotonic() + Math.max(delay, error.retryAfterMs ?? 0)
  }
}

/** Whether the same write may succeed later. A namespace that is gone or being deleted (404, 403) will not come back for us. */
function mayPass(error: KubeError): boolean {
  switch (error.kind) {
    case 'unreachable':
    case 'unauthorized':
    case 'throttled':
    case 'transient':
    case 'ambiguous':
    case 'conflict':
      return true
    case 'forbidden':
    case 'notFound':
    case 'alreadyExists':
    case 'expired':
    case 'invalid':
      return false
  }
}

function seriesOf(series: Series) {
  return { count: series.count, lastObservedTime: microTime(series.lastAt) }
}

function cut(note: string): string {
  const bytes = new TextEncoder().encode(note)
  if (bytes.length <= LONGEST_NOTE_BYTES) return note
  // The ellipsis takes three bytes; a character that was cut in the middle decodes to U+FFFD.
  const kept = new TextDecoder().decode(bytes.subarray(0, LONGEST_NOTE_BYTES - 3)).replace(/\uFFFD$/, '')
  return `${kept}…`
}
