import type { EpochMs } from '../../clock.ts'
import type { FailureReason } from './acm/certificate.ts'

/** Who did it: the access key of a call, or `world` for what AWS does by itself and for the admin side. */
interface Happening {
  readonly at: EpochMs
  readonly by: string
}

interface CertificateHappening extends Happening {
  readonly arn: string
  readonly account: string
  readonly region: string
  readonly names: readonly string[]
}

interface RecordHappening extends Happening {
  readonly account: string
  readonly zoneId: string
  readonly zoneName: string
  readonly action: 'CREATE' | 'UPSERT' | 'DELETE'
  /** Without the trailing dot. */
  readonly name: string
  readonly type: string
  readonly values: readonly string[]
  readonly ttl: number
}

interface ListenerCertificateHappening extends Happening {
  readonly account: string
  readonly region: string
  readonly loadBalancerArn: string
  readonly listenerArn: string
  readonly certificateArn: string
  readonly isDefault: boolean
}

/** What happened in the simulated AWS, as nobody inside the controller can see it. */
export type AwsEvent =
  | ({
      readonly kind: 'certificateRequested'
      readonly token: string | undefined
      readonly keyAlgorithm: string
      /** The ARN of the private CA that is to sign. */
      readonly authority: string | undefined
      readonly tags: Tags
    } & CertificateHappening)
  | ({ readonly kind: 'certificateImported' } & CertificateHappening)
  | ({ readonly kind: 'certificateIssued' } & CertificateHappening)
  | ({ readonly kind: 'certificateRenewed'; readonly notAfter: EpochMs } & CertificateHappening)
  | ({
      /** ACM wanted to renew and did not; told once a term for each reason. */
      readonly kind: 'certificateRenewalFailed'
      readonly reason: 'NOT_IN_USE' | 'PENDING_DOMAIN_VALIDATION' | FailureReason
    } & CertificateHappening)
  | ({ readonly kind: 'certificateFailed'; readonly reason: string } & CertificateHappening)
  | ({ readonly kind: 'certificateTimedOut' } & CertificateHappening)
  | ({ readonly kind: 'certificateRevoked' } & CertificateHappening)
  | ({ readonly kind: 'certificateExpired' } & CertificateHappening)
  | ({ readonly kind: 'certificateDeleted'; readonly status: string } & CertificateHappening)
  | ({ readonly kind: 'tagsChanged'; readonly arn: string; readonly tags: Tags } & Happening)
  | ({
      readonly kind: 'hostedZoneCreated'
      readonly zoneId: string
      readonly zoneName: string
      readonly account: string
    } & Happening)
  | ({
      readonly kind: 'hostedZoneDeleted'
      readonly zoneId: string
      readonly zoneName: string
      readonly account: string
    } & Happening)
  | ({ readonly kind: 'recordChanged' } & RecordHappening)
  | ({ readonly kind: 'loadBalancerCreated'; readonly arn: string } & Happening)
  | ({ readonly kind: 'loadBalancerDeleted'; readonly arn: string } & Happening)
  | ({
      readonly kind: 'listenerCreated'
      readonly loadBalancerArn: string
      readonly listenerArn: string
      readonly protocol: string
      readonly port: number
    } & Happening)
  | ({ readonly kind: 'listenerDeleted'; readonly loadBalancerArn: string; readonly listenerArn: string } & Happening)
  | ({ readonly kind: 'listenerCertificateAdded' } & ListenerCertificateHappening)
  | ({ readonly kind: 'listenerCertificateRemoved' } & ListenerCertificateHappening)
  | ({
      readonly kind: 'call'
      readonly service: string
      readonly operation: string
      readonly account: string
      readonly region: string
      /** `ok`, the code of the error that was answered, `reset`, or `aborted`. */
      readonly outcome: string
      /** Whether the operation ran, whatever the caller got to hear. */
      readonly effect: boolean
    } & Happening)

export type Tags = Readonly<Record<string, string>>

/** The append-only book of the simulated AWS. Subscribers are told in the order of what happened, before the caller gets its answer. */
export class AwsLedger {
  readonly #events: AwsEvent[] = []
  readonly #subscribers = new Set<(event: AwsEvent) => void>()

  get all(): readonly AwsEvent[] {
    return this.#events
  }

  append(event: AwsEvent): void {
    this.#events.push(event)
    for (const subscriber of this.#subscribers) subscriber(event)
  }

  /** Calls `subscriber` for each event from now on; gives the function that ends it. */
  subscribe(subscriber: (event: AwsEvent) => void): () => void {
    this.#subscribers.add(subscriber)
    return () => this.#subscribers.delete(subscriber)
  }

  /** The events of one kind, in order. */
  of<Kind extends AwsEvent['kind']>(kind: Kind): Extract<AwsEvent, { kind: Kind }>[] {
    return this.#events.filter((event): event is Extract<AwsEvent, { kind: Kind }> => event.kind === kind)
  }

  /** How many calls of `operation` there were, whatever became of them. */
  calls(operation: string): number {
    return this.#events.filter((event) => event.kind === 'call' && event.operation === operation).length
  }
}
