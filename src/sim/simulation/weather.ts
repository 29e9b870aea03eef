import type { Random } from '../../random.ts'
import type { Call } from '../aws/call.ts'
import type { FaultAfter, FaultBefore, Faults as AwsFaults } from '../aws/faults.ts'
import type { Fault, Faults as KubeFaults, KubeCall, WatchFault } from '../kube/faults.ts'
import { forkRandom } from '../random.ts'

/** Faults that befall calls and events by chance, at a rate. Those of AWS befall the controller; those of Kubernetes too, unless said otherwise. */
export const FAULTS = [
  'aws throttle',
  'aws 5xx before',
  'aws 5xx after',
  'aws reset before',
  'aws reset after',
  'aws denied',
  'aws credentials expired',
  'aws stale',
  'aws delay',
  'kube delay',
  'kube 429',
  'kube 5xx before',
  'kube 5xx after',
  'kube 409',
  'kube reset before',
  'kube reset after',
  'kube hang',
  'watch delay',
  'watch drop',
  'watch double',
  'watch close',
  'watch reset',
  'watch 410',
  'watch hang',
  'kube partial list',
] as const

export type FaultName = (typeof FAULTS)[number]

export type Rates = Readonly<Partial<Record<FaultName, number>>>

/** Longer delays than this end in the caller's time-out. */
const LONGEST_DELAY_MS = 10_000
const LONGEST_STALE_MS = 120_000

/** Draws faults, each kind from a generator of its own, so that leaving one out leaves the others as they were; and counts them. */
export class Weather {
  readonly hits = new Map<string, number>()
  readonly #rates: Rates
  readonly #randoms = new Map<FaultName, Random>()
  readonly #seed: number
  /** Whether it storms. */
  stormy = false
  /** Whether the API server answers at all. */
  apiDown = false

  constructor(options: { seed: number; rates: Rates }) {
    this.#rates = options.rates
    this.#seed = options.seed
  }

  count(what: string): void {
    this.hits.set(what, (this.hits.get(what) ?? 0) + 1)
  }

  aws(isController: (accessKeyId: string) => boolean, onSending: (call: Call) => void): AwsFaults {
    return {
      before: (call) => {
        onSending(call)
        if (!isController(call.accessKeyId)) return undefined
        const faults: FaultBefore[] = []
        if (this.#falls('aws delay'))
          faults.push({ kind: 'delay', milliseconds: this.#upTo('aws delay', LONGEST_DELAY_MS) })
        if (isRead(call.operation) && this.#falls('aws stale'))
          faults.push({ kind: 'stale', milliseconds: this.#upTo('aws stale', LONGEST_STALE_MS) })
        if (this.#falls('aws throttle')) faults.push({ kind: 'throttle' })
        if (this.#falls('aws 5xx before')) faults.push({ kind: 'serverError' })
        if (this.#falls('aws reset before')) faults.push({ kind: 'reset' })
        if (this.#falls('aws denied')) faults.push({ kind: 'accessDenied' })
        if (this.#falls('aws credentials expired')) faults.push({ kind: 'expiredCredentials' })
        return faults
      },
      after: (call) => {
        if (!isController(call.accessKeyId)) return undefined
        const faults: FaultAfter[] = []
        if (this.#falls('aws reset after')) faults.push({ kind: 'reset' })
        if (this.#falls('aws 5xx after')) faults.push({ kind: 'serverError' })
        return faults
      },
    }
  }

  kube(onCall: (call: KubeCall) => void): KubeFaults {
    return {
      before: (call) => {
        onCall(call)
        if (this.apiDown && !call.userAgent.startsWith('kubectl')) {
          this.count('kube API server down')
          return { kind: 'reset' }
        }
        if (!isProgram(call)) return undefined
        const faults: Fault[] = []
        const isWrite = !['get', 'list', 'watch', 'other'].includes(call.verb)
        if (this.#falls('kube delay'))
          faults.push({ kind: 'delay', milliseconds: this.#upTo('kube delay', LONGEST_DELAY_MS) })
        if (this.#falls('kube 429')) faults.push({ kind: 'status', code: 429, retryAfterSeconds: 1 })
        if (this.#falls('kube 5xx before')) faults.push({ kind: 'status', code: 500 })
        if (isWrite && this.#falls('kube 409')) faults.push({ kind: 'status', code: 409 })
        if (this.#falls('kube reset before')) faults.push({ kind: 'reset' })
        if (this.#falls('kube hang')) faults.push({ kind: 'hang' })
        return faults
      },
      after: (call) => {
        if (!isProgram(call)) return undefined
        const faults: Fault[] = []
        if (this.#falls('kube 5xx after')) faults.push({ kind: 'status', code: 504 })
        if (this.#falls('kube reset after')) faults.push({ kind: 'reset' })
        return faults
      },
      event: (call, event) => {
        if (!isProgram(call)) return undefined
        const faults: WatchFault[] = []
        if (this.#falls('watch delay'))
          faults.push({ kind: 'delay', milliseconds: this.#upTo('watch delay', LONGEST_DELAY_MS) })
        if (this.#falls('watch close')) faults.push({ kind: 'close' })
        if (this.#falls('watch reset')) faults.push({ kind: 'reset' })
        if (this.#falls('watch 410')) faults.push({ kind: 'expire' })
        if (this.#falls('watch hang')) faults.push({ kind: 'hang' })
        if (this.#falls('watch double')) faults.push({ kind: 'double' })
        if (event.type === 'ADDED') {
          // Lists are streamed as such events: to lose one makes a list that says that it is whole, and is not.
          if (isFreshlyRead(call.collection) && this.#falls('kube partial list')) faults.push({ kind: 'drop' })
        } else if (this.#falls('watch drop')) faults.push({ kind: 'drop' })
        return faults
      },
    }
  }

  #falls(name: FaultName): boolean {
    const rate = this.#rates[name]
    if (!this.stormy || rate === undefined || this.#random(name).next() >= rate) return false
    this.count(name)
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

/** Classes are not read again before a deletion, and a real server loses none. */
function isFreshlyRead(collection: string): boolean {
  return !collection.startsWith('ingressclass')
}

function isRead(operation: string): boolean {
  return /^(Describe|List|Get)/.test(operation)
}
