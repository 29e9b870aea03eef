import type { Process } from './process.ts'
import type { Stage } from './stage.ts'
import type { Deed } from './steps.ts'

/** What people do, and what AWS does to names, hides nothing from the program and keeps it from nothing. */
const HARMLESS: ReadonlySet<string> = new Set<Deed['do']>([
  'apply',
  'hosts',
  'move',
  'ask',
  'delete',
  'empty',
  'recreate',
  'takeOver',
  'pause',
  'group',
  'class',
  'massDelete',
  'steal',
  'flap',
  'manyHosts',
  'badName',
  'annotate',
  'administer',
  'withdraw',
  'signer',
  'approve',
  'lbcPause',
  'neverValidates',
  'deleteRecord',
  'detach',
])

/** For how long a process has led, been awake, and seen no call, answer or event go wrong: what has to be prompt is asked only then. */
export class Calm {
  readonly #stage: Stage
  readonly #isBroken: (what: string) => boolean
  #counted = 0
  #since = 0
  #leading: Process | undefined

  /** @param isBroken whether what befell the world is in the way: all that is not harmless, unless said otherwise. */
  constructor(stage: Stage, isBroken: (what: string) => boolean = (what) => !HARMLESS.has(what)) {
    this.#stage = stage
    this.#isBroken = isBroken
  }

  /** Told to the stage's own: a process took the lease; whoever bears its number after its death does not lead. */
  led(process: Process | undefined): void {
    this.#leading = process
    this.broken()
  }

  /** A process began, or something went wrong. */
  broken(): void {
    this.#since = this.#stage.clock.monotonic()
  }

  /** Milliseconds; to be asked at least once a minute. */
  lasts(): number {
    let counted = 0
    for (const [what, times] of this.#stage.weather.hits) if (this.#isBroken(what)) counted += times
    if (counted !== this.#counted || !this.#isLed()) this.broken()
    this.#counted = counted
    return this.#stage.clock.monotonic() - this.#since
  }

  #isLed(): boolean {
    const { leader, isOver } = this.#stage.court.fencing
    const leading = this.#stage.calm.#leading
    const lives = this.#stage.replicas.some((number) => this.#stage.process(number) === leading)
    return leader !== undefined && !isOver && lives && leading?.isFrozen === false
  }
}
