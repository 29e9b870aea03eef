import type { PlanInput } from '../situation.ts'
import { HOUR, SECOND } from '../time.ts'
import { turn } from './life.ts'
import { claim, detail, NOW, ours, recordOf, situation } from './situations.ts'
import type { SituationOptions } from './situations.ts'

/** `count` certificates, each issued, published and served, 25 on a load balancer; the ledger has been written. */
export function atRest(count: number, options: SituationOptions = {}): PlanInput {
  const held = Array.from({ length: count }, (_, index) => ours([`n${index}.example.com`]))
  const groupOf = (index: number) => `group/g${Math.floor(index / 25)}`
  const claims = held.map((entry, index) =>
    claim({ name: `i${index}`, hosts: entry.certificate.names, group: groupOf(index), lists: [entry] }),
  )
  const attached: Record<string, { 443: typeof held }> = {}
  held.forEach((entry, index) => (attached[groupOf(index)] ??= { 443: [] })[443].push(entry))
  const records = held.map((entry, index) => {
    const { name, value } = recordOf(entry.certificate.names[0] as string)
    // Read all over the last hour, as they were created.
    const at = NOW - SECOND - (index * HOUR) / count
    return [`Z1/${name}`, { value: { kind: 'cname', value, plain: true } as const, at, complete: true }] as const
  })
  const details = held.map((entry) => detail(entry))
  let input = situation({ claims, certificates: held, attached, details, ...options })
  input = { ...input, observation: { ...input.observation, records: new Map(records) } }
  return turn(input).input
}
