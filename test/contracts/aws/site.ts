import {
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  type Change,
  type ChangeAction,
} from '@aws-sdk/client-route-53'
import {
  AddListenerCertificatesCommand,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { type CertificateDetail, type RequestCertificateCommandInput } from '@aws-sdk/client-acm'
import { describeCertificate, request, type AwsClients, type ClientOptions } from './harness.ts'

const SECOND = 1_000

/** What a site notes of everything that it makes, so that it can be taken away again. */
export interface Made {
  certificate(arn: string): void
  hostedZone(id: string): void
  record(zoneId: string, change: Change): void
  loadBalancer(arn: string): void
}

/** What a place where facts are tried brings along. */
export interface Place {
  readonly account: string
  readonly region: string
  /** A public, delegated hosted zone in which names may be made up. */
  readonly zone: { readonly id: string; readonly name: string }
  /** Two subnets for load balancers; none where no load balancer may be made. */
  readonly subnets: readonly string[]
  /** How long to wait before the second look, and at most between two. */
  readonly pauses: { readonly first: number; readonly longest: number }
  /** How long to wait for anything at most. */
  readonly patience: number
  /** Lets time go by. */
  readonly pass: (milliseconds: number) => Promise<void>
  readonly now: () => number
  clients(options?: ClientOptions): AwsClients
  readonly made: Made
  /** What names and tokens are told apart by. */
  readonly run: string
}

/** AWS, real or simulated, as facts are tried on it: nothing but the API, and patience. */
export class Site implements AwsClients {
  readonly acm: AwsClients['acm']
  readonly route53: AwsClients['route53']
  readonly elbv2: AwsClients['elbv2']
  readonly tagging: AwsClients['tagging']
  readonly sts: AwsClients['sts']
  readonly #place: Place
  #count = 0
  #pending: Promise<string> | undefined
  #issued: Promise<Issued> | undefined
  #another: Promise<Issued> | undefined
  #listener: Promise<{ loadBalancerArn: string; listenerArn: string }> | undefined

  constructor(place: Place) {
    this.#place = place
    const { acm, route53, elbv2, tagging, sts } = place.clients()
    this.acm = acm
    this.route53 = route53
    this.elbv2 = elbv2
    this.tagging = tagging
    this.sts = sts
  }

  get account(): string {
    return this.#place.account
  }

  get region(): string {
    return this.#place.region
  }

  get zone(): Place['zone'] {
    return this.#place.zone
  }

  clients(options?: ClientOptions): AwsClients {
    return this.#place.clients(options)
  }

  /** What tags tell this run apart by. */
  get run(): string {
    return this.#place.run
  }

  pass(milliseconds: number): Promise<void> {
    return this.#place.pass(milliseconds)
  }

  /** A name in the zone that nobody used before. */
  name(label = 'n'): string {
    return `${label}${++this.#count}.${this.#place.run}.${this.zone.name}`
  }

  token(): string {
    return `${this.#place.run}t${++this.#count}`
  }

  /** A request for a certificate of a new name, by DNS, with a token of its own, where `input` says nothing else. */
  async request(input: Partial<RequestCertificateCommandInput> = {}): Promise<string> {
    const arn = await request(this, { DomainName: this.name(), IdempotencyToken: this.token(), ...input })
    this.#place.made.certificate(arn)
    return arn
  }

  /** Asks again and again until `look` gives something. */
  async until<Value>(
    what: string,
    look: () => Promise<Value | undefined>,
    limit: number = this.#place.patience,
  ): Promise<Value> {
    const end = this.#place.now() + Math.min(limit, this.#place.patience)
    const { first, longest } = this.#place.pauses
    for (let pause = first; ; pause = Math.min(Math.round(pause * 1.5), longest)) {
      const value = await look()
      if (value !== undefined) return value
      if (this.#place.now() >= end)
        throw new Error(`not within ${Math.min(limit, this.#place.patience) / SECOND} s: ${what}`)
      await this.pass(pause)
    }
  }

  /** A description with all that a pending certificate has. */
  async described(arn: string): Promise<CertificateDetail> {
    return this.until(`${arn} is described with its records`, async () => {
      const detail = await describeCertificate(this, arn).catch((error: unknown) => {
        if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined
        throw error
      })
      const options = detail?.DomainValidationOptions ?? []
      const whole = options.length > 0 && options.every(({ ResourceRecord }) => ResourceRecord !== undefined)
      return whole ? detail : undefined
    })
  }

  /** A pending certificate for a name and the wildcard below it, the same for all who ask. */
  pending(): Promise<string> {
    const name = this.name('pending')
    this.#pending ??= this.request({ DomainName: name, SubjectAlternativeNames: [`*.${name}`] }).then(async (arn) => {
      await this.described(arn)
      return arn
    })
    return this.#pending
  }

  /** Writes the validation records of a certificate into the zone. */
  async prove(arn: string): Promise<void> {
    const records = new Map<string, string>()
    for (const { ResourceRecord } of (await this.described(arn)).DomainValidationOptions ?? []) {
      if (ResourceRecord?.Name && ResourceRecord.Value) records.set(ResourceRecord.Name, ResourceRecord.Value)
    }
    await this.change(this.zone.id, ...[...records].map(([name, value]) => change('UPSERT', name, 'CNAME', [value])))
  }

  async reaches(arn: string, status: string): Promise<CertificateDetail> {
    return this.until(`${arn} is ${status}`, async () => {
      const detail = await describeCertificate(this, arn)
      return detail.Status === status ? detail : undefined
    })
  }

  /** An issued certificate, the same for all who ask. */
  issued(): Promise<Issued> {
    this.#issued ??= this.issue()
    return this.#issued
  }

  /** Another issued certificate beside it, the same for all who ask. */
  another(): Promise<Issued> {
    this.#another ??= this.issue()
    return this.#another
  }

  /** An issued certificate of one's own. */
  async issue(): Promise<Issued> {
    const name = this.name('issued')
    const arn = await this.request({ DomainName: name, SubjectAlternativeNames: [`*.${name}`] })
    await this.prove(arn)
    return { arn, name, detail: await this.reaches(arn, 'ISSUED') }
  }

  /** Changes records; what it creates is noted. */
  async change(HostedZoneId: string, ...Changes: Change[]) {
    const answer = await this.route53.send(
      new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes } }),
    )
    for (const item of Changes) this.#place.made.record(HostedZoneId, item)
    return answer
  }

  /** A new public hosted zone below the zone, not delegated to. */
  async createZone(label = 'zone'): Promise<{ id: string; name: string }> {
    const name = this.name(label)
    const { HostedZone } = await this.route53.send(
      new CreateHostedZoneCommand({ Name: name, CallerReference: this.token() }),
    )
    const id = (HostedZone?.Id ?? '').replace('/hostedzone/', '')
    this.#place.made.hostedZone(id)
    return { id, name }
  }

  /** An HTTPS listener of a load balancer with an issued certificate as its default, the same for all who ask. */
  listener(): Promise<{ loadBalancerArn: string; listenerArn: string }> {
    this.#listener ??= this.#createListener()
    return this.#listener
  }

  async attach(listenerArn: string, CertificateArn: string): Promise<void> {
    const add = new AddListenerCertificatesCommand({ ListenerArn: listenerArn, Certificates: [{ CertificateArn }] })
    await this.usable('the certificate is attached', () => this.elbv2.send(add))
  }

  /** Does it once load balancing knows of a certificate that was issued a moment ago. */
  usable<Value>(what: string, attempt: () => Promise<Value>): Promise<Value> {
    return this.until(what, async () => {
      try {
        return await attempt()
      } catch (error) {
        const early = ['CertificateNotFoundException', 'UnsupportedCertificate']
        if (error instanceof Error && early.includes(error.name)) return undefined
        throw error
      }
    })
  }

  async #createListener() {
    const { arn } = await this.issued()
    const { LoadBalancers } = await this.elbv2.send(
      new CreateLoadBalancerCommand({ Name: `facts-${this.run}`.slice(0, 32), Subnets: [...this.#place.subnets] }),
    )
    const loadBalancerArn = LoadBalancers?.[0]?.LoadBalancerArn ?? ''
    this.#place.made.loadBalancer(loadBalancerArn)
    const create = new CreateListenerCommand({
      LoadBalancerArn: loadBalancerArn,
      Port: 443,
      Protocol: 'HTTPS',
      Certificates: [{ CertificateArn: arn }],
      DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
    })
    const { Listeners } = await this.usable('the listener is created', () => this.elbv2.send(create))
    return { loadBalancerArn, listenerArn: Listeners?.[0]?.ListenerArn ?? '' }
  }
}

export interface Issued {
  readonly arn: string
  readonly name: string
  readonly detail: CertificateDetail
}

export function change(
  Action: ChangeAction,
  Name: string,
  Type: 'CNAME' | 'A' | 'TXT' | 'NS' | 'CAA',
  values: readonly string[],
  TTL = 300,
): Change {
  return { Action, ResourceRecordSet: { Name, Type, TTL, ResourceRecords: values.map((Value) => ({ Value })) } }
}
