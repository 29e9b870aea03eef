import type { Json } from '../../../src/sim/kube/json.ts'
import { isObject } from '../../../src/sim/kube/json.ts'

/** Where two values in normal form differ: `path: real ≠ simulated`, at most `limit` of them. */
export function differencesOf(real: Json | undefined, simulated: Json | undefined, limit = 8): string[] {
  const found: string[] = []
  compare({ real, simulated, path: '' }, found)
  return found.slice(0, limit)
}

function compare(pair: { real: Json | undefined; simulated: Json | undefined; path: string }, found: string[]): void {
  const { real, simulated, path } = pair
  if (Array.isArray(real) && Array.isArray(simulated)) {
    for (let index = 0; index < Math.max(real.length, simulated.length); index++)
      compare({ real: real[index], simulated: simulated[index], path: `${path}[${index}]` }, found)
  } else if (isObject(real) && isObject(simulated)) {
    for (const name of new Set([...Object.keys(real), ...Object.keys(simulated)]))
      compare({ real: real[name], simulated: simulated[name], path: `${path}.${name}` }, found)
  } else if (real !== simulated) found.push(`${path}: ${shown(real)} ≠ ${shown(simulated)}`)
}

function shown(value: Json | undefined): string {
  const text = value === undefined ? 'absent' : JSON.stringify(value)
  return text.length > 600 ? `${text.slice(0, 600)}…` : text
}
