import type { AwsResponse, RequestHandler } from '../../aws/handler.ts'
import type { KubeResponse, Transport } from '../../kube/transport.ts'
import type { World } from '../../world.ts'
import { type CallKind, nameOfAwsCall, nameOfKubeCall } from './call.ts'

/** What is done with what goes over the line. */
export interface Interception {
  /** Instead of merely sending a call. `send` carries it out, as often as it is called, and resolves with the answer. */
  call<Answer>(
    call: { readonly to: 'aws' | 'kubernetes'; readonly label: string; readonly kind: CallKind },
    send: () => Promise<Answer>,
  ): Promise<Answer>
  /** Instead of merely hearing the events of a watch, each of which comes as one chunk. */
  watch(collection: string, events: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>
}

/**
 * A world in which everything goes through `interception`. A write that was sent stays sent: its caller's signal ends the waiting for the
 * answer, not the request.
 */
export function interceptedWorld(world: World, interception: Interception): World {
  const { requestHandler } = world.aws
  return {
    ...world,
    kube: interceptedTransport(world.kube, interception),
    aws: { ...world.aws, requestHandler: requestHandler && interceptedHandler(requestHandler, interception) },
  }
}

function interceptedTransport(inner: Transport, interception: Interception): Transport {
  return {
    request: async (request) => {
      const named = { to: 'kubernetes' as const, ...nameOfKubeCall(request) }
      if (named.kind === 'read') {
        const answer = await until(
          request.signal,
          interception.call(named, () => inner.request(request)),
        )
        const [verb, collection = ''] = named.label.split(/[ /]/)
        return verb === 'watch' ? { ...answer, body: interception.watch(collection, answer.body) } : answer
      }
      const send = () => inner.request({ ...request, signal: new AbortController().signal })
      return await until<KubeResponse>(request.signal, interception.call(named, send))
    },
  }
}

function interceptedHandler(inner: RequestHandler, interception: Interception): RequestHandler {
  return {
    metadata: inner.metadata,
    handle: async (request, options) => {
      const named = { to: 'aws' as const, ...nameOfAwsCall(request) }
      const send = () => inner.handle(request, named.kind === 'read' ? options : {})
      return await until<{ response: AwsResponse }>(options?.abortSignal, interception.call(named, send))
    },
    updateHttpClientConfig: (key, value) => inner.updateHttpClientConfig(key, value),
    httpHandlerConfigs: () => inner.httpHandlerConfigs(),
    destroy: () => {},
  }
}

/** The answer, or the signal's reason where that comes first. */
async function until<Answer>(signal: AbortSignal | undefined, answer: Promise<Answer>): Promise<Answer> {
  if (!signal) return await answer
  return await new Promise<Answer>((resolve, reject) => {
    const onAbort = () =>
      reject(Object.assign(new Error('Request aborted', { cause: signal.reason }), { name: 'AbortError' }))
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
