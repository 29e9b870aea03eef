import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ANY_SECRET } from '../../sim/aws/accounts.ts'
import { serveAws } from '../../sim/aws/server.ts'
import { ACCESS_KEYS, type EmbeddedWorld } from '../../sim/embedded.ts'
import { serveKubernetes } from '../../sim/kube/http.ts'
import { word, writeStateFiles } from '../sandbox/state-files.ts'

/** Serves the embedded world on loopback ports, says how to look around in it, and returns when `until` resolves. */
export async function lookAround(options: {
  embedded: EmbeddedWorld
  directory: string
  /** A host that is served, and where. */
  example: { host: string; dnsName: string; port: number } | undefined
  say: (line: string) => void
  until: Promise<void>
}): Promise<void> {
  const { embedded, directory, example, say, until } = options
  const kubernetes = await serveKubernetes({ kube: embedded.kube })
  const aws = await serveAws({ gateway: embedded.aws.gateway })
  try {
    const files = writeStateFiles(directory, {
      kubernetes: kubernetes.url,
      aws: aws.url,
      region: embedded.world.aws.region ?? '',
      accessKeyId: ACCESS_KEYS.colleague,
      secretAccessKey: ANY_SECRET,
    })
    const ca = resolve(join(directory, 'ca.pem'))
    writeFileSync(ca, embedded.aws.caPem)
    say('')
    say('The world stays up until Ctrl-C. To look around, in another terminal:')
    say('')
    say(`  . ${word(files.environment)}          # KUBECONFIG=${files.kubeconfig}`)
    say('  kubectl get ingress,certclaim -A')
    say('  kubectl get acmcert -o wide')
    say('  kubectl describe ingress -n shop shop')
    say('  aws acm list-certificates')
    if (example) {
      const local = await embedded.balancers.localPort(example.dnsName, example.port)
      say(`  curl --cacert ${word(ca)} --connect-to ::127.0.0.1:${local} https://${example.host}/`)
    }
    await until
  } finally {
    await Promise.all([kubernetes.close(), aws.close()])
  }
}
