import { ACCESS_KEYS, type EmbeddedWorld } from '../../sim/embedded.ts'
import { ANY_SECRET } from '../../sim/aws/accounts.ts'
import { serveAws } from '../../sim/aws/server.ts'
import { DEFAULT_REGION } from '../../sim/aws/world.ts'
import { serveKubernetes } from '../../sim/kube/http.ts'
import { AddressUnavailable } from '../../telemetry/server.ts'
import { type SandboxAccess, type StateFiles, writeStateFiles } from './state-files.ts'

/** An embedded world that other processes can reach. */
export interface ServedWorld {
  readonly access: SandboxAccess
  readonly files: StateFiles
  close(): Promise<void>
}

/**
 * Serves the world on loopback ports (0: any free one), and writes into `stateDirectory` how to reach it.
 * @throws AddressUnavailable, or UsageError where nothing can be written; nothing is left listening.
 */
export async function serveWorld(options: {
  embedded: EmbeddedWorld
  stateDirectory: string
  kubernetesPort: number
  awsPort: number
}): Promise<ServedWorld> {
  const { embedded, stateDirectory, kubernetesPort, awsPort } = options
  const open: { close(): Promise<void> }[] = []
  const close = async () => void (await Promise.all(open.map((server) => server.close())))
  try {
    const kubernetes = await listen('kubernetes-port', kubernetesPort, (port) =>
      serveKubernetes({ kube: embedded.kube, port }),
    )
    open.push(kubernetes)
    const aws = await listen('aws-port', awsPort, (port) => serveAws({ gateway: embedded.aws.gateway, port }))
    open.push(aws)
    const access: SandboxAccess = {
      kubernetes: kubernetes.url,
      aws: aws.url,
      region: DEFAULT_REGION,
      accessKeyId: ACCESS_KEYS.controller,
      secretAccessKey: ANY_SECRET,
    }
    return { access, files: writeStateFiles(stateDirectory, access), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function listen<T>(flag: string, port: number, serve: (port: number) => Promise<T>): Promise<T> {
  try {
    return await serve(port)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    throw new AddressUnavailable({ flag, address: `127.0.0.1:${port}`, code, zero: 'any free one' })
  }
}
