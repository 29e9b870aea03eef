import type { Random } from '../random.ts'

/** A seeded generator (mulberry32): the same seed gives the same sequence on every machine. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  return {
    next,
    hex: (length) =>
      Array.from({ length }, () =>
        Math.floor(next() * 256)
          .toString(16)
          .padStart(2, '0'),
      ).join(''),
  }
}

/** A generator of its own for one part of the world, so that one more draw in one part does not shift all the others. */
export function forkRandom(seed: number, part: string): Random {
  let hash = 2_166_136_261 ^ seed
  for (const character of part) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619)
  return seededRandom(hash >>> 0)
}
