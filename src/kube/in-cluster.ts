import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CredentialsProvider } from './http-transport.ts'

/** Where the kubelet mounts a pod's service account. */
export const SERVICE_ACCOUNT_DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount'

/** The API server as a pod finds it: https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ */
export async function inCluster(options: { host: string; port: string; directory: string }): Promise<{
  server: string
  namespace: string | undefined
  credentials: CredentialsProvider
}> {
  const { host, port, directory } = options
  // An IPv6 address stands in brackets in a URL.
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`
  const namespace = await readFile(join(directory, 'namespace'), 'utf8').catch(() => '')
  return {
    server,
    namespace: namespace.trim() === '' ? undefined : namespace.trim(),
    // Both files are replaced while we run: the token about hourly, the authority when it is rotated.
    credentials: async () => {
      const [token, ca] = await Promise.all([
        readFile(join(directory, 'token'), 'utf8'),
        readFile(join(directory, 'ca.crt'), 'utf8'),
      ])
      return { headers: { authorization: `Bearer ${token.trim()}` }, tls: { ca } }
    },
  }
}
