import type { CertificateStore } from '../acm/store.ts'
import { statusOf } from '../acm/certificate.ts'
import type { EpochMs } from '../../../clock.ts'
import type { Call } from '../call.ts'
import type { Environment } from '../environment.ts'
import { refuse } from '../error.ts'
import { messages } from '../messages.ts'
import type { QueryInput } from '../wire/query.ts'
import { leaf, node } from '../wire/xml.ts'
import { page } from './page.ts'
import type { Action, Listener, LoadBalancer } from './load-balancer.ts'
import type { LoadBalancers } from './load-balancers.ts'
import { list, listenerCertificateXml, listenerXml } from './views.ts'

const CERTIFICATE_ARN = /^arn:[\w-]+:(acm:[\w-]+:\d{12}:certificate\/[\w-]+|iam::\d{12}:server-certificate\/\S+)$/
const PROTOCOLS = { application: ['HTTP', 'HTTPS'], network: ['TCP', 'TLS', 'UDP', 'TCP_UDP'] } as const
const SECURE = ['HTTPS', 'TLS']
const DEFAULT_POLICY = 'ELBSecurityPolicy-2016-08'

/** Listeners and their certificates on the wire. */
export class ListenerOperations {
  readonly #loadBalancers: LoadBalancers
  readonly #certificates: CertificateStore
  readonly #environment: Environment

  constructor(options: { environment: Environment; loadBalancers: LoadBalancers; certificates: CertificateStore }) {
    this.#environment = options.environment
    this.#loadBalancers = options.loadBalancers
    this.#certificates = options.certificates
  }

  run(call: Call, input: QueryInput): { output: string } | 'unknown' {
    switch (call.operation) {
      case 'CreateListener':
        return { output: this.#create(call, input) }
      case 'ModifyListener':
        return { output: this.#modify(call, input) }
      case 'DeleteListener': {
        const { loadBalancer, listener } = this.#find(call, input)
        this.#loadBalancers.deleteListener(loadBalancer, listener, call.accessKeyId)
        return { output: '' }
      }
      case 'DescribeListeners':
        return { output: this.#describe(call, input) }
      case 'AddListenerCertificates':
        return { output: this.#addCertificates(call, input) }
      case 'RemoveListenerCertificates':
        return { output: this.#removeCertificates(call, input) }
      case 'DescribeListenerCertificates':
        return { output: this.#describeCertificates(call, input) }
      default:
        return 'unknown'
    }
  }

  #create(call: Call, input: QueryInput): string {
    const loadBalancer = this.#loadBalancers.find(input.text('LoadBalancerArn') ?? '', call)
    const protocol = input.text('Protocol') ?? ''
    checkProtocol(loadBalancer, protocol)
    const certificate = this.#readDefault(call, input, protocol)
    const port = input.number('Port')
    if (port === undefined || !(port >= 1 && port <= 65_535))
      throw refuse('ValidationError', messages.valueBetween(1, 65_535))
    const by = call.accessKeyId
    const listener = this.#loadBalancers.createListener(loadBalancer, { protocol, port, by })
    listener.actions = readActions(input)
    listener.sslPolicy = SECURE.includes(protocol) ? (input.text('SslPolicy') ?? DEFAULT_POLICY) : undefined
    listener.tags = Object.fromEntries(
      input.members('Tags').map((tag) => [tag.text('Key') ?? '', tag.text('Value') ?? '']),
    )
    this.#loadBalancers.setDefault(loadBalancer, listener, certificate, by)
    return list('Listeners', [listenerXml(listener, call.at)])
  }

  /** Changes what is given and leaves the rest; the port and the protocol keep their checks. */
  #modify(call: Call, input: QueryInput): string {
    const { loadBalancer, listener } = this.#find(call, input)
    const protocol = input.text('Protocol') ?? listener.protocol
    checkProtocol(loadBalancer, protocol)
    const given = input.members('Certificates').length > 0
    const secured = SECURE.includes(protocol)
    const current = listener.defaultCertificate.latest
    const certificate = given || (secured && current === undefined) ? this.#readDefault(call, input, protocol) : current
    const port = input.number('Port') ?? listener.port
    if ([...loadBalancer.listeners.values()].some((other) => other !== listener && other.port === port)) {
      throw refuse('DuplicateListener', messages.listenerExists)
    }
    listener.protocol = protocol
    listener.port = port
    if (input.members('DefaultActions').length > 0) listener.actions = readActions(input)
    listener.sslPolicy = secured ? (input.text('SslPolicy') ?? listener.sslPolicy ?? DEFAULT_POLICY) : undefined
    this.#loadBalancers.setDefault(loadBalancer, listener, secured ? certificate : undefined, call.accessKeyId)
    return list('Listeners', [listenerXml(listener, call.at)])
  }

  #describe(call: Call, input: QueryInput): string {
    const arns = input.texts('ListenerArns')
    const loadBalancerArn = input.text('LoadBalancerArn')
    if (arns.length === 0 && loadBalancerArn === undefined) {
      throw refuse('ValidationError', messages.parameterRequired('LoadBalancerArn or ListenerArns'))
    }
    const listeners =
      loadBalancerArn === undefined
        ? arns.map((arn) => this.#loadBalancers.findListener(arn, call).listener)
        : [...this.#loadBalancers.find(loadBalancerArn, call).listeners.values()]
    const { items, nextMarker } = page({ items: listeners, input, call, keyOf: ({ arn }) => arn })
    const asOf = this.#asOf(call)
    return (
      node('Listeners', ...items.map((item) => node('member', listenerXml(item, asOf)))) +
      leaf('NextMarker', nextMarker)
    )
  }

  #addCertificates(call: Call, input: QueryInput): string {
    const { loadBalancer, listener } = this.#find(call, input)
    this.#checkSecure(listener)
    const [arn] = readCertificates(input)
    this.#checkUsable(call, arn)
    this.#loadBalancers.addCertificate(loadBalancer, listener, arn, call.accessKeyId)
    return list('Certificates', [listenerCertificateXml(arn, false)])
  }

  #removeCertificates(call: Call, input: QueryInput): string {
    const { loadBalancer, listener } = this.#find(call, input)
    this.#checkSecure(listener)
    const [arn] = readCertificates(input)
    const listed = listener.certificates.latest?.includes(arn) ?? false
    if (!listed && listener.defaultCertificate.latest === arn) {
      throw refuse('OperationNotPermitted', messages.defaultCertificateStays(arn))
    }
    this.#loadBalancers.removeCertificate(loadBalancer, listener, arn, call.accessKeyId)
    return ''
  }

  /** The default first, and once more without the mark where it is on the list too. */
  #describeCertificates(call: Call, input: QueryInput): string {
    const { listener } = this.#find(call, input)
    const asOf = this.#asOf(call)
    const standard = listener.defaultCertificate.at(asOf)
    const all = [
      ...(standard === undefined ? [] : [{ arn: standard, isDefault: true }]),
      ...(listener.certificates.at(asOf) ?? []).map((arn) => ({ arn, isDefault: false })),
    ]
    const { items, nextMarker } = page({
      items: all,
      input,
      call,
      keyOf: ({ arn, isDefault }) => `${arn} ${isDefault}`,
    })
    const members = items.map(({ arn, isDefault }) => node('member', listenerCertificateXml(arn, isDefault)))
    return node('Certificates', ...members) + leaf('NextMarker', nextMarker)
  }

  #find(call: Call, input: QueryInput): { loadBalancer: LoadBalancer; listener: Listener } {
    return this.#loadBalancers.findListener(input.text('ListenerArn') ?? '', call)
  }

  #readDefault(call: Call, input: QueryInput, protocol: string): string | undefined {
    const given = input.members('Certificates').length > 0
    if (!SECURE.includes(protocol)) {
      if (given) throw this.#plain(protocol)
      return undefined
    }
    if (!given) throw refuse('ValidationError', messages.certificateRequired)
    const [arn] = readCertificates(input)
    this.#checkUsable(call, arn)
    return arn
  }

