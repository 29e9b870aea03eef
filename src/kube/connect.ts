import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import { ConnectionError } from './connection-error.ts'
import { createHttpTransport, type HttpTransport } from './http-transport.ts'
import { inCluster, SERVICE_ACCOUNT_DIRECTORY } from './in-cluster.ts'
import { type KubeconfigConnection, loadKubeconfig } from './kubeconfig.ts'

/** The environment variables that decide which cluster is meant. */
export interface ConnectEnvironment {
  readonly KUBECONFIG?: string | undefined
  readonly HOME?: string | undefined
  readonly KUBERNETES_SERVICE_HOST?: string | undefined
  readonly KUBERNETES_SERVICE_PORT?: string | undefined
}

export interface KubeConnection extends HttpTransport {
  /** URL of the API server. */
  readonly server: string
  /** The namespace of the context, or of the pod. */
  readonly namespace: string | undefined
}

/**
 * A Transport to the cluster that is meant: the kubeconfig that was named; that of `KUBECONFIG`; the cluster that this pod runs in; the
 * one in `~/.kube/config`. Opens no connection: whether the server answers is found out by asking it.
 * @throws ConnectionError
 */
export async function connect(options: {
  clock: Clock
  kubeconfig?: string | undefined
  context?: string | undefined
  environment: ConnectEnvironment
  /** Where the service account is mounted; for tests. */
  serviceAccountDirectory?: string | undefined
}): Promise<KubeConnection> {
  const { clock } = options
  const { server, namespace, credentials, proxy } = await locate(options)
  const transport = createHttpTransport({ server, credentials, proxy, clock })
  return { ...transport, server, namespace }
}

async function locate(options: Parameters<typeof connect>[0]): Promise<KubeconfigConnection> {
  const { environment, context } = options
  if (options.kubeconfig !== undefined) {
    return loadKubeconfig({ files: options.kubeconfig, origin: '--kubeconfig', context })
  }
  if (environment.KUBECONFIG) return loadKubeconfig({ files: environment.KUBECONFIG, origin: 'KUBECONFIG', context })
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = environment
  const directory = options.serviceAccountDirectory ?? SERVICE_ACCOUNT_DIRECTORY
  if (host && (await exists(join(directory, 'token')))) {
    if (context !== undefined) {
      throw new ConnectionError(
        'ContextWithoutKubeconfig',
        `--context "${context}" needs a kubeconfig, but in a cluster the service account is used; name the file with --kubeconfig, or leave --context out.`,
      )
    }
    return { ...(await inCluster({ host, port, directory })), proxy: undefined }
  }
  const home = environment.HOME ? join(environment.HOME, '.kube', 'config') : undefined
  if (home && (await exists(home))) return loadKubeconfig({ files: home, origin: 'the home directory', context })
  throw new ConnectionError(
    'NoCluster',
    `No Kubernetes cluster is configured: there is neither --kubeconfig nor KUBECONFIG nor ${home ?? '~/.kube/config'}, and this is not a pod; name a kubeconfig with --kubeconfig.`,
  )
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
