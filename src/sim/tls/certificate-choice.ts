/** What a load balancer has on one of its TLS listeners at this moment. */
export interface ListenerCertificates {
  readonly default: string | undefined
  /** ARNs in the listener's list. */
  readonly list: readonly string[]
}

/** A certificate with its private key, as PEM; the chain without its root. */
export interface CertificatePem {
  readonly names: readonly string[]
  readonly chain: string
  readonly key: string
  /** Its time is over: shown only where nothing else matches. */
  readonly expired?: boolean
}

/** The world behind the TLS listeners: asked anew for every handshake. */
export interface ListenerSource {
  /** `undefined` where there is no such TLS listener now. */
  listener(dnsName: string, port: number): ListenerCertificates | undefined
  /** The ports of all TLS listeners of a load balancer. */
  ports(dnsName: string): readonly number[]
  /** `undefined` for a certificate that has no key to serve with. */
  pem(arn: string): CertificatePem | undefined
}

/**
 * Which certificate a load balancer shows for a server name: one of the list with that very name, else one whose wildcard matches, each
 * rather not expired, else the default. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html, "SNI".
 */
export function chooseCertificate(options: {
  source: ListenerSource
  certificates: ListenerCertificates
  serverName: string | undefined
}): CertificatePem | undefined {
  const { source, certificates, serverName } = options
  const fallback = certificates.default === undefined ? undefined : source.pem(certificates.default)
  if (serverName === undefined) return fallback
  const name = serverName.toLowerCase()
  const parent = name.slice(name.indexOf('.') + 1)
  const arns = [...certificates.list, ...(certificates.default === undefined ? [] : [certificates.default])]
  const attached = arns.map((arn) => source.pem(arn)).filter((pem) => pem !== undefined)
  const best = (pems: readonly CertificatePem[]) =>
    pems.find((pem) => pem.names.includes(name)) ?? pems.find((pem) => pem.names.includes(`*.${parent}`))
  return best(attached.filter((pem) => !pem.expired)) ?? best(attached) ?? fallback
}
