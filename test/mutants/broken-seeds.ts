import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Scenario } from '../../src/sim/simulation/scenario.ts'
import { applyPatches, copySources } from './copy.ts'
import type { Turn } from './job.ts'
import type { Patch } from './mutant.ts'
import { Player } from './player.ts'

/**
 * The seeds on which the unmutated program breaks a law: they prove nothing of a mutant. Asked only for seeds on which a mutant broke one,
 * and remembered for as long as the program stays the same.
 */
export class BrokenSeeds {
  readonly #source: string
  readonly #copies: string
  readonly #cache: string
  readonly #program: string
  readonly #known: Record<string, string | null>
  readonly #asking = new Map<string, Promise<boolean>>()
  readonly #players = new Map<string, { readonly player: Player; last: Promise<unknown> }>()

  /** @param options.source the unmutated program. @param options.copies where patched copies may be made. @param options.cache a file. */
  constructor(options: { source: string; copies: string; cache: string }) {
    this.#source = options.source
    this.#copies = options.copies
    this.#cache = options.cache
    this.#program = hashOf(join(options.source, 'src'))
    this.#known = existsSync(options.cache)
      ? (JSON.parse(readFileSync(options.cache, 'utf8')) as Record<string, string | null>)
      : {}
  }

  /** Whether the program, with nothing but `setting` changed, breaks a law on this seed, or on the scenario played in its place. */
  has(turn: { seed: number; scenario?: Scenario }, setting: readonly Patch[] = []): Promise<boolean> {
    const world = digest(JSON.stringify(setting))
    const staged = turn.scenario === undefined ? '' : ` ${digest(JSON.stringify(turn.scenario))}`
    const id = `${this.#program} ${world} ${turn.seed}${staged}`
    let asking = this.#asking.get(id)
    if (!asking) this.#asking.set(id, (asking = this.#ask({ turn, setting, world, id })))
    return asking
  }

  /** Those found so far, with the law that breaks, in the program as it is. */
  get found(): ReadonlyMap<number, string> {
    const prefix = `${this.#program} ${digest('[]')} `
    return new Map(
      Object.entries(this.#known).flatMap(([id, law]) =>
        id.startsWith(prefix) && !id.slice(prefix.length).includes(' ') && law !== null
          ? [[Number(id.slice(prefix.length)), law]]
          : [],
      ),
    )
  }

  end(): void {
    for (const { player } of this.#players.values()) player.end()
  }

  async #ask(asked: { turn: Turn; setting: readonly Patch[]; world: string; id: string }): Promise<boolean> {
    const { turn, setting, world, id } = asked
    const known = this.#known[id]
    if (known !== undefined) return known !== null
    let entry = this.#players.get(world)
    if (!entry) {
      const folder = join(this.#copies, `setting-${world}`)
      copySources(this.#source, folder)
      applyPatches(folder, setting)
      entry = { player: new Player({ folder, world: 'program' }), last: Promise.resolve() }
      this.#players.set(world, entry)
    }
    const { player, last } = entry
    const played = last.then(() => player.play(turn))
    entry.last = played
    const { law } = await played
    this.#known[id] = law ?? null
    mkdirSync(dirname(this.#cache), { recursive: true })
    writeFileSync(this.#cache, JSON.stringify(this.#known, null, 1))
    return law !== undefined
  }
}

function hashOf(folder: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  return digest(
    files
      .sort()
      .map((file) => `${file}\n${readFileSync(join(folder, file), 'utf8')}`)
      .join('\n'),
  )
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
