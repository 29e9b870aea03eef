import { encode, Gates } from './gates.ts'
import type { FaultBefore } from '../aws/faults.ts'
import type { IngressManifest } from '../actors/user.ts'
import { type Disturbance, LEASE_MS, type Stage } from './stage.ts'
import { FOLLOWED, type Followed, type Step } from './step.ts'

const SECOND = 1_000

/** How long a view stays behind: shorter than the two minutes after which what is not found counts as gone. */
const BEHIND_MS = 40 * SECOND
/** How long the process that comes after another one sees an older state: into its own term. */
const OLDER_MS = LEASE_MS + 25 * SECOND
const RESTART_MS = 2 * SECOND

/** From one step on the view that shows it stays as it was before, for a while. */
export class StaleView implements Disturbance {
  struck = false
  readonly #index: number
  readonly #gates = new Gates()
  #old: OldAnswers | undefined

  constructor(index: number) {
    this.#index = index
  }

  step(stage: Stage, step: Step): void {
    if (step.index !== this.#index) return
    this.struck = true
    stage.tell(() => `for ${BEHIND_MS / SECOND} s, step ${step.index} is not seen`)
    if (step.of === 'aws') {
      this.#old = { asOf: step.at, until: step.at + BEHIND_MS, operations: step.shownBy }
      return
    }
    const gate = this.#gates.of(step.collection)
    gate.close()
    stage.later(BEHIND_MS, () => gate.open('go on'))
  }

  watch(_stage: Stage, _by: number, collection: string, events: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    return this.#gates.through(collection, events)
  }

  aws(stage: Stage, _by: number, operation: string): FaultBefore | undefined {
    return staleness(stage, this.#old, operation)
  }
}

/** One state of an object is never seen: the watch is broken while it lasts, and the list that follows shows the next. */
export class UnseenState implements Disturbance {
  struck = false
  readonly #index: number
  readonly #gates = new Gates()
  #hidden: Extract<Step, { of: 'kubernetes' }> | undefined

  constructor(index: number) {
    this.#index = index
  }

  step(stage: Stage, step: Step): void {
    if (step.of !== 'kubernetes') return
    if (step.index === this.#index) {
      this.struck = true
      this.#hidden = step
      this.#gates.of(step.collection).close()
      stage.tell(() => `step ${step.index} is not seen, but what follows it`)
      stage.later(BEHIND_MS, () => this.#end())
    } else if (step.collection === this.#hidden?.collection && step.key === this.#hidden.key) this.#end()
  }

  watch(_stage: Stage, _by: number, collection: string, events: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    return this.#gates.through(collection, events)
  }

  #end(): void {
    if (this.#hidden) this.#gates.of(this.#hidden.collection).open('expired')
    this.#hidden = undefined
  }
}

/**
 * While the watch is broken an Ingress is deleted and created again as its user wrote it: what is seen is another UID, and no ARN. The
 * load balancer's controller may let it go only once the process has given another member of its group a certificate: so the watch is
 * broken no longer than any other view is behind.
 */
export class Recreation implements Disturbance {
  struck = false
  readonly #index: number
  readonly #key: string
  readonly #gates = new Gates()
  #manifest: IngressManifest | undefined

  constructor(index: number, key: string) {
    this.#index = index
    this.#key = key
  }

  step(stage: Stage, step: Step): void {
    if (step.index === this.#index) {
      this.struck = true
      this.#gates.of('ingresses').close()
      stage.tell(() => `${this.#key} is deleted and created again, unseen`)
      // Whoever is at it now, ends first.
      stage.later(1, () => void this.#delete(stage))
      stage.later(BEHIND_MS, () => this.#gates.of('ingresses').open('go on'))
    }
    if (!this.#manifest || step.of !== 'kubernetes' || step.collection !== 'ingresses') return
    if (step.state === 'gone' && step.key === this.#key) stage.later(1, () => void this.#create(stage))
  }

  async #delete(stage: Stage): Promise<void> {
    const ingress = stage.court.view.ingress(this.#key)
    // Its user has deleted it meanwhile: then it is not created again.
    if (!ingress || ingress.deleting) return this.#gates.of('ingresses').open('go on')
    const { namespace, name, spec, annotations } = ingress
    const { rules } = JSON.parse(spec) as { readonly rules: readonly { readonly host: string }[] }
    const hosts = rules.map(({ host }) => host)
    const { 'alb.ingress.kubernetes.io/certificate-arn': _, ...own } = annotations
    this.#manifest = { namespace, name, hosts, annotations: own }
    await stage.world.user.delete(ingress)
  }

  async #create(stage: Stage): Promise<void> {
    const manifest = this.#manifest
    this.#manifest = undefined
    if (manifest) await stage.world.user.apply(manifest)
    this.#gates.of('ingresses').open('expired')
  }

  watch(_stage: Stage, _by: number, collection: string, events: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    return this.#gates.through(collection, events)
  }
}

/** All objects that are followed, as they were. */
interface Snapshot {
  readonly version: number
  readonly objects: ReadonlyMap<string, readonly object[]>
}

/** The process dies at a step, and the next one sees for a while what was some steps before, from a server that is behind. */
export class OlderView implements Disturbance {
  struck = false
  readonly #index: number
  readonly #depth: number
  /** The newest last. */
  readonly #snapshots: Snapshot[] = []
  readonly #opened: Promise<void>
  #open: () => void = () => {}
  #shown: Snapshot | undefined
  #old: OldAnswers | undefined

  constructor(options: { index: number; depth: number }) {
    this.#index = options.index
    this.#depth = options.depth
    this.#opened = new Promise((resolve) => {
      this.#open = resolve
    })
  }

  begin(stage: Stage): void {
    this.#snapshots.push(snapshotOf(stage, 1))
  }

  step(stage: Stage, step: Step): void {
    if (this.struck) return
    if (step.index === this.#index) {
      this.struck = true
      if (step.of === 'kubernetes') this.#shown = this.#snapshots.at(-this.#depth) ?? this.#snapshots[0]
      else this.#old = { asOf: step.at, until: step.at + RESTART_MS + OLDER_MS, operations: step.shownBy }
      for (const number of stage.processes) stage.kill(number)
      stage.later(RESTART_MS, () => void stage.startProcess())
      stage.later(RESTART_MS + OLDER_MS, () => {
        stage.tell(() => 'the server that was behind shows all')
        this.#open()
        this.#shown = undefined
      })
    }
    if (step.of === 'kubernetes') this.#snapshots.push(snapshotOf(stage, step.version))
  }

  watch(_stage: Stage, by: number, collection: string, events: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    const objects = this.#shown?.objects.get(collection)
    return by === 1 || !this.#shown || !objects ? events : this.#older(objects, this.#shown.version, events)
  }

  aws(stage: Stage, by: number, operation: string): FaultBefore | undefined {
    return by === 1 ? undefined : staleness(stage, this.#old, operation)
  }

  /** The list as it was; the watch then ends, and whoever follows hears all that came since. */
  async *#older(
    objects: readonly object[],
    version: number,
    events: AsyncIterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array> {
    await events[Symbol.asyncIterator]().return?.()
    for (const object of objects) yield encode({ type: 'ADDED', object })
    const annotations = { 'k8s.io/initial-events-end': 'true' }
    yield encode({ type: 'BOOKMARK', object: { metadata: { resourceVersion: String(version), annotations } } })
    await this.#opened
  }
}

const KINDS: Readonly<Record<Followed, { apiVersion: string; kind: string }>> = {
  ingresses: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' },
  acmcertificates: { apiVersion: 'certwright.dev/v1alpha1', kind: 'ACMCertificate' },
  certificateclaims: { apiVersion: 'certwright.dev/v1alpha1', kind: 'CertificateClaim' },
}

function snapshotOf({ world }: Stage, version: number): Snapshot {
  return { version, objects: new Map(FOLLOWED.map((name) => [name, world.kube.admin.list(KINDS[name])])) }
}

/** Answers of AWS that are older than they should be. */
interface OldAnswers {
  /** Milliseconds since the story began: what came at this instant, and later, is not shown. */
  readonly asOf: number
  readonly until: number
  readonly operations: readonly string[]
}

function staleness(stage: Stage, old: OldAnswers | undefined, operation: string): FaultBefore | undefined {
  if (!old || stage.elapsed >= old.until || !old.operations.includes(operation)) return undefined
  return { kind: 'stale', milliseconds: stage.elapsed - old.asOf + 1 }
}
