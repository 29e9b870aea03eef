import { type Mutant, patch } from './mutant.ts'
import { applied, at, MINUTE, script, SIX_PLACES } from './stages.ts'

/** Validation records, the zones that they are in, and the rates of AWS. */
export const RECORDS: readonly Mutant[] = [
  {
    name: 'a record is overwritten',
    breaks: 'What somebody put at the name of a validation record is lost.',
    expected: ['D1'],
    world: 'program',
    patches: [patch('aws/route53.ts', "Action: 'CREATE',", "Action: 'UPSERT',")],
  },
  {
    name: 'the records go with the certificate',
    first: 2,
    breaks: 'Other certificates of the same names cannot renew any more.',
    expected: ['D1'],
    world: 'program',
    patches: [
      patch(
        'aws/route53.ts',
        'async createRecords(\n    options: { readonly zoneId: string; readonly records: readonly ValidationRecord[] } & CallOptions,\n  )',
        "async createRecords(\n    options: { readonly zoneId: string; readonly records: readonly ValidationRecord[]; readonly action?: 'CREATE' | 'DELETE' } & CallOptions,\n  )",
      ),
      patch('aws/route53.ts', "Action: 'CREATE',", "Action: options.action ?? 'CREATE',"),
      patch(
        'loop/perform.ts',
        "await services.acm.deleteCertificate(arn, { signal, priority: 'background', beforeSend })",
        `await services.acm.deleteCertificate(arn, { signal, priority: 'background', beforeSend })
  const zones = facts.observation.zones?.value ?? []
  for (const { name, record } of facts.observation.details.get(arn)?.value.validations ?? []) {
    const zone = zones.find((candidate) => name.endsWith(candidate.name))
    if (zone && record) await services.route53.createRecords({ zoneId: zone.id, records: [record], action: 'DELETE' }).catch(() => {})
  }`,
      ),
    ],
  },
  {
    name: 'records go into private zones too',
    stage: script([
      at(0, { do: 'zoneTwin', zone: 0, isPrivate: true, forMs: 60 * MINUTE }),
      at(0.1, { do: 'zoneGone', zone: 0, forMs: 30 * MINUTE }),
      at(1, applied(0, [0])),
    ]),
    breaks: 'ACM never sees them, and nothing is issued.',
    expected: ['D2', 'L1'],
    world: 'program',
    patches: [patch('core/zones.ts', 'zones.filter((zone) => !zone.private)', 'zones')],
  },
  {
    name: 'records go into the least specific zone',
    breaks: 'Public DNS asks another zone, and nothing is issued.',
    expected: ['D2', 'L1'],
    because: 'what is never issued is not served in the end',
    world: 'program',
    setting: [
      patch(
        'sim/simulation/steps.ts',
        "export const ZONES = ['example.com', 'second.example'] as const",
        "export const ZONES = ['example.com', 'second.example', 'b.example.com'] as const",
      ),
    ],
    // A zone of an hour is known to everybody.
    stage: script([at(60, applied(0, [1]))]),
    patches: [
      patch(
        'core/zones.ts',
        'if (zones) return this.#choose(suffix, zones)\n    }',
        'if (zones) found = this.#choose(suffix, zones)\n    }\n    if (found) return found',
      ),
      patch(
        'core/zones.ts',
        '#find(name: Name): ZoneAnswer {\n',
        '#find(name: Name): ZoneAnswer {\n    let found: ZoneAnswer | undefined\n',
      ),
    ],
  },
  {
    name: 'records are not looked at again',
    stage: script([at(0, applied(0, [0]))], { mischief: true }),
    breaks: 'A record that a colleague deleted is missed at the renewal.',
    expected: ['D3', 'L4'],
    because: 'what is missing in the end broke one of the two first',
    world: 'program',
    patches: [
      patch(
        'core/look.ts',
        'const dueAt = seen ? seen.at + Math.min(pause, recordPause(own, record.of, situation)) : createdAt',
        'if (seen) continue\n      const dueAt = createdAt',
      ),
    ],
  },
  {
    name: 'a missing record is put back only while ACM waits for it',
    stage: script([at(0, applied(0, [0]))], { mischief: true }),
    breaks: 'A record that a colleague deleted is missed at the renewal.',
    expected: ['D3', 'L4'],
    because: 'what is missing in the end broke one of the two first',
    world: 'program',
    patches: [
      patch(
        'core/phases/attach.ts',
        "if (standing.kind !== 'missing' || !isValidationRecord(record)) continue",
        'continue',
      ),
    ],
  },
  {
    name: 'calls are sent as fast as they come',
    stage: script(SIX_PLACES.map((place) => at(0, applied(place, [place], { group: null })))),
    breaks: 'AWS throttles the account, and with it everybody else.',
    expected: ['Q1'],
    world: 'program',
    patches: [patch('aws/call.ts', 'await this.#quotas.acquire({ operation, priority, signal })', '')],
  },
]
