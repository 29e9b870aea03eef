import type { Json, JsonObject } from '../../../src/sim/kube/json.ts'
import type { Event } from '../../contracts/kubernetes-client.ts'
import { FENCES } from './bodies/fence.ts'
import type { Names } from './kinds.ts'
import type { NormalForm } from './normal-form.ts'
import type { On, Operation } from './operation.ts'
import type { OpenWatch, Side } from './side.ts'
import { compareText } from './text.ts'

/** How long a server may take to tell what was written. */
const PATIENCE_MS = 15_000

/** Writes what `watch` must tell: an object that all selectors of sequences match, under the name that it is about. */
export async function raiseFence(side: Side, watch: OpenWatch, index: number): Promise<void> {
  const { kind, space, only } = watch
  const on: On = { kind, space: space === '*' ? 'a' : space, name: only ?? 'fence' }
  await side.remove(on)
  const operation: Operation = {
    verb: 'create',
    on,
    body: { ...FENCES[kind], metadata: { labels: { app: 'one', fence: String(index) } } },
  }
  const outcome = await side.perform(operation)
  await side.read(on)
  if (outcome.kind === 'answer' && outcome.status !== 201)
    throw new Error(`the fence was refused: ${JSON.stringify(outcome.body)}`)
}

/** All that the watch told before its fence, in normal form. */
export async function eventsUntilFence(options: {
  watch: OpenWatch
  index: number
  form: NormalForm
  names: Names
}): Promise<Json> {
  const { watch, index, form, names } = options
  const timer = setTimeout(() => watch.reader.abort(new Error('nothing more was told')), PATIENCE_MS)
  const told: Event[] = []
  let end: Json = null
  try {
    for (;;) {
      const event = await watch.reader.next()
      if (isFence(event, index) && names.owns(event.object as unknown as JsonObject)) break
      if (isTold(event, names)) told.push(event)
    }
  } catch (error) {
    end = (error as Error).message
  } finally {
    clearTimeout(timer)
  }
  return { events: initialInOrder(told).map((event) => shapeOf(event, form, watch)), end }
}

const isFence = ({ type, object }: Event, index: number): boolean =>
  type === 'ADDED' && object.metadata.labels?.['fence'] === String(index)

/** Bookmarks come when the server likes, but for the one that ends the state. */
function isTold({ type, object }: Event, names: Names): boolean {
  if (type === 'BOOKMARK') return object.metadata.annotations !== undefined
  return type === 'ERROR' || names.owns(object as unknown as JsonObject)
}

/** The state that comes first has no order; what is written later has. */
function initialInOrder(events: readonly Event[]): Event[] {
  const mark = events.findIndex(({ type }) => type === 'BOOKMARK')
  if (mark < 0) return [...events]
  const key = ({ object }: Event) => `${object.metadata.namespace ?? ''}/${object.metadata.name}`
  return [...events.slice(0, mark).sort((left, right) => compareText(key(left), key(right))), ...events.slice(mark)]
}

function shapeOf({ type, object }: Event, form: NormalForm, { kind }: OpenWatch): Json {
  if (type !== 'BOOKMARK') return { type, object: form.of(object as unknown as JsonObject, kind) }
  const { annotations = {} } = object.metadata
  return { type, kind: object.kind, apiVersion: object.apiVersion, annotations: { ...annotations } }
}
