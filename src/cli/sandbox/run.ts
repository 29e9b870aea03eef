import { relative, resolve } from 'node:path'
import { systemClock } from '../../clock.ts'
import { duration } from '../../core/time.ts'
import { promptSettings } from '../../sim/aws/settings.ts'
import { createEmbeddedWorld, type EmbeddedWorld } from '../../sim/embedded.ts'
import { seededRandom } from '../../sim/random.ts'
import type { SandboxSettings } from '../sandbox.ts'
import { aborted } from '../signals.ts'
import { type ServedWorld, serveWorld } from './serve.ts'
import { word } from './state-files.ts'

const LAUNCHER = resolve(import.meta.dirname, '../../../certwright')

/** Runs the embedded world on loopback ports until `signal` fires. */
export async function runSandbox(options: {
  settings: SandboxSettings
  signal: AbortSignal
  say: (line: string) => void
}): Promise<void> {
  const { settings, signal, say } = options
  const embedded = createEmbeddedWorld({
    clock: systemClock,
    random: seededRandom(settings.seed),
    settings: {
      zones: settings.zones,
      aws: promptSettings(settings.issuance),
      runLoadBalancerController: settings.loadBalancerController,
    },
  })
  try {
    const served = await serveWorld({ embedded, ...settings })
    try {
      await embedded.start()
      // What it would find is for the demo to tell.
      embedded.prober.stop()
      for (const line of introduction({ settings, served, embedded })) say(line)
      await aborted(signal)
    } finally {
      await served.close()
    }
  } finally {
    await embedded.stop()
  }
}

function introduction(options: { settings: SandboxSettings; served: ServedWorld; embedded: EmbeddedWorld }): string[] {
  const { settings, served, embedded } = options
  const { access, files } = served
  const zones = embedded.aws.hostedZones().map(({ name, id }) => `${name.replace(/\.$/, '')} (${id})`)
  return [
    'certwright sandbox is up: a small AWS and a small Kubernetes, in this process alone; nothing outlives it.',
    '',
    `  Kubernetes     ${access.kubernetes}`,
    `  AWS            ${access.aws}, region ${access.region}`,
    `  hosted zones   ${zones.join(', ')}`,
    `  load balancers ${settings.loadBalancerController ? 'made by an actor that behaves as the AWS Load Balancer Controller does' : 'none: run a controller of your own'}`,
    `  issuance       ${duration(settings.issuance)} after ACM has seen the validation records`,
    `  kubeconfig     ${files.kubeconfig}`,
    `  environment    ${files.environment}`,
    '',
    'In another terminal:',
    '',
    `  . ${pathFromHere(files.environment)}`,
    '  kubectl get ingressclasses',
    '  aws acm list-certificates',
    `  ${pathFromHere(LAUNCHER)} run --cluster-name try`,
    '',
    ...(process.env['AWS_PROFILE']
      ? ['AWS_PROFILE is set in this shell and would win over the environment: unset it there.', '']
      : []),
    'Ctrl-C ends it.',
  ]
}

/** As a person would type it in this directory: below it with `./`, elsewhere from the root. */
function pathFromHere(path: string): string {
  const below = relative(process.cwd(), path)
  return word(below.startsWith('..') ? path : `./${below}`)
}
