import { type Clock, systemClock } from '../../clock.ts'
import { resolveSettings } from '../../config.ts'
import type { Transport } from '../../kube/transport.ts'
import { duration } from '../../core/time.ts'
import { runController } from '../../loop/controller.ts'
import { type Random, systemRandom } from '../../random.ts'
import { promptSettings } from '../../sim/aws/settings.ts'
import { createEmbeddedWorld, type EmbeddedWorld } from '../../sim/embedded.ts'
import type { Replica } from '../../sim/actors/replica.ts'
import { createHealth } from '../../telemetry/health.ts'
import { createLog } from '../../telemetry/log.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import type { DemoSettings } from '../demo.ts'
import { aborted } from '../signals.ts'
import { VERSION } from '../../version.ts'
import { brokenPlan } from './broken.ts'
import { CertificateNames } from './certificate-names.ts'
import { narrateCluster } from './cluster-happenings.ts'
import { DemoFailed } from './failure.ts'
import { narrateAws } from './happenings.ts'
import { LastLines } from './last-lines.ts'
import { Narration } from './narration.ts'
import { SHORTENED, shortenedLines } from './shortened.ts'
import type { ControllerSwitch, Stage } from './stage.ts'
import { setTheStage, stageIsSet, STEPS } from './steps.ts'
import type { Step } from './story.ts'

export interface DemoOptions {
  readonly settings: DemoSettings
  /** Stay up after the story, for looking around. */
  readonly stay: boolean
  readonly signal: AbortSignal
  readonly say: (line: string) => void
  /** Other time and chance than the system's; the handshakes are then worked out in process. */
  readonly simulated?: { readonly clock: Clock; readonly random: Random }
  /** A Kubernetes API server outside, in the place of the embedded one. */
  readonly kubernetes?: Transport | undefined
}

/** How long each call of the load balancer controller takes: long enough for a client to fall into any gap between two of them. */
const LBC_CALL_MS = [250, 350] as const

const POLL_MS = 100

/** Plays the story. @throws DemoFailed naming the step or the handshakes that failed. */
export async function runDemo({ settings, stay, signal, say, simulated, kubernetes }: DemoOptions): Promise<void> {
  const { clock, random } = simulated ?? { clock: systemClock, random: systemRandom }
  const narration = new Narration({ clock, say })
  const names = new CertificateNames()
  const log = new LastLines(20)
  const embedded = createEmbeddedWorld({
    clock,
    random,
    kubernetes,
    settings: {
      aws: promptSettings(SHORTENED.issuance.here),
      loadBalancerController: { callDelay: LBC_CALL_MS },
      handshakes: simulated ? 'in process' : 'socket',
    },
    listener: {
      served: ({ host }) => narration.event('TLS client', `${host}: chain and host name are right`),
      failed: ({ target, reason }) => narration.event('TLS client', `${target.host}: HANDSHAKE FAILED: ${reason}`),
    },
  })
  const endNarration = [narrateAws, narrateCluster].map((narrate) => narrate({ embedded, narration, names }))
  const progress = { steps: 0 }
  const controller = controllerSwitch({ embedded, clock, log, settings })
  try {
    introduce(narration)
    await embedded.start()
    await play({ embedded, controller, narration, names, signal }, progress)
    say(summary(embedded, progress))
    if (stay) {
      const { lookAround } = await import('./look-around.ts')
      await lookAround({
        embedded,
        directory: settings.stateDirectory,
        example: embedded.prober.targets[0],
        say,
        until: aborted(signal),
      })
    }
  } catch (error) {
    if (error instanceof DemoFailed) {
      say('The last lines of the controller’s log:')
      for (const line of log.lines) say(`  ${line}`)
      say(summary(embedded, progress))
    }
    throw error
  } finally {
    for (const end of endNarration) end()
    await embedded.stop()
  }
}

