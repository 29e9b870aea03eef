import type { Clock } from '../../clock.ts'
import type { Random } from '../../random.ts'
import type { RequestHandler } from '../../aws/handler.ts'
import type { AwsAccess, Resolver } from '../../world.ts'
import { Accounts, ANY_SECRET, DEFAULT_ACCESS_KEY_ID, DEFAULT_ACCOUNT } from './accounts.ts'
import { Authority, type CertificatePem } from './acm/authority.ts'
import { statusOf, type Certificate, type FailureReason, type KeyAlgorithm } from './acm/certificate.ts'
import { DomainControl } from './acm/domain-control.ts'
import { Issuance } from './acm/issuance.ts'
import { AcmOperations } from './acm/operations.ts'
import { Renewals } from './acm/renewals.ts'
import { CertificateStore } from './acm/store.ts'
import { Agenda } from './agenda.ts'
import { ListenerOperations } from './elbv2/listener-operations.ts'
import { LoadBalancers } from './elbv2/load-balancers.ts'
import { Elbv2Operations } from './elbv2/operations.ts'
import type { Environment } from './environment.ts'
import type { Faults } from './faults.ts'
import { Gateway } from './gateway.ts'
import { AwsLedger, type Tags } from './ledger.ts'
import { PrivateAuthorities, type AuthorityChange, type PrivateAuthority } from './pca/authorities.ts'
import { PcaOperations } from './pca/operations.ts'
import { applyChanges } from './route53/changes.ts'
import { normalise } from './route53/names.ts'
import { Route53Operations } from './route53/operations.ts'
import { PublicDns } from './route53/public-dns.ts'
import type { RecordSet, Zone } from './route53/zone.ts'
import { Zones } from './route53/zones.ts'
import { defaultSettings, type AwsSettings } from './settings.ts'
import { Rates } from './rates.ts'
import { StsOperations } from './sts.ts'
import { TaggingOperations } from './tagging.ts'

export const DEFAULT_REGION = 'eu-central-1'

/** Where something is to be; the default account and region where it is not said. */
interface Place {
  readonly account?: string
  readonly region?: string
}

/**
 * A small AWS in this process: ACM, Route 53, Elastic Load Balancing, the tagging API and STS on the real wire, and the public DNS that follows
 * from it. `handler()` goes under the SDK's clients; the other methods are what people do to AWS without the controller: no wire, no
 * throttling, at once.
 */
export class SimulatedAws {
  readonly #environment: Environment
  readonly #gateway: Gateway
  readonly #store: CertificateStore
  readonly #issuance: Issuance
  readonly #domains: DomainControl
  readonly #renewals: Renewals
  readonly #authorities: PrivateAuthorities
  readonly #authority: Authority
  readonly #zones: Zones
  /** The append-only book of what happened. */
  readonly events: AwsLedger
  /** Public DNS, as the internet sees it. */
  readonly dns: Resolver
  /** Access keys and roles. */
  readonly accounts: Accounts
  /** Load balancers, for an actor that serves what they are told. */
  readonly loadBalancers: LoadBalancers

