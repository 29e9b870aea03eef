import type { Random } from '../../random.ts'
import type { Call } from '../aws/call.ts'
import type { FaultAfter, FaultBefore, Faults as AwsFaults } from '../aws/faults.ts'
import type { Fault, Faults as KubeFaults, KubeCall, WatchFault } from '../kube/faults.ts'
import type { WatchEvent } from '../kube/watch.ts'
import { replicaIn } from '../laws/fencing.ts'
import { forkRandom } from '../random.ts'
import { type FaultName, type Rates, serviceOf } from './faults.ts'

/** Longer delays than this end in the caller's time-out. */
const LONGEST_DELAY_MS = 10_000
const LONGEST_STALE_MS = 120_000
/** How many items a page has that is short. */
const LONGEST_SHORT_PAGE = 3
/** Nobody waits so long for an answer. */
const TIME_OUT_MS = 90_000

/** What ends a process by chance. */
export interface Deaths {
  readonly crash: (replica: number, random: Random) => void
  readonly terminate: (replica: number, random: Random) => void
  /** It stands still, for so many milliseconds. */
  readonly freeze: (replica: number, ms: number) => void
}

/** Who wants to know of some faults. */
export interface Onlookers {
  readonly watchFault: (call: KubeCall, how: '410' | 'break') => void
  readonly conflict: (call: KubeCall) => void
  /** A write of an Ingress is on its way: somebody edits the object before it arrives. */
  readonly overtaken: (call: KubeCall) => void
  /** A request failed, or an event does not arrive as it should. */
  readonly trouble: (call: KubeCall) => void
  /** A list lacks an object. */
  readonly hidden: () => void
  /** An event is handed over as it is. */
  readonly event: (call: KubeCall, event: WatchEvent) => void
}

/** Draws faults, each kind from a generator of its own, so that leaving one out leaves the others as they were; and counts them. */
export class Weather {
  readonly hits = new Map<string, number>()
  readonly #rates: Rates
  readonly #randoms = new Map<FaultName, Random>()
  readonly #seed: number
  /** Lists of which all, or none, arrives. */
  readonly #empty = new WeakMap<KubeCall, boolean>()
  /** Replicas that have an answer of AWS's to write down, and will not live to do it. */
  readonly #doomed = new Set<number>()
  /** Whether it storms. */
  stormy = false
  /** Whether the API server answers at all. */
  apiDown = false
  /** Whether edits of Ingresses reach nobody. */
  deaf = false
  /** For how long a replica stands still at its next write. */
  readonly freezes = new Map<number, number>()
  /** How long a colleague's change of a zone takes. */
  colleagueDelay = 0

  constructor(options: { seed: number; rates: Rates }) {
    this.#rates = options.rates
    this.#seed = options.seed
  }

  count(what: string, times = 1): void {
    this.hits.set(what, (this.hits.get(what) ?? 0) + times)
  }

