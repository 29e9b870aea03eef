import type { EpochMs } from '../../clock.ts'
import type { Json } from './json.ts'

/** The age of an instant as tables show it: two units at most, the second only while the first is small (`9s`, `5m12s`, `3h20m`, `4d2h`). */
export function ageOf(instant: Json | undefined, now: EpochMs): string {
  const then = typeof instant === 'string' ? Date.parse(instant) : Number.NaN
  if (Number.isNaN(then)) return '<unknown>'
  const seconds = Math.floor((now - then) / 1000)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  const days = Math.floor(hours / 24)
  if (seconds < 120) return `${seconds}s`
  if (minutes < 10) return two(minutes, 'm', seconds % 60, 's')
  if (hours < 3) return `${minutes}m`
  if (hours < 8) return two(hours, 'h', minutes % 60, 'm')
  if (hours < 48) return `${hours}h`
  if (hours < 192) return two(days, 'd', hours % 24, 'h')
  if (days < 730) return `${days}d`
  if (days < 8 * 365) return two(Math.floor(days / 365), 'y', days % 365, 'd')
  return `${Math.floor(days / 365)}y`
}

function two(first: number, firstUnit: string, second: number, secondUnit: string): string {
  return second === 0 ? `${first}${firstUnit}` : `${first}${firstUnit}${second}${secondUnit}`
}
