import type { Random } from '../../random.ts'

/** Draws from a generator what a scenario is made of. */
export class Draw {
  readonly random: Random

  constructor(random: Random) {
    this.random = random
  }

  chance(share: number): boolean {
    return this.random.next() < share
  }

  whole(least: number, most: number): number {
    return least + Math.floor(this.random.next() * (most - least + 1))
  }

  pick<const T>(values: readonly [T, ...T[]] | readonly T[]): T {
    return values[Math.floor(this.random.next() * values.length)] as T
  }
}
