/** Milliseconds since 1970-01-01T00:00:00Z. The core is given the time; it never asks for it. */
export type EpochMs = number

export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** `2026-11-24T09:00:00Z`: how people and Kubernetes read an instant. */
export function rfc3339(at: EpochMs): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`
}

/** The instant of an RFC 3339 string; `undefined` where it is none. */
export function parseInstant(text: string | undefined): EpochMs | undefined {
  const at = text === undefined ? Number.NaN : Date.parse(text)
  return Number.isNaN(at) ? undefined : at
}

/** `90s`, `15m`, `72h`, `3d`: the shortest exact form, for messages. */
export function duration(milliseconds: number): string {
  const units: readonly (readonly [number, string])[] = [
    [DAY, 'd'],
    [HOUR, 'h'],
    [MINUTE, 'm'],
    [SECOND, 's'],
  ]
  for (const [size, unit] of units) {
    if (milliseconds >= size && milliseconds % size === 0) return `${milliseconds / size}${unit}`
  }
  return milliseconds >= MINUTE ? `${Math.round(milliseconds / MINUTE)}m` : `${Math.round(milliseconds / SECOND)}s`
}
