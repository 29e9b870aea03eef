import { VirtualClock } from '../sim/clock.ts'
import { Calls, type CallsOptions } from './call.ts'
import { type Clients, createClients } from './clients.ts'
import type { AwsRequest, RequestHandler } from './handler.ts'
import { Quotas } from './quotas.ts'

/** A request as a test wants to see it: which operation, with what. */
export interface SeenRequest {
  /** `RequestCertificate`, or `GET /2013-04-01/hostedzone` for Route 53. */
  readonly operation: string
  /** The JSON input; the form's fields; for Route 53 the query. */
  readonly input: Record<string, unknown>
  /** The body as text. */
  readonly body: string
  readonly raw: AwsRequest
}

/** A raw answer: a JSON value or XML text, with its status. */
export interface Answer {
  readonly status?: number
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

/** For tests of the adapters: the real clients on a handler that answers as a script says, on a virtual clock. */
export function scripted(
  answer: (request: SeenRequest, index: number) => Answer | Promise<Answer>,
  calls: Partial<CallsOptions> = {},
): { clock: VirtualClock; clients: Clients; calls: Calls; seen: SeenRequest[] } {
  const clock = new VirtualClock()
  const seen: SeenRequest[] = []
  const requestHandler: RequestHandler = {
    metadata: { handlerProtocol: 'http/1.1' },
    handle: async (raw) => {
      const request = read(raw)
      seen.push(request)
      const { status = 200, body = '', headers = {} } = await answer(request, seen.length - 1)
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      return { response: { statusCode: status, headers, body: Buffer.from(text) } }
    },
    updateHttpClientConfig: () => {},
    httpHandlerConfigs: () => ({}),
    destroy: () => {},
  }
  const clients = createClients({
    access: { requestHandler, credentials: () => Promise.resolve({ accessKeyId: 'AKID', secretAccessKey: 'secret' }) },
    region: 'eu-central-1',
    version: '0.0.0',
  })
  const quotas = calls.quotas ?? new Quotas({ clock })
  return { clock, clients, calls: new Calls({ clock, quotas, ...calls }), seen }
}

function read(raw: AwsRequest): SeenRequest {
  const body = typeof raw.body === 'string' ? raw.body : new TextDecoder().decode(raw.body)
  const target = raw.headers['x-amz-target']
  if (target !== undefined) {
    return { operation: target.split('.').at(-1) ?? '', input: JSON.parse(body) as Record<string, unknown>, body, raw }
  }
  if (raw.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
    const input = Object.fromEntries(new URLSearchParams(body))
    return { operation: input.Action ?? '', input, body, raw }
  }
  return { operation: `${raw.method} ${raw.path}`, input: { ...raw.query }, body, raw }
}

/** Runs a promise to its end on a clock that nobody else advances. */
export async function finish<Value>(clock: VirtualClock, promise: Promise<Value>): Promise<Value> {
  let settled = false
  promise.then(
    () => (settled = true),
    () => (settled = true),
  )
  await clock.advanceUntil(() => settled, 3_600_000)
  return promise
}
