import {
  type Certificate as ListenerCertificate,
  DescribeListenerCertificatesCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  type ElasticLoadBalancingV2Client,
  type Listener as ElbListener,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Arn } from '../core/certificate.ts'
import { normaliseName } from '../core/names.ts'
import type { Listener, LoadBalancer } from '../core/observation.ts'
import type { CallOptions, Calls } from './call.ts'
import { pagesByToken, required } from './pages.ts'

/** The largest page of DescribeLoadBalancers, DescribeListeners and DescribeListenerCertificates. */
const PageSize = 400

/** Load balancers and what their listeners serve, in Elastic Load Balancing v2. Reads only. Every method throws AwsError. */
export class Elbv2 {
  readonly #client: ElasticLoadBalancingV2Client
  readonly #calls: Calls

  constructor(options: { client: ElasticLoadBalancingV2Client; calls: Calls }) {
    this.#client = options.client
    this.#calls = options.calls
  }

  /** Every application load balancer of the account and region. All pages, or it throws. */
  async describeLoadBalancers(options: CallOptions = {}): Promise<readonly LoadBalancer[]> {
    const pages = await pagesByToken('DescribeLoadBalancers', (Marker) =>
      this.#calls
        .send('DescribeLoadBalancers', options, (http) =>
          this.#client.send(new DescribeLoadBalancersCommand({ PageSize, Marker }), http),
        )
        .then((answer) => ({ page: required('DescribeLoadBalancers', answer.LoadBalancers), next: answer.NextMarker })),
    )
    return pages.flatMap(({ LoadBalancerArn: arn, DNSName, Type }) =>
      arn === undefined || DNSName === undefined || (Type ?? 'application') !== 'application'
        ? []
        : [{ arn, dnsName: normaliseName(DNSName).replace(/^dualstack\./, '') }],
    )
  }

  /**
   * Every listener of one load balancer with every certificate that it serves. Whole, or it throws: `notFound` where the load balancer,
   * or a listener between two of the calls, is gone.
   */
  async describeListeners(loadBalancerArn: string, options: CallOptions = {}): Promise<readonly Listener[]> {
    const listeners = await pagesByToken('DescribeListeners', (Marker) =>
      this.#calls
        .send('DescribeListeners', options, (http) =>
          this.#client.send(new DescribeListenersCommand({ LoadBalancerArn: loadBalancerArn, PageSize, Marker }), http),
        )
        .then((answer) => ({ page: required('DescribeListeners', answer.Listeners), next: answer.NextMarker })),
    )
    return Promise.all(
      listeners.flatMap((listener) =>
        listener.ListenerArn === undefined ? [] : [this.#listener(listener, listener.ListenerArn, options)],
      ),
    )
  }

  async #listener(listener: ElbListener, arn: string, options: CallOptions): Promise<Listener> {
    const protocol = listener.Protocol ?? ''
    const encrypted = protocol === 'HTTPS' || protocol === 'TLS'
    const others = encrypted ? await this.#certificatesOf(arn, options) : []
    return { arn, port: listener.Port ?? 0, protocol, certificates: arnsOf(listener.Certificates ?? [], others) }
  }

  #certificatesOf(ListenerArn: string, options: CallOptions): Promise<readonly ListenerCertificate[]> {
    return pagesByToken('DescribeListenerCertificates', (Marker) =>
      this.#calls
        .send('DescribeListenerCertificates', options, (http) =>
          this.#client.send(new DescribeListenerCertificatesCommand({ ListenerArn, PageSize, Marker }), http),
        )
        .then((answer) => ({
          page: required('DescribeListenerCertificates', answer.Certificates),
          next: answer.NextMarker,
        })),
    )
  }
}

/** The default first, each once: ELB lists the default again where it is in the list too. The later call knows the default best. */
function arnsOf(defaults: readonly ListenerCertificate[], shown: readonly ListenerCertificate[]): readonly Arn[] {
  const marked = shown.filter((certificate) => certificate.IsDefault === true)
  const ordered = [...(marked.length > 0 ? marked : defaults), ...shown]
  return [...new Set(ordered.flatMap(({ CertificateArn }) => CertificateArn ?? []))]
}
