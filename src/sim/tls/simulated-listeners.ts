import { statusOf } from '../aws/acm/certificate.ts'
import type { Listener } from '../aws/elbv2/load-balancer.ts'
import type { SimulatedAws } from '../aws/world.ts'
import type { ListenerSource } from './certificate-choice.ts'

/** The TLS listeners of a simulated AWS, as they are at the moment of each question. */
export function simulatedListeners(aws: SimulatedAws): ListenerSource {
  const listenersOf = (dnsName: string): readonly Listener[] => {
    const loadBalancer = aws.loadBalancers.all.find((candidate) => candidate.dnsName === dnsName)
    const listeners = [...(loadBalancer?.listeners.values() ?? [])]
    return listeners.filter(({ protocol }) => protocol === 'HTTPS' || protocol === 'TLS')
  }
  return {
    ports: (dnsName) => listenersOf(dnsName).map(({ port }) => port),
    listener: (dnsName, port) => {
      const listener = listenersOf(dnsName).find((candidate) => candidate.port === port)
      if (!listener) return undefined
      return { default: listener.defaultCertificate.latest, list: listener.certificates.latest ?? [] }
    },
    pem: (arn) => {
      const certificate = aws.certificate(arn)
      if (!certificate) return undefined
      const { names } = certificate
      const { certificatePem, chainPem, privateKeyPem } = aws.pem(arn)
      return {
        names,
        chain: certificatePem + chainPem,
        key: privateKeyPem,
        expired: statusOf(certificate) === 'EXPIRED',
      }
    },
  }
}
