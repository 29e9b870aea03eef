import { describe, expect, it } from 'vitest'
import type { Observation, RecordState } from '../observation.ts'
import { plan } from '../plan.ts'
import { claim, detail, entry, kept, keyOf, NOW, ours, recordOf, situation } from '../testing/situations.ts'
import type { SituationOptions } from '../testing/situations.ts'
import { HOUR, MINUTE, SECOND } from '../time.ts'

const a = 'a.example.com'
const b = 'b.example.com'
const record = recordOf(a)

const pending = (createdAt = NOW - MINUTE) =>
  ours([a, b], { status: 'PENDING_VALIDATION', notAfter: undefined, createdAt })

const at = (
  name: string,
  value: RecordState,
  seenAt = NOW,
): [string, Observation['records'] extends ReadonlyMap<string, infer T> ? T : never] => [
  `Z1/${name}`,
  { value, at: seenAt, complete: true },
]
const right = (name: string): RecordState => ({ kind: 'cname', value: recordOf(name).value, plain: true })

function outcome(options: SituationOptions & { records?: readonly (readonly [string, RecordState])[] }) {
  const held = options.certificates?.[0] ?? pending()
  const made = claim({ hosts: held.certificate.names })
  const records = new Map((options.records ?? []).map(([name, state]) => at(name, state)))
  const planned = plan(
    situation({
      claims: [made],
      certificates: [held],
      details: [detail(held)],
      ...options,
      observation: { records, ...options.observation },
    }),
  )
  return {
    creates: planned.actions.flatMap((action) =>
      action.kind === 'createRecord' ? [`${action.zone} ${action.name} ${action.value}`] : [],
    ),
    verdict: planned.claims.get(made.ingress.ref.uid)?.verdict,
    looks: planned.looks,
    entry: planned.certificates.get(keyOf(held.certificate.names)),
  }
}

const create = (name: string) => `Z1 ${recordOf(name).name} ${recordOf(name).value}`

/** Names of which each has a record of its own. */
const [long, short] = ['long.example.com', 's.example.com']

describe('the records of a pending certificate', () => {
  const two = ours([long, short], { status: 'PENDING_VALIDATION', notAfter: undefined, createdAt: NOW - MINUTE })
  const of = (options: Parameters<typeof outcome>[0]) => outcome({ certificates: [two], ...options })

  it('are asked for until ACM gives them', () => {
    const bare = detail(two, { validations: [] })
    const made = of({ details: [bare] })
    expect(made.creates).toEqual([])
    expect(made.verdict).toMatchObject({
      state: 'Validating',
      reason: 'RecordsPending',
      message: `ACM has not given the validation records of ${long}, ${short} yet.`,
    })
    expect(made.looks).toContainEqual({ look: { kind: 'describe', arn: two.arn }, dueAt: NOW - SECOND + 3 * SECOND })
  })

  it('are created one by one as ACM gives them', () => {
    const [first] = detail(two).validations
    const made = of({ details: [detail(two, { validations: first ? [first] : [] })] })
    expect(made.creates).toEqual([create(long)])
    expect(made.verdict?.reason).toBe('WritingRecords')
  })

  it('are created where they are absent, and where nobody has looked: creating overwrites nothing', () => {
    const made = of({ records: [[recordOf(long).name, { kind: 'absent' }]] })
    expect(made.creates).toEqual([create(long), create(short)].sort())
    expect(made.verdict).toMatchObject({ state: 'Validating', reason: 'WritingRecords' })
  })

  it('are one for a name and its wildcard', () => {
    const wild = ours(['example.com', '*.example.com'], { status: 'PENDING_VALIDATION', createdAt: NOW - MINUTE })
    expect(outcome({ certificates: [wild] }).creates).toEqual([create('example.com')])
  })

  it('are right whoever wrote them, and then it is ACM’s turn', () => {
    const made = of({
      records: [
        [recordOf(long).name, right(long)],
        [recordOf(short).name, { ...right(short), plain: false } as RecordState],
      ],
    })
    expect(made.creates).toEqual([])
    expect(made.verdict).toMatchObject({ state: 'Issuing', reason: 'PendingValidation' })
    expect(made.verdict?.message).toContain('since 2026-11-24T08:59:00Z and keeps trying until 2026-11-27T08:59:00Z')
  })

  it.each<[string, RecordState]>([
    ['CNAME _other.acm-validations.aws', { kind: 'cname', value: '_other.acm-validations.aws', plain: true }],
    ['TXT, A', { kind: 'other', types: ['TXT', 'A'] }],
    ['the message', { kind: 'rejected', message: 'the message' }],
  ])('are never overwritten: %s is a conflict that names all, and the others are created', (found, state) => {
    const made = of({ records: [[recordOf(long).name, state]] })
    const needed = recordOf(long)
    expect(made.creates).toEqual([create(short)])
    expect(made.verdict).toMatchObject({
      state: 'Validating',
      reason: 'RecordConflict',
      message: `The record ${needed.name} in zone Z1 is ${found} where ACM needs CNAME ${needed.value} to prove ${long}, and nothing is overwritten; change or delete it.`,
    })
  })

  it('are nothing but what ACM gives: another name or value is not written', () => {
    const validations = [
      { name: long, status: 'PENDING_VALIDATION' as const, record: { name: long, value: '_x.acm-validations.aws' } },
      { name: short, status: 'PENDING_VALIDATION' as const, record: { name: '_x.example.com', value: 'evil.example' } },
    ]
    expect(of({ details: [detail(two, { validations })] }).creates).toEqual([])
  })

  it('are held where Route 53 refuses them, and tried again', () => {
    const failure = { kind: 'denied', code: 'AccessDenied', message: 'no', since: NOW, at: NOW } as const
    const failures = new Map([[`record:Z1/${recordOf(long).name}`, failure]])
    const made = of({ observation: { failures } })
    expect(made.verdict).toMatchObject({ state: 'Held', reason: 'AccessDenied' })
    expect(made.creates).toHaveLength(2)
  })

  it('are remembered', () => {
    const { entry: stored } = of({})
    expect(stored?.certificates[0]?.records).toEqual(
      [
        { ...recordOf(long), of: long },
        { ...recordOf(short), of: short },
      ].sort((x, y) => (x.name < y.name ? -1 : 1)),
    )
  })

  it('go to the most specific public zone of each name', () => {
    const zones = [
      { id: 'Z1', name: 'example.com', private: false },
      { id: 'Z2', name: short, private: false },
      { id: 'Z3', name: long, private: true },
    ]
    expect(of({ zones }).creates).toEqual(
      [create(long), create(short).replace('Z1', 'Z2')].sort((x, y) => (x.slice(3) < y.slice(3) ? -1 : 1)),
    )
  })
})

