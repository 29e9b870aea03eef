/**
 * The seam to a Kubernetes API server: one request, one answer with a stream for a body. Three implementations: `undici` to a real
 * server, the simulated server in process, and a wrapper that injects faults.
 */
export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Without query: `/apis/networking.k8s.io/v1/ingresses`. Each segment is already percent-encoded. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>> | undefined
  /** Lower-case names. `accept` and `content-type` default to `application/json`. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: string | undefined
  readonly signal: AbortSignal
}

export interface KubeResponse {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** Must be read to its end, or left by `return()`/`break`, which closes it. Never ends by itself for a watch that stays open. */
  readonly body: AsyncIterable<Uint8Array>
}

/**
 * @throws the signal's reason when aborted, before the answer or while its body is read; any other error means that the network
 * failed and that the request may have taken effect.
 */
export interface Transport {
  request(request: KubeRequest): Promise<KubeResponse>
}
