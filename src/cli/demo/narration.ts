import type { Clock, EpochMs } from '../../clock.ts'

const COLUMNS = 100
const ACTOR_WIDTH = 11
const INDENT = ' '.repeat('mm:ss  '.length + ACTOR_WIDTH + 1)

/** Prints what happens, a line an event with its time since the beginning, on a terminal of 100 columns. */
export class Narration {
  readonly #clock: Clock
  readonly #say: (line: string) => void
  readonly #begun: EpochMs

  constructor(options: { clock: Clock; say: (line: string) => void }) {
    this.#clock = options.clock
    this.#say = options.say
    this.#begun = options.clock.now()
  }

  /** Minutes and seconds of an instant since the beginning. */
  time(at: EpochMs = this.#clock.now()): string {
    const seconds = Math.max(0, Math.floor((at - this.#begun) / 1_000))
    return [Math.floor(seconds / 60), seconds % 60].map((part) => String(part).padStart(2, '0')).join(':')
  }

  /** What `actor` did. */
  event(actor: string, sentence: string): void {
    const [first = '', ...rest] = wrap(sentence, COLUMNS - INDENT.length)
    this.#say(`${this.time()}  ${actor.padEnd(ACTOR_WIDTH)} ${first}`)
    for (const line of rest) this.#say(INDENT + line)
  }

  /** The title of a step. */
  title(text: string): void {
    this.#say('')
    for (const line of wrap(text, COLUMNS)) this.#say(line)
  }

  /** Anything else. */
  text(text: string): void {
    for (const line of wrap(text, COLUMNS)) this.#say(line)
  }
}

/** At spaces; a word that is longer than a line stays whole. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
