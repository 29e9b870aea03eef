import { createHash } from 'node:crypto'
import type { Settings } from '../../config.ts'
import { runController } from '../../loop/controller.ts'
import { createHealth } from '../../telemetry/health.ts'
import { createLog } from '../../telemetry/log.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import type { Random } from '../../random.ts'
import { VERSION } from '../../version.ts'
import { Replica } from '../actors/replica.ts'
import type { AwsEvent } from '../aws/ledger.ts'
import { VirtualClock } from '../clock.ts'
import { createEmbeddedWorld, type EmbeddedWorld } from '../embedded.ts'
import type { LedgerEntry } from '../kube/ledger.ts'
import type { KubeObject } from '../kube/object.ts'
import { LawBook } from '../laws/book.ts'
import { Court } from '../laws/court.ts'
import { PromptLaw } from '../laws/promptness.ts'
import { StandingLaws } from '../laws/standing.ts'
import { CONTROLLER_MANAGER, isController, viewOf } from '../laws/view.ts'
import { forkRandom } from '../random.ts'
import { AwsSightings } from './aws-sightings.ts'
import { Calm } from './calm.ts'
import { askAgain } from './ends.ts'
import { Hearing } from './hearing.ts'
import type { Probe } from './probes.ts'
import { lineOf, stamp } from './telling.ts'
import { touch } from './perform.ts'
import { Process } from './process.ts'
import { ProgramSettings } from './program-settings.ts'
import { KubeSightings } from './sightings.ts'
import type { Scenario } from './scenario.ts'
import { HOSTS, ZONES } from './steps.ts'
import { countedAs } from './themes.ts'
import { type Deaths, Weather } from './weather.ts'
import { Witness } from './witness.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

interface Life {
  readonly process: Process
  readonly replica: Replica
}

/** A whole world on the virtual clock with the program in it, its court, and its weather. */
export class Stage {
  readonly scenario: Scenario
  readonly clock = new VirtualClock()
  readonly world: EmbeddedWorld
  readonly book: LawBook
  readonly court: Court
  readonly weather: Weather
  readonly standing: StandingLaws
  readonly prompt: PromptLaw
  readonly calm: Calm
  readonly hearing: Hearing
  readonly program: ProgramSettings
  /** ARNs of certificates that somebody else has. */
  readonly foreign: string[] = []
  readonly story: string[] | undefined
  readonly log: string[] = []
  /** Rare states that were reached, and how often. */
  readonly probes = new Map<Probe, number>()
  readonly awsSightings: AwsSightings
  readonly kubeSightings: KubeSightings
  readonly hostsNotProvenAgain = new Set<string>()
  #begun = 0
  readonly #lives = new Map<number, Life>()
  readonly #trace = createHash('sha256')
  readonly #witness: Witness
  /** When the leader was killed or cut off while another stood by; to be taken over from then. */
  deserted: { readonly at: number } | undefined

