/**
 * The seam under the AWS SDK's clients: a request as the SDK serialised and signed it, an answer as the wire brings it. Structurally
 * what SDK v3 takes as `requestHandler`.
 */
export interface AwsRequest {
  readonly method: string
  readonly protocol: string
  readonly hostname: string
  readonly port?: number | undefined
  readonly path: string
  readonly query: Readonly<Record<string, string | readonly string[] | null>>
  /** Names in any case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | undefined
}

export interface AwsResponse {
  readonly statusCode: number
  readonly headers: Record<string, string>
  readonly body: Uint8Array
}

export interface RequestHandler {
  readonly metadata: { readonly handlerProtocol: string }
  handle(request: AwsRequest, options?: { abortSignal?: AbortSignal | undefined }): Promise<{ response: AwsResponse }>
  updateHttpClientConfig(key: never, value: never): void
  httpHandlerConfigs(): Record<string, never>
  destroy(): void
}
