import { randomBytes } from 'node:crypto'

/** Chance comes in through this interface only, so that a seed can own it. */
export interface Random {
  /** A number in [0, 1). */
  next(): number
  /** `length` random bytes as lower-case hex. */
  hex(length: number): string
}

/** The system's randomness. */
export const systemRandom: Random = {
  next: () => Math.random(),
  hex: (length) => randomBytes(length).toString('hex'),
}

/** `milliseconds` spread by ± `share` (0.2 = 80 % … 120 %), so that many waiters do not wake together. */
export function jitter(random: Random, milliseconds: number, share = 0.2): number {
  return milliseconds * (1 - share + 2 * share * random.next())
}

/** A random UUID (version 4) drawn from `random`. */
export function uuid(random: Random): string {
  const hex = random.hex(16)
  const variant = ((Number.parseInt(hex[16] ?? '0', 16) & 0x3) | 0x8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
