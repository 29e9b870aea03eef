/** Why we do not know where the API server is, or how to be let in: a wrong setting, not a world that is not there yet. */
export type ConnectionErrorReason =
  | 'KubeconfigMissing'
  | 'KubeconfigInvalid'
  | 'ContextUnknown'
  | 'ClusterInvalid'
  | 'ContextWithoutKubeconfig'
  | 'NoCluster'

/** One sentence that names the file, the value and the cure. */
export class ConnectionError extends Error {
  readonly reason: ConnectionErrorReason

  constructor(reason: ConnectionErrorReason, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'ConnectionError'
    this.reason = reason
  }
}
