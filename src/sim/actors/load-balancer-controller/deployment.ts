import { createHash } from 'node:crypto'
import {
  AddListenerCertificatesCommand,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  DeleteListenerCommand,
  DeleteLoadBalancerCommand,
  DescribeListenerCertificatesCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  type ElasticLoadBalancingV2Client,
  type Listener,
  type LoadBalancer,
  LoadBalancerNotFoundException,
  ModifyListenerCommand,
  RemoveListenerCertificatesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { ListenerModel, Model } from './model.ts'

/** Brings one load balancer to what its model says, call by call, in the order of the AWS Load Balancer Controller. */
export interface DeployOptions {
  readonly elbv2: ElasticLoadBalancingV2Client
  readonly clusterName: string
  readonly model: Model
  /** Awaited before each call: where a slow controller is slow. */
  readonly pause: () => Promise<void>
  /** Awaited before a listener is looked at. */
  readonly pausePort: (port: number) => Promise<void>
  readonly sleep: (milliseconds: number) => Promise<void>
  readonly signal: AbortSignal
}

/** `--aws-max-retries` of LBC, and the longest pause of the Go SDK's standard retryer. */
const MOST_ATTEMPTS = 10
const LONGEST_RETRY_MS = 20_000
const THROTTLES = ['Throttling', 'ThrottlingException', 'RequestLimitExceeded']

/** @returns the load balancer's hostname; `undefined` where the model wants none. @throws what the SDK throws. */
export async function deploy(options: DeployOptions): Promise<string | undefined> {
  return await new Deployment(options).run()
}

class Deployment {
  readonly #options: DeployOptions

  constructor(options: DeployOptions) {
    this.#options = options
  }

  async run(): Promise<string | undefined> {
    const { model, pausePort } = this.#options
    const existing = await this.#find()
    if (model.listeners.length === 0) {
      if (existing) await this.#delete(existing)
      return undefined
    }
    const loadBalancer = existing ?? (await this.#create())
    const listeners = existing ? await this.#listeners(loadBalancer) : []
    for (const listener of listeners) {
      if (!model.listeners.some((wanted) => wanted.port === listener.Port)) await this.#deleteListener(listener)
    }
    for (const wanted of model.listeners) {
      await pausePort(wanted.port)
      await this.#bring(
        loadBalancer,
        listeners.find((listener) => listener.Port === wanted.port),
        wanted,
      )
    }
    return loadBalancer.DNSName
  }

  /** A listener whose protocol changes is replaced: it cannot be modified between HTTP and HTTPS without another set of rules. */
  async #bring(loadBalancer: LoadBalancer, listener: Listener | undefined, wanted: ListenerModel): Promise<void> {
    if (listener?.Protocol === wanted.protocol) {
      await this.#modifyDefault(listener, wanted)
      if (wanted.protocol === 'HTTPS') {
        await this.#bringList(listener.ListenerArn, await this.#list(listener.ListenerArn), wanted.certificates)
      }
      return
    }
    if (listener) await this.#deleteListener(listener)
    const arn = await this.#createListener(loadBalancer, wanted)
    await this.#bringList(arn, [], wanted.certificates)
  }

  async #modifyDefault(listener: Listener, wanted: ListenerModel): Promise<void> {
    const [arn] = wanted.certificates
    if (arn === undefined || listener.Certificates?.[0]?.CertificateArn === arn) return
    await this.#call((signal) =>
      this.#elbv2.send(
        new ModifyListenerCommand({ ListenerArn: listener.ListenerArn, Certificates: [{ CertificateArn: arn }] }),
        signal,
      ),
    )
  }

  /** Removes first, then adds, one call each: between the two a name may be without its certificate. That is how it is. */
  async #bringList(
    listenerArn: string | undefined,
    current: readonly string[],
    wanted: readonly string[],
  ): Promise<void> {
    const request = (arn: string) => ({ ListenerArn: listenerArn, Certificates: [{ CertificateArn: arn }] })
    for (const arn of current.filter((candidate) => !wanted.includes(candidate)).sort()) {
      await this.#call((signal) => this.#elbv2.send(new RemoveListenerCertificatesCommand(request(arn)), signal))
    }
    for (const arn of wanted.filter((candidate) => !current.includes(candidate)).sort()) {
      await this.#call((signal) => this.#elbv2.send(new AddListenerCertificatesCommand(request(arn)), signal))
    }
  }

  /** The listener's list; the default counts only where it is in the list as well. */
  async #list(listenerArn: string | undefined): Promise<string[]> {
    const arns: string[] = []
    let marker: string | undefined
    do {
      const page = await this.#call((signal) =>
        this.#elbv2.send(new DescribeListenerCertificatesCommand({ ListenerArn: listenerArn, Marker: marker }), signal),
      )
      for (const { CertificateArn, IsDefault } of page.Certificates ?? []) {
        if (!IsDefault && CertificateArn !== undefined) arns.push(CertificateArn)
      }
      marker = page.NextMarker
    } while (marker !== undefined)
    return arns
  }

  async #find(): Promise<LoadBalancer | undefined> {
    try {
      const name = loadBalancerName(this.#options.clusterName, this.#options.model.key)
      const answer = await this.#call((signal) =>
        this.#elbv2.send(new DescribeLoadBalancersCommand({ Names: [name] }), signal),
      )
      return answer.LoadBalancers?.[0]
    } catch (error) {
      if (error instanceof LoadBalancerNotFoundException) return undefined
      throw error
    }
  }

  async #create(): Promise<LoadBalancer> {
    const { clusterName, model } = this.#options
    const answer = await this.#call((signal) =>
      this.#elbv2.send(
        new CreateLoadBalancerCommand({
          Name: loadBalancerName(clusterName, model.key),
          Type: 'application',
          Scheme: 'internet-facing',
          Subnets: ['subnet-0a1b2c3d', 'subnet-4e5f6071'],
          Tags: [
            { Key: 'elbv2.k8s.aws/cluster', Value: clusterName },
            { Key: 'ingress.k8s.aws/stack', Value: model.key },
            { Key: 'ingress.k8s.aws/resource', Value: 'LoadBalancer' },
          ],
        }),
        signal,
      ),
    )
    const [created] = answer.LoadBalancers ?? []
    if (!created) throw new Error('CreateLoadBalancer answered without a load balancer')
    return created
  }

  async #listeners(loadBalancer: LoadBalancer): Promise<Listener[]> {
    const listeners: Listener[] = []
    let marker: string | undefined
    do {
      const page = await this.#call((signal) =>
        this.#elbv2.send(
          new DescribeListenersCommand({ LoadBalancerArn: loadBalancer.LoadBalancerArn, Marker: marker }),
          signal,
        ),
      )
      listeners.push(...(page.Listeners ?? []))
      marker = page.NextMarker
    } while (marker !== undefined)
    return listeners
  }

  async #createListener(loadBalancer: LoadBalancer, wanted: ListenerModel): Promise<string | undefined> {
    const [first] = wanted.certificates
    const answer = await this.#call((signal) =>
      this.#elbv2.send(
        new CreateListenerCommand({
          LoadBalancerArn: loadBalancer.LoadBalancerArn,
          Port: wanted.port,
          Protocol: wanted.protocol,
          ...(first === undefined ? {} : { Certificates: [{ CertificateArn: first }] }),
          DefaultActions: [
            { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404', ContentType: 'text/plain' } },
          ],
        }),
        signal,
      ),
    )
    return answer.Listeners?.[0]?.ListenerArn
  }

  async #deleteListener(listener: Listener): Promise<void> {
    await this.#call((signal) =>
      this.#elbv2.send(new DeleteListenerCommand({ ListenerArn: listener.ListenerArn }), signal),
    )
  }

  async #delete(loadBalancer: LoadBalancer): Promise<void> {
    await this.#call((signal) =>
      this.#elbv2.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: loadBalancer.LoadBalancerArn }), signal),
    )
  }

  get #elbv2(): ElasticLoadBalancingV2Client {
    return this.#options.elbv2
  }

  /** A throttled call is made again, as the SDK of LBC does; any other failure ends the deployment. */
  async #call<T>(call: (options: { abortSignal: AbortSignal }) => Promise<T>): Promise<T> {
    const { pause, sleep, signal } = this.#options
    await pause()
    for (let attempt = 1; ; attempt++) {
      try {
        return await call({ abortSignal: signal })
      } catch (error) {
        if (attempt === MOST_ATTEMPTS || !(error instanceof Error && THROTTLES.includes(error.name))) throw error
        await sleep(Math.min(1_000 * 2 ** (attempt - 1), LONGEST_RETRY_MS))
      }
    }
  }
}

/** At most 32 characters, the same for the same group of the same cluster: that is how a restarted controller finds it again. */
export function loadBalancerName(clusterName: string, key: string): string {
  const hash = createHash('sha256').update(`${clusterName} ${key}`).digest('hex').slice(0, 10)
  const readable = key.replaceAll(/[^A-Za-z0-9]/g, '').slice(0, 17)
  return `k8s-${readable}-${hash}`
}