describe('the records of an issued certificate', () => {
  const issued = ours([a])
  const of = (records: readonly (readonly [string, RecordState])[], details = [detail(issued)]) =>
    outcome({ certificates: [issued], records, details })

  it('are put back when they are seen to be missing', () => {
    expect(of([[record.name, { kind: 'absent' }]]).creates).toEqual([create(a)])
    expect(of([[record.name, right(a)]]).creates).toEqual([])
  })

  it('are not written before anybody looked: a restart at rest writes nothing', () => {
    expect(of([]).creates).toEqual([])
  })

  it('are known from the ledger without asking ACM', () => {
    const entries = [entry([a], { certificates: [kept(issued)] })]
    const made = outcome({ certificates: [issued], details: [], entries, records: [[record.name, { kind: 'absent' }]] })
    expect(made.creates).toEqual([create(a)])
    expect(made.looks.some(({ look }) => look.kind === 'describe')).toBe(false)
  })

  it('are put back also where nothing wishes it, as long as it is kept', () => {
    const claims = [claim({ hosts: ['x.example.com'], lists: [issued] })]
    const made = outcome({ certificates: [issued], claims, records: [[record.name, { kind: 'absent' }]] })
    expect(made.creates).toEqual([create(a)])
    const unwanted = outcome({ certificates: [issued], claims: [], records: [[record.name, { kind: 'absent' }]] })
    expect(unwanted.creates).toEqual([])
  })

  it('are checked within the interval, those that ACM waits for within about a minute', () => {
    const dueAt = (held: typeof issued) =>
      outcome({ certificates: [held], records: [[record.name, right(a)]] }).looks.find(
        ({ look }) => look.kind === 'records',
      )?.dueAt
    expect(dueAt(issued)).toBe(NOW + HOUR)
    const pending = (age: number) => ours([a], { status: 'PENDING_VALIDATION', createdAt: NOW - age })
    expect(dueAt(pending(0))).toBe(NOW + MINUTE)
    expect(dueAt(pending(10 * HOUR))).toBe(NOW + MINUTE)
  })
})