  #checkSecure({ protocol }: Listener): void {
    if (!SECURE.includes(protocol)) throw this.#plain(protocol)
  }

  #plain(protocol: string): Error {
    return refuse(this.#environment.settings.readings.plainListener, messages.protocolWithoutCertificates(protocol))
  }

  /** What was true a little while ago. */
  #asOf(call: Call): EpochMs {
    return call.at - call.staleBy - this.#environment.settings.listenerDescribeDelay
  }

  /** A certificate that is not issued is unsupported; one that is not there, or was issued a moment ago, is not found. */
  #checkUsable(call: Call, arn: string): void {
    const certificate = this.#certificates.get(arn)
    if (!certificate || certificate.account !== call.account || certificate.region !== call.region) {
      throw refuse('CertificateNotFound', messages.listenerCertificateNotFound(arn))
    }
    if (statusOf(certificate) !== 'ISSUED') throw refuse('UnsupportedCertificate', messages.unsupportedCertificate(arn))
    if (call.at < (certificate.attachableAt ?? 0)) {
      throw this.#environment.settings.readings.freshCertificate === 'CertificateNotFound'
        ? refuse('CertificateNotFound', messages.listenerCertificateNotFound(arn))
        : refuse('UnsupportedCertificate', messages.unsupportedCertificate(arn))
    }
  }
}

/** Exactly one certificate may be given in a call. */
function readCertificates(input: QueryInput): [string] {
  const arns = input.members('Certificates').map((certificate) => certificate.text('CertificateArn') ?? '')
  const [arn = '', ...others] = arns
  if (others.length > 0) throw refuse('ValidationError', messages.oneCertificate)
  if (!CERTIFICATE_ARN.test(arn)) throw refuse('ValidationError', messages.certificateArnNotValid(arn))
  return [arn]
}

function checkProtocol({ type }: LoadBalancer, protocol: string): void {
  if (!PROTOCOLS[type].some((candidate) => candidate === protocol)) {
    throw refuse('ValidationError', messages.protocolNotSupported(protocol, type))
  }
}

function readActions(input: QueryInput): Action[] {
  return input
    .members('DefaultActions')
    .map((action) => ({ type: action.text('Type') ?? '', targetGroupArn: action.text('TargetGroupArn') }))
}
