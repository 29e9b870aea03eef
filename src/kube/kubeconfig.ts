import { access } from 'node:fs/promises'
import { delimiter } from 'node:path'
import type { KubeConfig } from '@kubernetes/client-node'
import { ConnectionError } from './connection-error.ts'
import type { CredentialsProvider, KubeTls } from './http-transport.ts'

/** Where an API server is and how to be let in, as one context of a kubeconfig says. */
export interface KubeconfigConnection {
  readonly server: string
  readonly namespace: string | undefined
  readonly proxy: string | undefined
  readonly credentials: CredentialsProvider
}

/**
 * Reads a kubeconfig with the official client library, which knows exec plugins, identity providers and client certificates. Several
 * files, separated as in a PATH, are merged, and those that do not exist are passed over as long as one does: kubectl's rule.
 * @param options.files one path or several
 * @param options.origin how the files were named, for messages: `--kubeconfig`, `KUBECONFIG`
 * @throws ConnectionError
 */
export async function loadKubeconfig(options: {
  files: string
  origin: string
  context?: string | undefined
}): Promise<KubeconfigConnection> {
  const files = await existing(options.files, options.origin)
  let config = await read(files, options.context)
  const { cluster, namespace } = describe(config, files)
  return {
    server: cluster.server,
    namespace,
    proxy: cluster.proxyUrl,
    credentials: async ({ renew }) => {
      // The library remembers a plugin's token without an expiry for ever; a config read anew remembers nothing.
      if (renew) config = await read(files, options.context)
      return authenticate(config)
    },
  }
}

async function existing(paths: string, origin: string): Promise<string[]> {
  const all = paths.split(delimiter).filter((path) => path !== '')
  const found: string[] = []
  for (const path of all) {
    const readable = await access(path).then(
      () => true,
      () => false,
    )
    if (readable) found.push(path)
  }
  if (found.length > 0) return found
  throw new ConnectionError(
    'KubeconfigMissing',
    `The kubeconfig ${all.join(', ')} (from ${origin}) does not exist or cannot be read; name one that does with --kubeconfig.`,
  )
}

async function read(files: readonly string[], context: string | undefined): Promise<KubeConfig> {
  const { KubeConfig } = await import('@kubernetes/client-node')
  let merged: KubeConfig | undefined
  for (const file of files) {
    const config = new KubeConfig()
    try {
      config.loadFromFile(file)
      if (merged) merged.mergeConfig(config, true)
      else merged = config
    } catch (cause) {
      const text = cause instanceof Error ? cause.message : String(cause)
      throw new ConnectionError('KubeconfigInvalid', `The kubeconfig ${file} cannot be read: ${text}.`, cause)
    }
  }
  const config = merged ?? new KubeConfig()
  if (context !== undefined) {
    choose(config, { context, files })
    config.setCurrentContext(context)
  }
  return config
}

function choose(config: KubeConfig, wanted: { context: string; files: readonly string[] }): void {
  const names = (config.contexts ?? []).map((context) => context.name)
  if (names.includes(wanted.context)) return
  throw new ConnectionError(
    'ContextUnknown',
    `The kubeconfig ${wanted.files.join(', ')} has no context "${wanted.context}"; ${known(names)}.`,
  )
}

function describe(config: KubeConfig, files: readonly string[]) {
  const where = files.join(', ')
  const name = config.getCurrentContext()
  const context = name ? config.getContextObject(name) : null
  if (!context) {
    const names = (config.contexts ?? []).map((each) => each.name)
    const problem = name ? `names "${name}" as its current context but has no such context` : 'has no current context'
    throw new ConnectionError(
      'ContextUnknown',
      `The kubeconfig ${where} ${problem}; choose one with --context: ${known(names)}.`,
    )
  }
  const cluster = config.getCluster(context.cluster)
  if (!cluster || !URL.canParse(cluster.server)) {
    const problem = cluster ? `whose server "${cluster.server}" is not a URL` : 'which it does not define'
    throw new ConnectionError(
      'ClusterInvalid',
      `The context "${name}" of the kubeconfig ${where} points at the cluster "${context.cluster}", ${problem}.`,
    )
  }
  return { cluster, namespace: context.namespace }
}

function known(names: readonly string[]): string {
  return names.length === 0 ? 'it has no contexts at all' : `it has ${names.map((name) => `"${name}"`).join(', ')}`
}

async function authenticate(config: KubeConfig) {
  const options: Parameters<KubeConfig['applyToHTTPSOptions']>[0] = {}
  await forPlainHttp(config).applyToHTTPSOptions(options)
  const { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized } = options as KubeTls
  const tls = { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized }
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name.toLowerCase()] = String(value)
  if (options.auth) headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`
  const known = Object.entries(tls).filter(([, value]) => value !== undefined)
  return { headers, tls: Object.fromEntries(known) as KubeTls }
}

/** The library refuses a server on plain HTTP unless certificates are not to be checked, of which there are none. */
function forPlainHttp(config: KubeConfig): KubeConfig {
  const cluster = config.getCurrentCluster()
  if (!cluster?.server.startsWith('http:')) return config
  Object.assign(cluster, { skipTLSVerify: true })
  return config
}
