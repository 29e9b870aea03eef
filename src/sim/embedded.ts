import type { Clock } from '../clock.ts'
import { CUSTOM_RESOURCE_DEFINITIONS } from '../kube/crds.ts'
import type { Transport } from '../kube/transport.ts'
import type { Random } from '../random.ts'
import type { World } from '../world.ts'
import { Colleague } from './actors/colleague.ts'
import { KubernetesApi } from './actors/kubernetes-api.ts'
import { LoadBalancerController, type LoadBalancerControllerSettings } from './actors/load-balancer-controller.ts'
import { createOnce, installLoadBalancerController } from './actors/load-balancer-controller/installation.ts'
import { type Program, Replica } from './actors/replica.ts'
import { User } from './actors/user.ts'
import type { AwsSettings } from './aws/settings.ts'
import { DEFAULT_REGION, SimulatedAws } from './aws/world.ts'
import { SimulatedKubernetes } from './kube/server.ts'
import { ExpectedHosts } from './tls/expected-hosts.ts'
import { inProcessHandshake, socketHandshake } from './tls/handshake.ts'
import { TlsLoadBalancers } from './tls/load-balancer.ts'
import { Prober, type ProbeListener } from './tls/prober.ts'
import { simulatedListeners } from './tls/simulated-listeners.ts'

export interface EmbeddedSettings {
  readonly region: string
  /** Public hosted zones to begin with. */
  readonly zones: readonly string[]
  readonly aws: Partial<AwsSettings>
  readonly loadBalancerController: Partial<LoadBalancerControllerSettings>
  /** Whether the actor runs at all; false leaves room for somebody's own. */
  readonly runLoadBalancerController: boolean
  /** Over sockets on the system's clock; in process on any other. */
  readonly handshakes: 'socket' | 'in process'
}

export const defaultEmbeddedSettings: EmbeddedSettings = {
  region: DEFAULT_REGION,
  zones: ['example.com'],
  aws: {},
  loadBalancerController: {},
  runLoadBalancerController: true,
  handshakes: 'socket',
}

/** Access keys, by whom the ledger of the simulated AWS tells calls apart. */
export const ACCESS_KEYS = {
  controller: 'AKIDCERTWRIGHT',
  loadBalancerController: 'AKIDLOADBALANCERCTL',
  colleague: 'AKIDCOLLEAGUE',
} as const

/** A whole world in this process: AWS, Kubernetes, the actors, TLS. */
export interface EmbeddedWorld {
  readonly aws: SimulatedAws
  readonly kube: SimulatedKubernetes
  readonly lbc: LoadBalancerController
  readonly balancers: TlsLoadBalancers
  readonly prober: Prober
  readonly user: User
  readonly colleague: Colleague
  /** What the controller gets. */
  readonly world: World
  /** A process of its own that runs `program` in {@link world}, and that can be killed; started by its `start()`. */
  addReplica(program: Program): Replica
  /** Installs classes and CRDs; starts the load balancer controller and, last, the prober. */
  start(): Promise<void>
  /** Ends everything: replicas are killed, servers closed. */
  stop(): Promise<void>
}

export function createEmbeddedWorld(options: {
  clock: Clock
  random: Random
  settings?: Partial<EmbeddedSettings>
  /** Told of what the prober finds. */
  listener?: ProbeListener
  /** A Kubernetes API server outside, in the place of the simulated one; what it lacks of classes and CRDs is installed into it. */
  kubernetes?: Transport | undefined
}): EmbeddedWorld {
  const { clock, random } = options
  const settings = { ...defaultEmbeddedSettings, ...options.settings }
  const aws = new SimulatedAws({ clock, random, settings: settings.aws })
  aws.accounts.createAccessKey({
    accessKeyId: ACCESS_KEYS.loadBalancerController,
    userName: 'load-balancer-controller',
  })
  aws.accounts.createAccessKey({ accessKeyId: ACCESS_KEYS.colleague, userName: 'colleague' })
  for (const name of settings.zones) aws.createHostedZone({ name })
  const kube = new SimulatedKubernetes({ clock, random })
  const transport = options.kubernetes ?? kube.transport
  const lbc = new LoadBalancerController({
    clock,
    random,
    kube: transport,
    aws: aws.handler(),
    region: settings.region,
    accessKeyId: ACCESS_KEYS.loadBalancerController,
    settings: settings.loadBalancerController,
  })
  const source = simulatedListeners(aws)
  const balancers = new TlsLoadBalancers({ source })
  const expected = new ExpectedHosts({ transport, clock })
  const ca = aws.caPem
  const prober = new Prober({
    clock,
    expected: () => expected.targets(),
    ...(options.listener ? { listener: options.listener } : {}),
    handshake:
      settings.handshakes === 'socket'
        ? socketHandshake({ clock, balancers, ca })
        : inProcessHandshake({ clock, source, ca }),
  })
  const world: World = {
    clock,
    random,
    kube: transport,
    aws: aws.access({ region: settings.region, accessKeyId: ACCESS_KEYS.controller }),
    dns: aws.dns,
  }
  const replicas = new Set<Replica>()
  const ending = new AbortController()
  return {
    aws,
    kube,
    lbc,
    balancers,
    prober,
    user: new User({ transport }),
    colleague: new Colleague({ aws: aws.handler(), region: settings.region, accessKeyId: ACCESS_KEYS.colleague }),
    world,
    addReplica(program) {
      const replica = new Replica({ world, program })
      replicas.add(replica)
      return replica
    },
    async start() {
      const api = new KubernetesApi({ transport, userAgent: 'embedded', fieldManager: 'embedded' })
      for (const definition of CUSTOM_RESOURCE_DEFINITIONS) {
        await createOnce(api, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition)
      }
      await installLoadBalancerController(api)
      if (settings.runLoadBalancerController) await lbc.start()
      await expected.start(ending.signal)
      prober.start()
    },
    async stop() {
      for (const replica of replicas) replica.kill()
      prober.stop()
      lbc.stop()
      ending.abort(new Error('the embedded world ends'))
      await balancers.close()
      aws.close()
    },
  }
}
