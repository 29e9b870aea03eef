import type { Status } from './errors.ts'
import type { KubeObject } from './resource.ts'

/** One line of a watch: https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes */
export type WatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: KubeObject }
  /** Nothing changed up to this resourceVersion. */
  | { readonly type: 'BOOKMARK'; readonly object: KubeObject }
  | { readonly type: 'ERROR'; readonly object: Status }

/** Set on the bookmark that ends the initial events of a streamed list (KEP-3157). */
export const INITIAL_EVENTS_END = 'k8s.io/initial-events-end'

/** An object in etcd has at most 1.5 MiB by default; ten times that is not an object. */
const LONGEST_LINE = 16 * 1024 * 1024

/** @throws SyntaxError on a line that is no event; whatever reading `body` throws. A last line that is cut off is dropped. */
export async function* readWatchEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<WatchEvent> {
  for await (const line of readLines(body)) yield parseEvent(line)
}

async function* readLines(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  // The pieces of the line under way: joined once, when it is whole, so that a long line in small chunks stays linear.
  let pieces: string[] = []
  let length = 0
  for await (const chunk of body) {
    const [first = '', ...rest] = decoder.decode(chunk, { stream: true }).split('\n')
    pieces.push(first)
    length += first.length
    for (const next of rest) {
      const line = pieces.join('')
      if (line.trim() !== '') yield line
      pieces = [next]
      length = next.length
    }
    if (length > LONGEST_LINE) throw new SyntaxError(`a line of the watch is longer than ${LONGEST_LINE} characters`)
  }
}

function parseEvent(line: string): WatchEvent {
  const event = JSON.parse(line) as WatchEvent
  switch (event.type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
    case 'BOOKMARK':
    case 'ERROR':
      return event
    default:
      throw new SyntaxError(`a line of the watch is no event: ${line.slice(0, 100)}`)
  }
}
