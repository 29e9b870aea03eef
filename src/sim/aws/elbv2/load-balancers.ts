import { partitionOf } from '../call.ts'
import { draw, type Environment } from '../environment.ts'
import { refuse } from '../error.ts'
import type { Tags } from '../ledger.ts'
import { messages } from '../messages.ts'
import type { CertificateStore } from '../acm/store.ts'
import { certificatesOf, emptyListener, type Listener, type LoadBalancer } from './load-balancer.ts'

interface Place {
  readonly account: string
  readonly region: string
}

/** All load balancers, of all accounts and regions, and what they serve. */
export class LoadBalancers {
  readonly #environment: Environment
  readonly #certificates: CertificateStore
  readonly #all = new Map<string, LoadBalancer>()
  readonly #byListener = new Map<string, LoadBalancer>()

  constructor(options: { environment: Environment; certificates: CertificateStore }) {
    this.#environment = options.environment
    this.#certificates = options.certificates
  }

  /** In the order of their creation. */
  get all(): readonly LoadBalancer[] {
    return [...this.#all.values()]
  }

  in({ account, region }: Place): LoadBalancer[] {
    return this.all.filter((candidate) => candidate.account === account && candidate.region === region)
  }

  /** @throws AwsError LoadBalancerNotFound. */
  find(arn: string, place: Place): LoadBalancer {
    const loadBalancer = this.#all.get(arn)
    if (loadBalancer && loadBalancer.account === place.account && loadBalancer.region === place.region)
      return loadBalancer
    throw refuse('LoadBalancerNotFound', messages.loadBalancerNotFound(arn))
  }

  /** @throws AwsError ListenerNotFound. */
  findListener(arn: string, place: Place): { loadBalancer: LoadBalancer; listener: Listener } {
    const loadBalancer = this.#byListener.get(arn)
    const listener = loadBalancer?.listeners.get(arn)
    if (loadBalancer && listener && loadBalancer.account === place.account && loadBalancer.region === place.region) {
      return { loadBalancer, listener }
    }
    throw refuse('ListenerNotFound', messages.listenerNotFound(arn))
  }

  /** Creates a load balancer; one of the same name, type and scheme is given back instead. */
  create(options: {
    place: Place
    name: string
    type: 'application' | 'network'
    scheme: string
    ipAddressType: string
    subnets: readonly string[]
    securityGroups: readonly string[]
    tags: Tags
    by: string
  }): LoadBalancer {
    const { place, by, ...content } = options
    const { clock, ledger, random, settings } = this.#environment
    const { account, region } = place
    const { name, type, scheme } = content
    if (!/^(?!-)[A-Za-z0-9-]{1,32}(?<!-)$/.test(name)) throw refuse('ValidationError', messages.loadBalancerName(name))
    const existing = this.in(place).find((candidate) => candidate.name === name)
    if (existing) {
      if (existing.type === type && existing.scheme === scheme) return existing
      throw refuse('DuplicateLoadBalancerName', messages.loadBalancerExists(name))
    }
    const kind = type === 'application' ? 'app' : 'net'
    const now = clock.now()
    const number = Math.floor(random.next() * 9e9 + 1e9)
    const hash = random.hex(8)
    const loadBalancer: LoadBalancer = {
      ...content,
      account,
      region,
      arn: `arn:${partitionOf(region)}:elasticloadbalancing:${region}:${account}:loadbalancer/${kind}/${name}/${hash}`,
      dnsName:
        type === 'application'
          ? `${scheme === 'internal' ? 'internal-' : ''}${name}-${number}.${region}.elb.amazonaws.com`
          : `${name}-${hash}.elb.${region}.amazonaws.com`,
      createdAt: now,
      activeAt: now + draw(random, settings.loadBalancerProvisioning),
      listeners: new Map(),
    }
    this.#all.set(loadBalancer.arn, loadBalancer)
    ledger.append({ kind: 'loadBalancerCreated', at: now, by, arn: loadBalancer.arn })
    return loadBalancer
  }

  /** Takes a load balancer and its listeners away; nothing happens where there is none. */
  delete(arn: string, by: string): void {
    const loadBalancer = this.#all.get(arn)
    if (!loadBalancer) return
    for (const listener of loadBalancer.listeners.values()) this.deleteListener(loadBalancer, listener, by)
    this.#all.delete(arn)
    this.#environment.ledger.append({ kind: 'loadBalancerDeleted', at: this.#environment.clock.now(), by, arn })
  }

  createListener(loadBalancer: LoadBalancer, options: { protocol: string; port: number; by: string }): Listener {
    const { clock, ledger, random } = this.#environment
    const { protocol, port, by } = options
    if ([...loadBalancer.listeners.values()].some((listener) => listener.port === port)) {
      throw refuse('DuplicateListener', messages.listenerExists)
    }
    const now = clock.now()
    const arn = `${loadBalancer.arn.replace(':loadbalancer/', ':listener/')}/${random.hex(8)}`
    const listener = emptyListener({ arn, loadBalancerArn: loadBalancer.arn, protocol, port, createdAt: now })
    loadBalancer.listeners.set(arn, listener)
    this.#byListener.set(arn, loadBalancer)
    ledger.append({
      kind: 'listenerCreated',
      at: now,
      by,
      loadBalancerArn: loadBalancer.arn,
      listenerArn: arn,
      protocol,
      port,
    })
    return listener
  }

  deleteListener(loadBalancer: LoadBalancer, listener: Listener, by: string): void {
    this.setDefault(loadBalancer, listener, undefined, by)
    for (const arn of listener.certificates.latest ?? []) this.removeCertificate(loadBalancer, listener, arn, by)
    loadBalancer.listeners.delete(listener.arn)
    this.#byListener.delete(listener.arn)
    const { clock, ledger } = this.#environment
    ledger.append({
      kind: 'listenerDeleted',
      at: clock.now(),
      by,
      loadBalancerArn: loadBalancer.arn,
      listenerArn: listener.arn,
    })
  }

  /** Makes a certificate the default; the old one does not move into the list. */
  setDefault(loadBalancer: LoadBalancer, listener: Listener, arn: string | undefined, by: string): void {
    const before = listener.defaultCertificate.latest
    if (before === arn) return
    listener.defaultCertificate.set(this.#environment.clock.now(), arn)
    if (arn !== undefined) this.#note({ loadBalancer, listener, arn, isDefault: true, added: true, by })
    if (before !== undefined) this.#note({ loadBalancer, listener, arn: before, isDefault: true, added: false, by })
  }

  /** Puts a certificate on the list; nothing changes where it is there. @throws AwsError TooManyCertificates. */
  addCertificate(loadBalancer: LoadBalancer, listener: Listener, arn: string, by: string): void {
    const list = listener.certificates.latest ?? []
    if (list.includes(arn)) return
    const limit = this.#environment.settings.quotas.certificatesPerLoadBalancer
    const listed = new Set(
      [...loadBalancer.listeners.values()].flatMap(({ certificates }) => certificates.latest ?? []),
    )
    if (listed.add(arn).size > limit) throw refuse('TooManyCertificates', messages.tooManyCertificates(limit))
    listener.certificates.set(this.#environment.clock.now(), [...list, arn])
    this.#note({ loadBalancer, listener, arn, isDefault: false, added: true, by })
  }

  removeCertificate(loadBalancer: LoadBalancer, listener: Listener, arn: string, by: string): void {
    const list = listener.certificates.latest ?? []
    if (!list.includes(arn)) return
    listener.certificates.set(
      this.#environment.clock.now(),
      list.filter((candidate) => candidate !== arn),
    )
    this.#note({ loadBalancer, listener, arn, isDefault: false, added: false, by })
  }

  /** Writes it down, and tells ACM whether the load balancer still uses the certificate. */
  #note(options: {
    loadBalancer: LoadBalancer
    listener: Listener
    arn: string
    isDefault: boolean
    added: boolean
    by: string
  }): void {
    const { loadBalancer, listener, arn, isDefault, added, by } = options
    const used = [...loadBalancer.listeners.values()].some((candidate) => certificatesOf(candidate).has(arn))
    this.#certificates.use(arn, loadBalancer.arn, used)
    this.#environment.ledger.append({
      kind: added ? 'listenerCertificateAdded' : 'listenerCertificateRemoved',
      at: this.#environment.clock.now(),
      by,
      account: loadBalancer.account,
      region: loadBalancer.region,
      loadBalancerArn: loadBalancer.arn,
      listenerArn: listener.arn,
      certificateArn: arn,
      isDefault,
    })
  }
}