  constructor(options: { clock: Clock; random: Random; settings?: Partial<AwsSettings> | undefined }) {
    const { clock, random, settings } = options
    this.events = new AwsLedger()
    const environment: Environment = {
      clock,
      random,
      settings: { ...defaultSettings, ...settings },
      ledger: this.events,
      agenda: new Agenda(clock),
    }
    this.#environment = environment
    this.#zones = new Zones(environment)
    const dns = new PublicDns({ clock, zones: this.#zones })
    this.dns = dns.resolver()
    this.#store = new CertificateStore(environment)
    this.#domains = new DomainControl(dns)
    this.#authorities = new PrivateAuthorities(environment)
    const [certificates, domains, authorities] = [this.#store, this.#domains, this.#authorities]
    this.#issuance = new Issuance({ environment, domains, authorities })
    this.#renewals = new Renewals({ environment, certificates, domains, authorities })
    this.#authority = new Authority(environment)
    this.accounts = new Accounts({ clock, random })
    this.loadBalancers = new LoadBalancers({ environment, certificates })
    const { loadBalancers } = this
    const listeners = new ListenerOperations({ environment, loadBalancers, certificates })
    const rates = new Rates()
    this.#gateway = new Gateway({
      environment,
      rates,
      accounts: this.accounts,
      services: {
        acm: new AcmOperations({
          environment,
          store: this.#store,
          issuance: this.#issuance,
          authority: this.#authority,
        }),
        pca: new PcaOperations(authorities),
        route53: new Route53Operations({ environment, rates, zones: this.#zones }),
        elbv2: new Elbv2Operations({ loadBalancers, listeners }),
        tagging: new TaggingOperations({ certificates, loadBalancers }),
        sts: new StsOperations(this.accounts),
      },
    })
  }

  /** The door for SDK clients in this process: no sockets. */
  handler(): RequestHandler {
    return this.#gateway.handler()
  }

  /** The same door for a server: see `server.ts`. */
  get gateway(): Gateway {
    return this.#gateway
  }

  /** What the controller is given to reach this AWS. */
  access(options: { region?: string; accessKeyId?: string } = {}): AwsAccess {
    const { region = DEFAULT_REGION, accessKeyId = DEFAULT_ACCESS_KEY_ID } = options
    return {
      region,
      credentials: async () => ({ accessKeyId, secretAccessKey: ANY_SECRET }),
      requestHandler: this.handler(),
    }
  }

  get settings(): AwsSettings {
    return this.#environment.settings
  }

  /** Changes some settings from now on. */
  configure(settings: Partial<AwsSettings>): void {
    this.#environment.settings = { ...this.#environment.settings, ...settings }
  }

  get faults(): Faults {
    return this.#gateway.faults
  }

  /** Breaks calls as `faults` says, from now on. */
  set faults(faults: Faults) {
    this.#gateway.faults = faults
  }

  /** Ends all that the world would still do by itself. */
  close(): void {
    this.#environment.agenda.stop()
  }

  // DNS

  /** A new hosted zone. A public one is delegated unless said otherwise or another of its name is. */
  createHostedZone(options: { name: string; private?: boolean; delegated?: boolean; account?: string }): Zone {
    return this.#zones.create({
      name: options.name,
      account: options.account ?? DEFAULT_ACCOUNT,
      isPrivate: options.private ?? false,
      delegated: options.delegated,
      by: 'world',
    })
  }

  /** Takes a hosted zone away, whatever is in it. */
  deleteHostedZone(id: string): void {
    const zone = this.#zones.get(id)
    if (zone) this.#zones.delete(zone, 'world')
  }

  /** Lets the parent zone name this zone's servers, and no other zone's of the same name; or takes that away. */
  setDelegated(id: string, delegated: boolean): void {
    const zone = this.#zones.get(id)
    if (!zone) return
    if (delegated) for (const other of this.#zones.all) if (other.name === zone.name) other.delegated = false
    zone.delegated = delegated
    this.#renewals.reconsider()
  }

  hostedZones(): readonly Zone[] {
    return [...this.#zones.all]
  }

  /** Writes a record as somebody with the console would. @throws AwsError as Route 53 would. */
  putRecord(zone: Zone, record: { name: string; type: string; ttl?: number; values: readonly string[] }): void {
    this.#change(zone, 'UPSERT', { ttl: 300, ...record, name: normalise(record.name) })
  }

  /** Deletes a record; nothing happens where there is none. */
  deleteRecord(zone: Zone, identity: { name: string; type: string }): void {
    const record = zone.get(normalise(identity.name), identity.type)
    if (record) this.#change(zone, 'DELETE', record)
  }

  /** Protects a name and type against every change (resource record set protections); `false` takes that back. */
  protectRecord(zone: Zone, { name, type }: { name: string; type: string }, on = true): void {
    const key = `${normalise(name)} ${type}`
    if (on) zone.protections.add(key)
    else zone.protections.delete(key)
  }

  // Certificates

  /** A certificate as ACM has it; `undefined` where there is none or it was deleted. */
  certificate(arn: string): Certificate | undefined {
    return this.#store.get(arn)
  }

  /** The certificates that exist, in the order of their creation. */
  certificates(place: Place = {}): readonly Certificate[] {
    return this.#store.all(placed(place)).filter(({ deletedAt }) => deletedAt === undefined)
  }

  /** A certificate that somebody else has: issued at once, whatever DNS says. Gives its ARN. */
  issueCertificate(
    options: Place & { names: readonly [string, ...string[]]; tags?: Tags; keyAlgorithm?: KeyAlgorithm },
  ): string {
    const [domainName] = options.names
    const request = {
      domainName,
      names: [...new Set(options.names)],
      validationMethod: 'DNS' as const,
      keyAlgorithm: options.keyAlgorithm ?? 'RSA_2048',
      certificateAuthorityArn: undefined,
      exportable: false,
      token: this.#environment.random.hex(16),
      tags: options.tags ?? {},
    }
    const { arn } = this.#store.request(request, { ...placed(options), at: this.#environment.clock.now(), by: 'world' })
    this.#issuance.issue(this.#existing(arn))
    return arn
  }

  /** Issues a pending certificate now. */
  issue(arn: string): void {
    this.#issuance.issue(this.#existing(arn))
  }

  /** Fails a pending certificate now. */
  fail(arn: string, reason: FailureReason): void {
    this.#issuance.fail(this.#existing(arn), reason)
  }

  /** Every certificate with `name` fails with `reason` at ACM's next look; `undefined` takes that back. */
  failDomain(name: string, reason: FailureReason | undefined): void {
    this.#issuance.failDomain(name, reason)
  }

  /** Whether ACM gets to see the validation record of `name` at all. */
  setValidates(name: string, possible: boolean): void {
    this.#domains.setValidates(name, possible)
    this.#renewals.reconsider()
  }

  /** A private CA that is fit to sign, but for `options`. Gives its ARN. */
  createAuthority(options: Place & AuthorityChange = {}): string {
    return this.#authorities.create({ ...options, ...placed(options) })
  }

  authority(arn: string): PrivateAuthority | undefined {
    return this.#authorities.get(arn)
  }

  /** Does to a private CA what its administrator could, or time. */
  changeAuthority(arn: string, change: AuthorityChange): void {
    this.#authorities.change(arn, change)
    this.#renewals.reconsider()
  }

  /** Ends a certificate's life as its term, or the authority, would. */
  end(arn: string, status: 'EXPIRED' | 'REVOKED'): void {
    const certificate = this.#existing(arn)
    const at = this.#environment.clock.now()
    certificate.status.set(at, status)
    const { account, region, names } = certificate
    if (status === 'REVOKED') certificate.revokedAt = at
    else certificate.notAfter = at
    const kind = status === 'REVOKED' ? 'certificateRevoked' : 'certificateExpired'
    this.events.append({ kind, at, by: 'world', arn, account, region, names })
  }

  /** Takes a certificate out of use, whatever ACM means by it; see `Readings.inactive`. The book does not tell of it. */
  deactivate(arn: string): void {
    const certificate = this.#existing(arn)
    const { agenda, clock, settings } = this.#environment
    certificate.status.set(clock.now(), 'INACTIVE')
    if (settings.readings.inactive === 'for good') return
    agenda.set(`reactivate ${arn}`, clock.now() + 3_600_000, () => certificate.status.set(clock.now(), 'ISSUED'))
  }

  /** Deletes a certificate as a colleague would, in use or not. */
  deleteCertificate(arn: string): void {
    const certificate = this.#store.get(arn)
    if (!certificate) return
    this.#store.delete(certificate, 'world')
    this.#authority.forget(arn)
  }

  /** Replaces the tags of a certificate as a colleague would. */
  setTags(arn: string, tags: Tags): void {
    this.#store.setTags(this.#existing(arn), tags, 'world')
  }

  /**
   * The files of an issued certificate, made when first asked for.
   * @throws Error where there is no such certificate, or it was never issued.
   */
  pem(arn: string): CertificatePem {
    const certificate = this.#existing(arn)
    if (certificate.notAfter === undefined) throw new Error(`${arn} is ${statusOf(certificate)}: it has no files`)
    return this.#authority.pem(certificate)
  }

  /** The root certificate that clients of this world trust. */
  get caPem(): string {
    return this.#authority.rootPem
  }

  /** How many certificates ACM is busy with. */
  get pending(): number {
    return this.#issuance.pending
  }

  #existing(arn: string): Certificate {
    const certificate = this.#store.get(arn)
    if (!certificate) throw new Error(`there is no certificate ${arn}`)
    return certificate
  }

  #change(zone: Zone, action: 'UPSERT' | 'DELETE', record: RecordSet): void {
    applyChanges({
      environment: this.#environment,
      zones: this.#zones,
      zone,
      changes: [{ action, record }],
      by: 'world',
    })
  }
}

function placed({ account = DEFAULT_ACCOUNT, region = DEFAULT_REGION }: Place): { account: string; region: string } {
  return { account, region }
}
