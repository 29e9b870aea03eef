import { type JsonObject, jsonTextOf } from './json.ts'
import type { ApiError } from './status.ts'
import type { WatchEvent } from './watch.ts'

/** An answer before it is bytes. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | AsyncGenerator<WatchEvent>
}

/** An answer in JSON; `warnings` for people, as kubectl shows them. */
export function json(status: number, body: JsonObject, warnings: readonly string[] = []): Answer {
  const warning = warnings.map((text) => `299 - ${JSON.stringify(text)}`).join(', ')
  return {
    status,
    headers: { 'content-type': 'application/json', ...(warning ? { warning } : {}) },
    body: jsonTextOf(body),
  }
}

/** What a refused request is answered. */
export function refusal(error: ApiError): Answer {
  const { status, headers, body } = json(error.code, error.status())
  const seconds = error.details?.retryAfterSeconds
  return { status, headers: seconds === undefined ? headers : { ...headers, 'retry-after': String(seconds) }, body }
}

/** What this server answers for a path that it does not know: no Status, as on the real one. */
export const PAGE_NOT_FOUND: Answer = {
  status: 404,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: '404 page not found\n',
}