  aws(isController: (accessKeyId: string) => boolean, onSending: (call: Call) => void, deaths: Deaths): AwsFaults {
    return {
      before: (call) => {
        onSending(call)
        if (isController(call.accessKeyId)) return this.#beforeAws(call, deaths)
        const isBusy = call.operation === 'ChangeResourceRecordSets' && this.colleagueDelay > 0
        return isBusy ? { kind: 'delay', milliseconds: this.colleagueDelay } : undefined
      },
      after: (call) => {
        if (!isController(call.accessKeyId)) return undefined
        const service = serviceOf(call)
        const replica = numberIn(call.accessKeyId)
        if (!isRead(call.operation)) {
          if (this.#falls('crash after the effect')) deaths.crash(replica, this.#random('crash after the effect'))
          else if (this.#falls('crash before storing', 'uncounted')) this.#doomed.add(replica)
        }
        const faults: FaultAfter[] = []
        if (this.#falls(`${service} reset after`)) faults.push({ kind: 'reset' })
        if (this.#falls(`${service} time-out after`)) faults.push({ kind: 'delay', milliseconds: TIME_OUT_MS })
        if (this.#falls(`${service} 5xx after`)) faults.push({ kind: 'serverError' })
        return faults
      },
    }
  }

  #beforeAws(call: Call, deaths: Deaths): FaultBefore[] {
    const service = serviceOf(call)
    const faults: FaultBefore[] = []
    if (!isRead(call.operation)) {
      const early = this.#die(numberIn(call.accessKeyId), deaths)
      if (early) return [{ kind: 'reset' }]
    }
    if (this.#falls('aws delay'))
      faults.push({ kind: 'delay', milliseconds: this.#upTo('aws delay', LONGEST_DELAY_MS) })
    if (isRead(call.operation) && this.#falls(`${service} stale`, 'uncounted'))
      faults.push({ kind: 'stale', milliseconds: this.#upTo(`${service} stale`, LONGEST_STALE_MS) })
    if (isRead(call.operation) && this.#falls('aws short page'))
      faults.push({ kind: 'shortPage', items: this.#upTo('aws short page', LONGEST_SHORT_PAGE) })
    if (this.#falls(`${service} throttle`)) faults.push({ kind: 'throttle' })
    if (call.operation === 'ChangeResourceRecordSets' && this.#falls('route53 changes throttle'))
      faults.push({ kind: 'throttle' })
    if (this.#falls(`${service} 5xx before`)) faults.push({ kind: 'serverError', statusCode: 503 })
    if (this.#falls(`${service} reset before`)) faults.push({ kind: 'reset' })
    if (this.#falls(`${service} time-out before`)) faults.push({ kind: 'delay', milliseconds: TIME_OUT_MS })
    if (this.#falls('aws denied')) faults.push({ kind: 'accessDenied' })
    if (this.#falls('aws credentials expired')) faults.push({ kind: 'expiredCredentials' })
    return faults
  }

  kube(onCall: (call: KubeCall) => void, deaths: Deaths, onlookers: Onlookers): KubeFaults {
    return {
      before: (call) => {
        onCall(call)
        if (this.apiDown && !call.userAgent.startsWith('kubectl')) {
          this.count('kube API server down')
          onlookers.trouble(call)
          return { kind: 'reset' }
        }
        if (!isProgram(call)) return undefined
        const faults: Fault[] = []
        const isWrite = !['get', 'list', 'watch', 'other'].includes(call.verb)
        if (isWrite && isOfState(call.collection)) {
          const replica = numberIn(replicaIn(call.userAgent))
          if (this.#doomed.delete(replica)) {
            this.count('crash before storing')
            deaths.crash(replica, this.#random('crash before storing'))
            return { kind: 'reset' }
          }
          if (this.#die(replica, deaths)) return { kind: 'reset' }
        }
        if (this.#falls('kube delay'))
          faults.push({ kind: 'delay', milliseconds: this.#upTo('kube delay', LONGEST_DELAY_MS) })
        if (this.#falls('kube 429')) faults.push({ kind: 'status', code: 429, retryAfterSeconds: 1 })
        if (this.#falls('kube 5xx before')) faults.push({ kind: 'status', code: 500 })
        if (isWrite && this.#falls('kube 409')) {
          onlookers.conflict(call)
          faults.push({ kind: 'status', code: 409 })
        }
        if (call.verb === 'apply' && call.collection.startsWith('ingresses.') && this.#falls('kube edit in a write'))
          onlookers.overtaken(call)
        if (this.#falls('kube reset before')) faults.push({ kind: 'reset' })
        if (this.#falls('kube hang')) faults.push({ kind: 'hang' })
        if (faults.length > 0) onlookers.trouble(call)
        return faults
      },
      after: (call) => {
        if (!isProgram(call)) return undefined
        const faults: Fault[] = []
        const isWrite = !['get', 'list', 'watch', 'other'].includes(call.verb)
        if (isWrite && isOfState(call.collection) && this.#falls('crash after the effect'))
          deaths.crash(numberIn(replicaIn(call.userAgent)), this.#random('crash after the effect'))
        if (this.#falls('kube 5xx after')) faults.push({ kind: 'status', code: 504 })
        if (this.#falls('kube reset after')) faults.push({ kind: 'reset' })
        if (faults.length > 0) onlookers.trouble(call)
        return faults
      },
      event: (call, event) => {
        if (!isProgram(call)) return undefined
        const faults: WatchFault[] = []
        if (this.#falls('watch delay'))
          faults.push({ kind: 'delay', milliseconds: this.#upTo('watch delay', LONGEST_DELAY_MS) })
        if (this.#falls('watch close')) faults.push({ kind: 'close' })
        if (this.#falls('watch reset')) {
          onlookers.watchFault(call, 'break')
          faults.push({ kind: 'reset' })
        }
        if (this.#falls('watch 410')) {
          onlookers.watchFault(call, '410')
          faults.push({ kind: 'expire' })
        }
        if (this.#falls('watch hang')) faults.push({ kind: 'hang' })
        if (this.#falls('watch double')) faults.push({ kind: 'double' })
        if (event.type === 'ADDED') {
          // Lists are streamed as such events: to lose one makes a list that says that it is whole, and is not.
          if (isFreshlyRead(call.collection) && (this.#isEmptied(call) || this.#falls('kube partial list'))) {
            onlookers.hidden()
            faults.push({ kind: 'drop' })
          }
        } else if (event.type !== 'BOOKMARK' && (this.#isUnheard(call) || this.#falls('watch drop')))
          faults.push({ kind: 'drop' })
        if (faults.length > 0) onlookers.trouble(call)
        else onlookers.event(call, event)
        return faults
      },
    }
  }

  #isUnheard({ collection }: KubeCall): boolean {
    return this.stormy && this.deaf && collection.startsWith('ingresses.')
  }

  /** Whether the list with which this watch begins arrives empty. */
  #isEmptied(call: KubeCall): boolean {
    const known = this.#empty.get(call)
    if (known !== undefined) return known && this.stormy
    const empty = this.#falls('kube empty list')
    this.#empty.set(call, empty)
    return empty
  }

  /** Ends or stops the process that is about to write, by chance. @returns whether that was before it sent anything. */
  #die(replica: number, deaths: Deaths): boolean {
    const ms = this.freezes.get(replica)
    if (ms !== undefined && this.stormy) {
      this.freezes.delete(replica)
      deaths.freeze(replica, ms)
      return false
    }
    if (this.#falls('crash before sending')) {
      deaths.crash(replica, this.#random('crash before sending'))
      return true
    }
    if (this.#falls('crash after sending')) deaths.crash(replica, this.#random('crash after sending'))
    else if (this.#falls('SIGTERM in a call')) deaths.terminate(replica, this.#random('SIGTERM in a call'))
    return false
  }

  #falls(name: FaultName, counted: 'counted' | 'uncounted' = 'counted'): boolean {
    const rate = this.#rates[name]
    if (!this.stormy || rate === undefined || this.#random(name).next() >= rate) return false
    if (counted === 'counted') this.count(name)
    return true
  }

  #upTo(name: FaultName, longest: number): number {
    return Math.ceil(this.#random(name).next() * longest)
  }

  #random(name: FaultName): Random {
    let random = this.#randoms.get(name)
    if (!random) this.#randoms.set(name, (random = forkRandom(this.#seed, `fault ${name}`)))
    return random
  }
}

function isProgram({ userAgent }: KubeCall): boolean {
  return userAgent.startsWith('certwright/')
}

/** What the controller stores or publishes: no lease, no event. */
function isOfState(collection: string): boolean {
  return /^(ingresses|acmcertificates|certificateclaims)\./.test(collection)
}

/** Classes are not read again before a deletion, and a real server loses none. */
function isFreshlyRead(collection: string): boolean {
  return !collection.startsWith('ingressclass')
}

export function isRead(operation: string): boolean {
  return /^(Describe|List|Get)/.test(operation)
}

/** `AKIDCERTWRIGHT2`, `replica-2`: 2. */
function numberIn(text: string): number {
  return Number(/\d+$/.exec(text)?.[0] ?? 0)
}
