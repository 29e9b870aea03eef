import * as fc from 'fast-check'
import type { Transport } from '../../../src/kube/transport.ts'
import { CUSTOM_RESOURCE_DEFINITIONS } from '../../../src/kube/crds.ts'
import type { JsonObject } from '../../../src/sim/kube/json.ts'
import { VirtualClock } from '../../../src/sim/clock.ts'
import { SimulatedKubernetes } from '../../../src/sim/kube/server.ts'
import { seededRandom } from '../../../src/sim/random.ts'
import { type Difference, type Encounter, meet } from './encounter.ts'
import { Histogram } from './histogram.ts'
import { lineOf, type Operation } from './operation.ts'
import { sequences } from './sequence.ts'
import { shrink } from './shrink.ts'

/** A sequence that the two servers did not answer alike. */
export interface Finding {
  readonly operations: readonly Operation[]
  readonly difference: Difference
}

/** Plays sequences on a real server, many of which share it, and on a simulated one, of which each has its own. */
export class Arena {
  readonly #real: Transport
  /** No two sequences share a prefix, in this run or in another on the same server. */
  readonly #run: string
  #played = 0

  constructor(options: { real: Transport; run: string }) {
    this.#real = options.real
    this.#run = options.run
  }

  async play(operations: readonly Operation[]): Promise<Encounter> {
    const prefix = `${this.#run}-${this.#played++}`
    return await meet({ real: this.#real, simulated: simulatedServer(), prefix, operations })
  }

  /** The least of a sequence that differs, with its difference. */
  async shrunk(finding: Finding): Promise<Finding> {
    let least = finding
    await shrink(finding.operations, async (operations) => {
      const { difference } = await this.play(operations)
      if (!difference || kindOf(difference) !== kindOf(finding.difference)) return false
      least = { operations, difference }
      return true
    })
    return least
  }
}

/** Without garbage collection, as the real one has no controllers beside it. */
function simulatedServer(): Transport {
  const kubernetes = new SimulatedKubernetes({
    clock: new VirtualClock(),
    random: seededRandom(1),
    settings: { controllers: false },
  })
  for (const definition of CUSTOM_RESOURCE_DEFINITIONS)
    kubernetes.admin.create(structuredClone(definition) as unknown as JsonObject)
  return kubernetes.transport
}

/** What tells one difference from another: where it shows, not what is in it. */
export function kindOf({ operation, where, lines }: Difference): string {
  const kind = 'on' in operation ? operation.on.kind : operation.kind
  const status = 'status' in operation && operation.status ? '/status' : ''
  const paths = lines.slice(0, 2).map((line) => line.split(': ')[0]?.replaceAll(/\[\d+\]/g, '[]'))
  return `${operation.verb} ${kind}${status} ${where} ${paths.join(' ')}`
}

/** The sequence of a seed. */
export function sequenceOf(seed: number): Operation[] {
  return fc.sample(sequences, { seed, numRuns: 1 })[0] as Operation[]
}

/** Plays `count` sequences, `width` at a time. */
export async function playBatch(options: {
  readonly arena: Arena
  readonly seed: number
  readonly count: number
  readonly width: number
  /** How many findings end the batch. */
  readonly patience: number
}): Promise<{ findings: readonly Finding[]; histogram: Histogram }> {
  const { arena, seed, count, width, patience } = options
  const findings: Finding[] = []
  const histogram = new Histogram()
  let next = 0
  const player = async () => {
    while (next < count && findings.length < patience) {
      const own = seed + next++
      const operations = sequenceOf(own)
      const { difference, results } = await arena.play(operations).catch((cause: unknown) => {
        throw new Error(`the sequence of seed ${own} came to no end`, { cause })
      })
      for (const result of results) histogram.add(result)
      if (difference) findings.push({ operations: operations.slice(0, results.length), difference })
    }
  }
  await Promise.all(Array.from({ length: width }, player))
  return { findings, histogram }
}

/** A finding for people: the sequence as lines that can be kept, and what differed. */
export function told({ operations, difference }: Finding): string {
  const { at, where, lines } = difference
  return [
    ...operations.map((operation, index) => `${index === at ? '▶' : ' '} ${lineOf(operation)},`),
    `  ${where} (real ≠ simulated):`,
    ...lines.map((line) => `    ${line}`),
  ].join('\n')
}
