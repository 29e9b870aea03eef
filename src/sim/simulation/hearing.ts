import type { KubeCall } from '../kube/faults.ts'
import type { Heeding } from '../laws/admission.ts'
import { Calm } from './calm.ts'
import type { Stage } from './stage.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

/** Where nothing is in the way, an event arrives, is thought about and acted on within this time. */
const HEARD_MS = 5 * SECOND
/** What a watch swallows comes to light with the hourly list at the latest, which may take some attempts. */
const UNHEARD_MS = 75 * MINUTE

/** What keeps a process from hearing of anything that changes in Kubernetes. */
const DEAFENING: ReadonlySet<string> = new Set([
  'freeze',
  'freezeInWrite',
  'jump',
  'apiDown',
  'compact',
  'resetWatches',
])

/** Of which collections it is asked. */
const COLLECTIONS = ['ingresses', 'namespaces', 'certificatepolicies'] as const

type Heard = (typeof COLLECTIONS)[number]

interface Trouble {
  at: number
  /** Before it began, where it is not over or has not been for long. */
  before: number | undefined
}

/** Up to when a change in Kubernetes was surely heard of. */
export class Hearing implements Heeding {
  readonly #stage: Stage
  readonly #calm: Calm
  readonly #troubles = new Map<Heard, Trouble>()

  constructor(stage: Stage) {
    this.#stage = stage
    this.#calm = new Calm(stage, (what) => DEAFENING.has(what))
  }

  enforces(): boolean {
    return this.#stage.program.enforces
  }

  /** A list or watch failed, or an event of it does not arrive as it should. */
  noteTrouble({ verb, collection }: KubeCall): void {
    const heard = COLLECTIONS.find((each) => collection.split('.')[0] === each)
    if (!heard || (verb !== 'list' && verb !== 'watch')) return
    this.#of(heard).at = this.#stage.clock.monotonic()
    this.heardSince(heard)
  }

  /** To be called at least once a minute. */
  look(): void {
    for (const heard of COLLECTIONS) this.heardSince(heard)
  }

  heardSince(heard: Heard): number {
    const now = this.#stage.clock.monotonic()
    const trouble = this.#of(heard)
    if (Math.min(this.#calm.lasts(), now - trouble.at) > UNHEARD_MS) trouble.before = undefined
    else trouble.before ??= now - MINUTE - HEARD_MS
    return trouble.before ?? now - HEARD_MS
  }

  #of(heard: Heard): Trouble {
    const trouble = this.#troubles.get(heard) ?? { at: Number.NEGATIVE_INFINITY, before: undefined }
    this.#troubles.set(heard, trouble)
    return trouble
  }
}
