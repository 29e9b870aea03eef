import type { Transport } from '../../../src/kube/transport.ts'
import type { Json, JsonObject } from '../../../src/sim/kube/json.ts'
import { stringAt } from '../../../src/sim/kube/json.ts'
import { differencesOf } from './comparison.ts'
import { eventsUntilFence, raiseFence } from './fence.ts'
import { Names, PLACES } from './kinds.ts'
import { NormalForm } from './normal-form.ts'
import type { Operation } from './operation.ts'
import { type OpenWatch, type Outcome, Side } from './side.ts'

/** Where the two servers part. */
export interface Difference {
  /** Index of the operation; for the events of a watch that of its opening. */
  readonly at: number
  readonly operation: Operation
  /** What it shows in: the answer, what is read right afterwards, or the events of a watch. */
  readonly where: 'answer' | 'stored' | 'events'
  /** `path: real ≠ simulated` */
  readonly lines: readonly string[]
}

/** What came of an operation, for the histogram. */
export interface Result {
  readonly operation: Operation
  /** `200`, `409 Conflict`, … */
  readonly outcome: string
  readonly isError: boolean
}

export interface Encounter {
  readonly difference: Difference | undefined
  readonly results: readonly Result[]
}

interface Contestant {
  readonly side: Side
  readonly form: NormalForm
  readonly watches: OpenWatch[]
}

/**
 * Sends the same operations to both servers, one after the other, until they differ.
 * @throws Error when a server cannot be reached, or refuses what prepares a sequence.
 */
export async function meet(options: {
  readonly real: Transport
  readonly simulated: Transport
  readonly prefix: string
  readonly operations: readonly Operation[]
}): Promise<Encounter> {
  const names = new Names(options.prefix)
  const contestant = (transport: Transport): Contestant => ({
    side: new Side({ transport, names }),
    form: new NormalForm(),
    watches: [],
  })
  const both = [contestant(options.real), contestant(options.simulated)] as const
  const results: Result[] = []
  try {
    await each(both, ({ side }) => side.begin())
    const difference =
      (await compareOperations({ operations: options.operations, both, names, results })) ??
      (await compareEvents({ operations: options.operations, both, names }))
    return { difference, results }
  } finally {
    await Promise.all(both.flatMap(({ watches }) => watches.map(({ reader }) => reader.close())))
    await both[0].side.clean()
  }
}

async function each<T>(
  both: readonly [Contestant, Contestant],
  ask: (contestant: Contestant) => Promise<T>,
): Promise<[T, T]> {
  return await Promise.all([ask(both[0]), ask(both[1])])
}

async function compareOperations(run: {
  operations: readonly Operation[]
  both: readonly [Contestant, Contestant]
  names: Names
  results: Result[]
}): Promise<Difference | undefined> {
  const { operations, both, names, results } = run
  for (const [at, operation] of operations.entries()) {
    const [real, simulated] = await each(both, async ({ side, form, watches }) => {
      const outcome = await side.perform(operation)
      if (outcome.kind === 'watch') watches.push({ ...outcome.watch, at })
      return { outcome, shape: shapeOf({ outcome, operation, form, names }) }
    })
    results.push(resultOf(operation, real.outcome))
    const lines = differencesOf(real.shape, simulated.shape)
    if (lines.length > 0) return { at, operation, where: 'answer', lines }
    if (!('on' in operation) || operation.verb === 'get') continue
    const [stored, expected] = await each(both, async ({ side, form }) => {
      const { body } = await side.read(operation.on)
      return form.of(body as unknown as JsonObject, operation.on.kind)
    })
    const parted = differencesOf(stored, expected)
    if (parted.length > 0) return { at, operation, where: 'stored', lines: parted }
  }
  return undefined
}

/** What of an outcome must be the same on both sides. */
function shapeOf(seen: { outcome: Outcome; operation: Operation; form: NormalForm; names: Names }): Json {
  const { outcome, operation, form, names } = seen
  if (outcome.kind === 'watch') return 'a watch'
  const { status, body, warnings } = outcome
  if (operation.verb === 'list' && status === 200) {
    const whole = PLACES[operation.kind].namespaced && operation.space !== '*'
    return form.ofList(body, { kind: operation.kind, owns: (item) => names.owns(item), whole })
  }
  const kind = 'on' in operation ? operation.on.kind : operation.kind
  return { status, warnings: status < 400 ? inOrder(warnings) : '', body: form.of(body, kind) }
}

/** The server tells warnings in the order of its fields, which are Go’s. */
const inOrder = (warnings: string): string => warnings.split(', ').sort().join(', ')

function resultOf(operation: Operation, outcome: Outcome): Result {
  if (outcome.kind === 'watch') return { operation, outcome: '200', isError: false }
  const { status, body } = outcome
  const reason = stringAt(body, 'reason') ?? ''
  const isError = status >= 400
  return { operation, outcome: isError ? `${status} ${reason}`.trim() : String(status), isError }
}

/** Writes, for each watch, something that it must tell, and compares all that they told until then. */
async function compareEvents(run: {
  operations: readonly Operation[]
  both: readonly [Contestant, Contestant]
  names: Names
}): Promise<Difference | undefined> {
  const { operations, both, names } = run
  const opened = both[0].watches
  for (const [index, watch] of opened.entries()) await each(both, ({ side }) => raiseFence(side, watch, index))
  for (const [index, watch] of opened.entries()) {
    const [told, expected] = await each(both, ({ form, watches }) =>
      eventsUntilFence({ watch: watches[index] as OpenWatch, index, form, names }),
    )
    const operation = operations[watch.at] as Operation
    const lines = differencesOf(told, expected)
    if (lines.length > 0) return { at: watch.at, operation, where: 'events', lines }
  }
  return undefined
}
