import { statusOf } from '../aws/acm/certificate.ts'
import { certificatesOf } from '../aws/elbv2/load-balancer.ts'
import type { AwsEvent } from '../aws/ledger.ts'
import { normalise } from '../aws/route53/names.ts'
import { route } from '../aws/route53/operations.ts'
import type { SimulatedAws } from '../aws/world.ts'
import { open } from '../aws/wire/protocol.ts'
import { isController, type View } from '../laws/view.ts'
import type { Seen } from './faults.ts'
import type { Exchange } from './process.ts'

interface Described {
  readonly Status?: string
  readonly InUseBy?: readonly string[]
  readonly DomainValidationOptions?: readonly { readonly ResourceRecord?: unknown }[]
}

interface Summary {
  readonly CertificateArn: string
  readonly Status: string
  readonly InUse: boolean
}

/** Compares what the controller is told with what is so, and counts how often it was shown something else. */
export class Witness {
  readonly #aws: SimulatedAws
  readonly #view: View
  readonly #count: (what: Seen) => void

  constructor(options: { aws: SimulatedAws; view: View; count: (what: Seen) => void }) {
    this.#aws = options.aws
    this.#view = options.view
    this.#count = options.count
  }

  /** To be called with each answer to the controller. */
  exchange({ request, statusCode, body }: Exchange): void {
    const envelope = open(request)
    const text = Buffer.isBuffer(body) ? body.toString('utf8') : ''
    const operation = envelope.operation || (route(request.method, request.path)?.operation ?? '')
    switch (operation) {
      case 'DescribeCertificate':
        return this.#described(
          (JSON.parse(envelope.body) as { CertificateArn: string }).CertificateArn,
          statusCode,
          text,
        )
      case 'ListCertificates':
        if (statusCode === 200) this.#listed(text)
        return
      case 'GetResources':
        if (statusCode === 200 && !envelope.body.includes('"PaginationToken":"')) this.#tagged(text)
        return
      case 'ListHostedZones':
        if (statusCode === 200 && text.includes('<IsTruncated>true')) this.#count('Route 53: zones on two pages')
        return
      case 'ListResourceRecordSets':
        if (statusCode === 200)
          this.#records({ zoneId: route(request.method, request.path)?.id ?? '', from: request.query['name'], text })
        return
      case 'DescribeListenerCertificates':
        if (statusCode === 200) this.#listener(envelope.form.get('ListenerArn') ?? '', text)
        return
      default:
    }
  }

  /** To be called with each event of the ledger. */
  event(event: AwsEvent): void {
    if (event.kind === 'certificateTimedOut' && this.#view.isOurs(event.arn)) this.#count('ACM: validation timed out')
    if (event.kind !== 'call') return
    const { outcome } = event
    if (outcome === 'CertificateNotFound') this.#count('ELB: CertificateNotFound just after issuance')
    if (outcome === 'TooManyCertificates') this.#count('ELB: the listener is full')
    if (!isController(event.by)) return
    if (outcome === 'LimitExceededException') this.#count('ACM: a quota is reached')
    if (outcome === 'PriorRequestNotComplete') this.#count('Route 53: PriorRequestNotComplete')
    if (outcome === 'InvalidChangeBatch') this.#count('Route 53: InvalidChangeBatch')
  }

  #described(arn: string, statusCode: number, text: string): void {
    const certificate = this.#aws.certificate(arn)
    if (!certificate) return
    if (statusCode === 400 && text.includes('ResourceNotFound')) this.#count('ACM: a new certificate is not found yet')
    if (statusCode !== 200) return
    const { Certificate: shown } = JSON.parse(text) as { Certificate: Described }
    if (shown.Status === undefined) {
      this.#count('ACM: a new certificate is described bare')
      return
    }
    const options = shown.DomainValidationOptions ?? []
    const records = options.filter(({ ResourceRecord }) => ResourceRecord !== undefined).length
    if (records === 0) this.#count('ACM: no validation record is shown yet')
    else if (records < options.length) this.#count('ACM: a part of the validation records is shown')
    this.#used(arn, (shown.InUseBy ?? []).length > 0)
  }

  #listed(text: string): void {
    const answer = JSON.parse(text) as { CertificateSummaryList?: readonly Summary[]; NextToken?: string }
    const shown = new Map((answer.CertificateSummaryList ?? []).map((summary) => [summary.CertificateArn, summary]))
    for (const { CertificateArn: arn, Status, InUse } of shown.values()) {
      const certificate = this.#aws.certificate(arn)
      if (!certificate) this.#count('ACM: a deleted certificate is still listed')
      else if (statusOf(certificate) !== Status) this.#count('ACM: a status lags')
      else this.#used(arn, InUse)
    }
    if (answer.NextToken !== undefined) return
    for (const arn of this.#view.own) if (!shown.has(arn)) this.#count('ACM: a certificate is missing from the list')
  }

  #used(arn: string, shown: boolean): void {
    const attached = this.#view.isAttached(arn)
    if (attached && !shown) this.#count('ACM: use is not noticed yet')
    if (!attached && shown) this.#count('ACM: use is still shown')
  }

  #tagged(text: string): void {
    const answer = JSON.parse(text) as {
      ResourceTagMappingList?: readonly { readonly ResourceARN: string }[]
      PaginationToken?: string
    }
    const shown = new Set((answer.ResourceTagMappingList ?? []).map(({ ResourceARN }) => ResourceARN))
    for (const arn of shown)
      if (arn.includes(':acm:') && !this.#aws.certificate(arn))
        this.#count('tags: a deleted certificate is still shown')
    if (answer.PaginationToken) return
    for (const arn of this.#view.own) if (!shown.has(arn)) this.#count('tags: a certificate is not shown yet')
  }

  /** A list that begins at a name is a look at that name. */
  #records({ zoneId, from, text }: { zoneId: string; from: unknown; text: string }): void {
    const zone = this.#aws.hostedZones().find(({ id }) => id === zoneId)
    const asked = typeof from === 'string' ? normalise(from) : undefined
    const missing = zone
      ?.recordSets()
      .some(({ name, type }) => type === 'CNAME' && (asked ?? name) === name && !text.includes(name))
    if (missing && !text.includes('<IsTruncated>true')) this.#count('Route 53: a record is missing from the list')
  }

  #listener(arn: string, text: string): void {
    for (const { listeners } of this.#aws.loadBalancers.all) {
      const listener = listeners.get(arn)
      if (!listener) continue
      const there = certificatesOf(listener)
      const shown = new Set([...text.matchAll(/<CertificateArn>([^<]+)</g)].map(([, found]) => found as string))
      if (there.size !== shown.size || [...there].some((each) => !shown.has(each)))
        this.#count('ELB: a listener is shown as it was')
    }
  }
}