  constructor(scenario: Scenario, story?: string[]) {
    const { seed } = scenario
    this.scenario = scenario
    this.story = story
    this.program = new ProgramSettings(scenario, story !== undefined)
    const { reconcile, call } = scenario.lbcDelays
    this.world = createEmbeddedWorld({
      clock: this.clock,
      random: forkRandom(seed, 'world'),
      settings: {
        handshakes: 'in process',
        zones: [...ZONES],
        aws: scenario.aws,
        loadBalancerController: { reconcileDelay: [0, reconcile], callDelay: [0, call] },
      },
    })
    const { aws, kube } = this.world
    this.book = new LawBook(
      () => this.elapsed,
      () => this.weather.stormy,
    )
    for (const number of [1, 2])
      aws.accounts.createAccessKey({ accessKeyId: `AKIDCERTWRIGHT${number}`, userName: 'certwright' })
    aws.events.subscribe((event) => this.#traceAws(event))
    kube.events.subscribe((entry) => this.#traceKube(entry))
    this.hearing = new Hearing(this)
    this.court = new Court({
      clock: this.clock,
      book: this.book,
      world: this.world,
      ...scenario,
      yearlyRequests: Number(scenario.flags['request-budget']) || undefined,
      heeding: this.hearing,
      onTerm: (replica) => this.#onTerm(replica),
    })
    this.weather = new Weather({ seed, rates: scenario.rates })
    const bench = { clock: this.clock, book: this.book, view: this.court.view, aws }
    this.standing = new StandingLaws(bench)
    this.prompt = new PromptLaw({
      ...bench,
      leader: () => this.court.fencing.leader,
      isFrozen: (replica) => this.process(Number(replica.slice(-1)))?.isFrozen ?? true,
    })
    this.calm = new Calm(this)
    this.#witness = new Witness({
      aws,
      view: this.court.view,
      count: (what) => {
        if (!this.weather.stormy) return
        this.weather.count(what)
        if (/missing|not (found|shown)|lags|as it was/.test(what)) this.court.retirement.noteAbsence()
      },
    })
    const see = (probe: Probe) => this.see(probe)
    const { view, fencing } = this.court
    this.awsSightings = new AwsSightings({ aws, view, fencing, see })
    this.kubeSightings = new KubeSightings({ clock: this.clock, view, see })
    aws.events.subscribe((event) => {
      this.#witness.event(event)
      this.awsSightings.event(event)
    })
    kube.events.subscribe((entry) => this.#sightKube(entry))
    const deaths: Deaths = {
      crash: (replica, random) => this.#die(replica, random, 'dies in a call', () => this.killReplica(replica)),
      terminate: (replica, random) =>
        this.#die(replica, random, 'is told to stop in a call', () => {
          if (!this.stopReplica(replica)) return false
          this.see('a process was told to stop in a call')
          return true
        }),
      freeze: (replica, ms) => this.#freeze(replica, ms),
    }
    aws.faults = this.weather.aws(
      isController,
      (sent) => this.court.noteSending(sent.operation, sent.accessKeyId),
      deaths,
    )
    kube.faults = this.weather.kube(
      (sent) => {
        this.court.noteCall(sent)
        this.kubeSightings.call(sent)
      },
      deaths,
      {
        watchFault: (call, how) => this.kubeSightings.noteWatchFault(call, how),
        conflict: ({ subresource, collection }) => {
          if (subresource === 'status') this.see('a conflict on a status')
          else if (collection.startsWith('ingresses.')) this.see('a conflict on an annotation')
        },
        overtaken: (call) => touch(this.world, call),
        trouble: (call) => {
          this.prompt.noteTrouble(call.userAgent)
          this.hearing.noteTrouble(call)
        },
        hidden: () => this.court.retirement.noteHidden(),
        event: (call, { object }) => {
          if (call.collection !== 'ingresses.networking.k8s.io') return
          this.prompt.seen(call, (object as unknown as KubeObject).metadata.uid ?? '')
        },
      },
    )
  }

  /** Milliseconds since the storm began. */
  get elapsed(): number {
    return this.clock.monotonic() - this.#begun
  }

  async begin(): Promise<void> {
    const { world, scenario } = this
    await this.during(world.start())
    // Handshakes are for stories; here the laws read what is attached.
    world.prober.stop()
    for (const namespace of ['team', 'other']) await this.during(world.user.createNamespace(namespace))
    for (const hosts of scenario.foreign) {
      const names = hosts.map((host) => HOSTS[host] as string) as [string, ...string[]]
      this.foreign.push(world.aws.issueCertificate({ names, tags: scenario.foreignTags }))
    }
    if (scenario.bad !== undefined) world.aws.setValidates(HOSTS[scenario.bad] as string, false)
    this.#begun = this.clock.monotonic()
    for (const theme of scenario.themes) this.weather.count(countedAs({ name: theme }))
    this.startReplicas()
  }

  /** Time passes in small pieces, until something is broken. */
  async pass(milliseconds: number, piece = MINUTE): Promise<void> {
    const end = this.clock.monotonic() + milliseconds
    while (this.clock.monotonic() < end && !this.book.breach) {
      await this.clock.advance(Math.min(piece, end - this.clock.monotonic()))
      askAgain(this)
    }
  }

  async during<T>(work: Promise<T>): Promise<T> {
    let ended = false
    const settled = work.finally(() => {
      ended = true
    })
    settled.catch(() => {})
    await this.clock.advanceUntil(() => ended, 10 * MINUTE)
    return await settled
  }

  /** The program's settings, for each process that is started from now on. */
  get settings(): Settings {
    return this.program.current
  }

  /** All that there may be. */
  startReplicas(): void {
    for (let number = 1; number <= this.scenario.replicas; number++) this.startReplica(number)
  }

  /** A new process; nothing happens where one of this number lives. */
  startReplica(number: number): void {
    if (number > this.scenario.replicas || this.#lives.has(number)) return
    const process = new Process({
      inner: this.world.world,
      number,
      onSending: (request) => this.court.noteLeaving(request),
      witness: (exchange) => {
        this.#witness.exchange(exchange)
        this.court.noteExchange(exchange.request)
        this.awsSightings.exchange(exchange)
      },
    })
    const { clock } = process.world
    const destination = { write: (line: string) => void this.log.push(`${process.name} ${line.trimEnd()}`) }
    const { settings } = this
    const log = createLog({ clock, level: settings.logLevel, format: 'text', destination })
    const metrics = createMetrics({ clock, version: VERSION, nodeVersion: 'simulation' })
    const health = createHealth({ clock, parts: ['kubernetes', 'aws'] })
    const replica = new Replica({
      world: process.world,
      program: ({ world, signal }) => runController({ settings, world, log, metrics, health, signal }),
    })
    const life = { process, replica }
    this.awsSightings.started(process.name)
    this.prompt.started(process.name)
    this.calm.broken()
    this.#lives.set(number, life)
    replica.start()
    replica.ended.catch((error: unknown) => {
      if (this.#lives.get(number) !== life) return
      const text =
        error instanceof Error
          ? `${error.message} ${error.stack?.split('\n').slice(1, 4).join(' ') ?? ''}`
          : String(error)
      this.book.broken('P', `${process.name} ended by itself: ${text}`)
    })
  }

  process(number: number): Process | undefined {
    return this.#lives.get(number)?.process
  }

  get replicas(): readonly number[] {
    return [...this.#lives.keys()]
  }

  killReplica(number: number): boolean {
    const life = this.#lives.get(number)
    if (!life) return false
    this.#lives.delete(number)
    this.court.stored.died()
    life.process.die()
    life.replica.kill()
    return true
  }

  /** @returns what ends with the process; undefined where none lived. */
  stopReplica(number: number): Promise<void> | undefined {
    const life = this.#lives.get(number)
    if (!life) return undefined
    this.#lives.delete(number)
    life.process.thaw()
    return life.replica.stop().catch((error: unknown) => {
      this.book.broken('P', `${life.process.name} ended with ${String(error)} when it was told to stop`)
    })
  }

  /** In the middle of a call; another process of this number follows a while later, unless the storm is over by then. */
  #die(number: number, random: Random, how: string, end: () => boolean): void {
    if (!end()) return
    this.tell(() => `--- replica ${number} ${how}`)
    const down = [SECOND, 5 * SECOND, 30 * SECOND, 3 * MINUTE][Math.floor(random.next() * 4)] ?? SECOND
    void this.clock.sleepUntil(this.clock.now() + down).then(() => {
      if (this.weather.stormy) this.startReplica(number)
    })
  }

  /** What it sends now goes on its way, and it hears of nothing for a while. */
  #freeze(number: number, ms: number): void {
    const frozen = this.process(number)
    if (!frozen) return
    frozen.freeze()
    this.tell(() => `--- replica ${number} stands still in a write`)
    void this.clock.sleepUntil(this.clock.now() + ms).then(() => frozen.thaw())
  }

  see(probe: Probe): void {
    this.probes.set(probe, (this.probes.get(probe) ?? 0) + 1)
  }

  #sightKube(entry: LedgerEntry): void {
    this.kubeSightings.entry(entry)
    if (entry.collection.startsWith('acmcertificates.')) this.awsSightings.reserved(entry)
    if (entry.userAgent.startsWith('certwright/')) this.prompt.written(entry)
    if (entry.collection !== 'ingresses.networking.k8s.io' || entry.manager === CONTROLLER_MANAGER) return
    if (!entry.after || entry.after.metadata.deletionTimestamp !== undefined)
      this.prompt.gone(`${entry.namespace}/${entry.name}`)
    if (!entry.after || entry.subresource !== '') return
    const [old, current] = [entry.before && viewOf(entry.before), viewOf(entry.after)]
    this.awsSightings.noteEdit(current.hosts)
    const isOpen = current.annotationIsOurs || current.listed.length === 0
    const asks =
      !current.deleting &&
      current.asks === 'true' &&
      !current.paused &&
      current.balanced &&
      current.httpsPorts.length > 0
    if (asks && isOpen && old?.hosts.join() !== current.hosts.join() && current.hosts.length > 0)
      this.prompt.edited(current, old?.hosts ?? [], this.calm.lasts())
  }

  /** One replica goes on, with a lease that it renews once an hour: so that a day costs little. */
  slowDown(): void {
    for (const number of this.replicas) this.killReplica(number)
    this.program.lease(6 * HOUR)
    this.startReplica(1)
  }

  tell(line: () => string): void {
    this.story?.push(`${stamp(this.elapsed)} ${line()}`)
  }

  /** SHA-256 over all that happened in both worlds. */
  traceHash(): string {
    return this.#trace.copy().digest('hex')
  }

  async end(): Promise<void> {
    this.court.close()
    for (const number of this.replicas) this.killReplica(number)
    await this.during(this.world.stop())
  }

  #onTerm(replica: string): void {
    this.calm.led(this.process(Number(replica.slice(-1))))
    this.prompt.noteTerm(replica)
    this.weather.count('leader changed')
    this.tell(() => `${replica} leads`)
  }

  #traceAws(event: AwsEvent): void {
    this.#trace.update(JSON.stringify(event))
    if (event.kind === 'recordChanged' && isController(event.by) && this.weather.stormy)
      this.#watchPropagation(event.name)
    if (!this.story) return
    const line = lineOf(event, this.court.view)
    if (line !== undefined) this.tell(() => line)
  }

  /** A change is usually in public DNS within 60 s. */
  #watchPropagation(name: string): void {
    void this.clock.sleepUntil(this.clock.now() + MINUTE).then(async () => {
      const there = await this.world.aws.dns.canonicalNames(name)
      if (there.length === 0) this.weather.count('Route 53: slow INSYNC')
    })
  }

  #traceKube(entry: LedgerEntry): void {
    const { at, verb, collection, namespace, name, manager, userAgent, after } = entry
    this.#trace.update(
      `${at} ${verb} ${collection} ${namespace}/${name} ${manager} ${userAgent} ${after?.metadata.resourceVersion}`,
    )
    if (!this.story || collection !== 'ingresses.networking.k8s.io' || entry.subresource !== '') return
    const [old, current] = [entry.before, after].map((object) => object && viewOf(object))
    const { view } = this.court
    const listed = current?.listed.join() === old?.listed.join() ? '' : ` lists ${view.labels(current?.listed ?? [])}`
    const state = current ? (current.deleting ? ' (deleting)' : '') : ' gone'
    this.tell(() => `${manager}: ${verb} ${namespace}/${name}${state}${listed}`)
  }
}
