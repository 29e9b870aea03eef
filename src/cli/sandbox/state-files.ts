import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { stringify } from 'yaml'
import { UsageError } from '../usage-error.ts'

/** Where the two servers are, and what to sign with. */
export interface SandboxAccess {
  /** URL of the Kubernetes API. */
  readonly kubernetes: string
  /** URL of every AWS service. */
  readonly aws: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

export interface StateFiles {
  readonly kubeconfig: string
  readonly environment: string
}

/**
 * Writes `kubeconfig` and `sandbox.env` into `directory`, and gives their absolute paths.
 * @throws UsageError when they cannot be written.
 */
export function writeStateFiles(directory: string, access: SandboxAccess): StateFiles {
  const files = {
    kubeconfig: resolve(join(directory, 'kubeconfig')),
    environment: resolve(join(directory, 'sandbox.env')),
  }
  try {
    mkdirSync(directory, { recursive: true })
    writeFileSync(files.kubeconfig, kubeconfigOf(access), { mode: 0o600 })
    writeFileSync(files.environment, environmentOf(access, files.kubeconfig), { mode: 0o600 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new UsageError(
      `nothing can be written into the directory ${directory} of --state-dir (${code}): give one that you may write to.`,
    )
  }
  return files
}

function kubeconfigOf({ kubernetes }: SandboxAccess): string {
  const name = 'certwright-sandbox'
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: kubernetes } }],
    users: [{ name, user: {} }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: 'default' } }],
    'current-context': name,
  })
}

/** The SDK for JavaScript reads AWS_REGION only, the AWS CLI and boto3 AWS_DEFAULT_REGION. */
function environmentOf(access: SandboxAccess, kubeconfig: string): string {
  const variables = {
    KUBECONFIG: kubeconfig,
    AWS_ENDPOINT_URL: access.aws,
    AWS_REGION: access.region,
    AWS_DEFAULT_REGION: access.region,
    AWS_ACCESS_KEY_ID: access.accessKeyId,
    AWS_SECRET_ACCESS_KEY: access.secretAccessKey,
  }
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}=${word(value)}\n`)
    .join('')
}

/** One word of a POSIX shell. */
export function word(value: string): string {
  return /^[\w./:@%+=,-]+$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`
}