function introduce(narration: Narration): void {
  narration.text(
    'Everything here happens in this process: a small Kubernetes and a small AWS on the real wire, an actor that behaves as the AWS Load Balancer Controller (LBC) does, a TLS endpoint, and the controller as `certwright run` runs it. A TLS client shakes hands with every served host each 200 ms, verifying chain and host name.',
  )
  narration.title('Shortened for the story (usually):')
  for (const line of shortenedLines()) narration.text(line)
  narration.text('')
}

async function play(stage: Stage, progress: { steps: number }): Promise<void> {
  await setTheStage(stage)
  await waitFor(stage, { title: 'the stage is set', until: 'the portal is served', limit: 15 }, () => stageIsSet(stage))
  stage.controller.start()
  for (const [index, step] of STEPS.entries()) {
    progress.steps = index + 1
    await playStep(stage, step, index)
  }
}

async function playStep(stage: Stage, step: Step, index: number): Promise<void> {
  const { narration } = stage
  const title = `step ${index + 1} (${step.title})`
  narration.title(`${index + 1}/${STEPS.length}  ${step.title}`)
  try {
    await step.act(stage)
    await waitFor(stage, { ...step, title }, () => step.holds(stage))
    narration.event('=>', await step.shown(stage))
  } catch (error) {
    if (stage.signal.aborted || error instanceof DemoFailed) throw error
    throw new DemoFailed(`${title} failed: ${error instanceof Error ? error.message : String(error)}`)
  }
}

async function waitFor(
  stage: Stage,
  wait: { title: string; until: string; limit: number },
  holds: () => Promise<boolean> | boolean,
): Promise<void> {
  const { embedded, signal } = stage
  const { clock } = embedded.world
  const end = clock.now() + wait.limit * 1_000
  for (;;) {
    signal.throwIfAborted()
    if (embedded.prober.failures.length > 0) {
      // A gap seldom holds one host for one try: what else falls into it is named too.
      await clock.sleepUntil(clock.now() + 1_000, signal)
      throw new DemoFailed(`${failedHandshakes(stage)} in ${wait.title}`)
    }
    if (await holds()) return
    if (clock.now() > end) {
      throw new DemoFailed(`${wait.title} failed: not within ${duration(wait.limit * 1_000)}: ${wait.until}`)
    }
    await clock.sleepUntil(clock.now() + POLL_MS, signal)
  }
}

/** Host, time and reason of the first three, and how many there were. */
function failedHandshakes({ embedded, narration }: Stage): string {
  const { failures } = embedded.prober
  const first = failures
    .slice(0, 3)
    .map(({ target, at, reason }) => `with ${target.host} at ${narration.time(at)} (${reason})`)
  return `${failures.length} TLS handshakes failed: ${first.join('; ')}${failures.length > 3 ? '; …' : ''}`
}

function summary({ prober }: EmbeddedWorld, { steps }: { steps: number }): string {
  return `demo: ${steps} steps, ${prober.handshakes} handshakes, ${prober.failures.length} failed`
}

/** The controller as `run` has it, but that it can be killed. */
function controllerSwitch(options: {
  embedded: EmbeddedWorld
  clock: Clock
  log: LastLines
  settings: DemoSettings
}): ControllerSwitch {
  const { embedded, clock, settings } = options
  const told = resolveSettings({
    flags: {
      'cluster-name': 'demo',
      settle: duration(SHORTENED.settle.here),
      'retire-after': duration(SHORTENED.retireAfter.here),
      'record-check-interval': duration(SHORTENED.recordCheckInterval.here),
      'lease-duration': duration(SHORTENED.leaseDuration.here),
      'lease-renew-interval': duration(SHORTENED.leaseRenewInterval.here),
    },
  })
  const plan = settings.break && brokenPlan(settings.break)
  const log = createLog({ clock, level: 'info', format: 'text', destination: options.log })
  let replica: Replica | undefined
  return {
    start() {
      replica = embedded.addReplica(async ({ world, signal }) => {
        const metrics = createMetrics({ clock, version: VERSION, nodeVersion: process.version })
        const health = createHealth({ clock, parts: ['kubernetes', 'aws'] })
        await runController({ settings: told, world, log, metrics, health, signal, plan })
      })
      replica.start()
    },
    kill: () => replica?.kill(),
  }
}
