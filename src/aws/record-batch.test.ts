import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ValidationRecord } from '../core/certificate.ts'
import type { RecordState } from '../core/observation.ts'
import { VirtualClock } from '../sim/clock.ts'
import { seededRandom } from '../sim/random.ts'
import { AwsError, type ErrorKind } from './errors.ts'
import { RecordBatches, type RecordOutcome } from './record-batch.ts'
import { finish } from './scripted.ts'

function recordOf(index: number): ValidationRecord {
  return { name: `_${index.toString(16).padStart(4, '0')}.example.com`, value: `_v${index}.acm-validations.aws` }
}

function failure(kind: ErrorKind, code: string): AwsError {
  return new AwsError({ kind, code, detail: `${code} it is`, operation: 'ChangeResourceRecordSets' })
}

/** One zone that takes a batch whole or not at all, as Route 53 does. */
function zone(
  options: { standing?: Record<string, RecordState>; poisoned?: readonly string[]; latency?: number } = {},
) {
  const clock = new VirtualClock()
  const records = new Map<string, RecordState>(Object.entries(options.standing ?? {}))
  const batches: ValidationRecord[][] = []
  const failures: AwsError[] = []
  const underWay = new Set<string>()
  let reads = 0
  const route53 = {
    createRecords: async (call: { zoneId: string; records: readonly ValidationRecord[] }) => {
      batches.push([...call.records])
      if (underWay.has(call.zoneId)) expect.fail('two changes of one zone at once')
      underWay.add(call.zoneId)
      await clock.sleepUntil(clock.now() + (options.latency ?? 0))
      underWay.delete(call.zoneId)
      const planned = failures.shift()
      if (planned) throw planned
      const bad = call.records.some(({ name }) => records.has(name) || options.poisoned?.includes(name))
      if (bad) throw failure('conflict', 'InvalidChangeBatch')
      for (const { name, value } of call.records) records.set(name, { kind: 'cname', value, plain: true })
    },
    readRecords: async (call: { names: readonly string[] }) => {
      reads += 1
      return new Map(call.names.map((name) => [name, records.get(name) ?? ({ kind: 'absent' } as const)]))
    },
  }
  const submit = new RecordBatches({ route53, clock, random: seededRandom(1) })
  return { clock, records, batches, failures, submit, reads: () => reads }
}

test('records of one zone that are asked for within 100 ms go in one call, each name once', async () => {
  const { clock, batches, submit } = zone()
  const first = submit.create({ zoneId: 'Z1', record: recordOf(1) })
  await clock.advance(60)
  const others = [recordOf(2), recordOf(1)].map((record) => submit.create({ zoneId: 'Z1', record }))
  await clock.advance(39)
  expect(batches).toHaveLength(0)
  expect(await finish(clock, Promise.all([first, ...others]))).toEqual([
    { kind: 'created' },
    { kind: 'created' },
    { kind: 'created' },
  ])
  expect(batches).toEqual([[recordOf(1), recordOf(2)]])
  expect(clock.sleeping).toBe(0)
})

test('while a call is under way for a zone, the next batch waits; another zone does not', async () => {
  const { clock, batches, submit } = zone({ latency: 5_000 })
  const early = submit.create({ zoneId: 'Z1', record: recordOf(1) })
  await clock.advance(200)
  const late = [2, 3].map((index) => submit.create({ zoneId: 'Z1', record: recordOf(index) }))
  const elsewhere = submit.create({ zoneId: 'Z2', record: recordOf(4) })
  await clock.advance(4_000)
  expect(batches).toEqual([[recordOf(1)], [recordOf(4)]])
  await finish(clock, Promise.all([early, elsewhere, ...late]))
  expect(batches).toEqual([[recordOf(1)], [recordOf(4)], [recordOf(2), recordOf(3)]])
})

test('a batch holds at most 480 changes', async () => {
  const { clock, batches, submit } = zone()
  const all = Array.from({ length: 1_000 }, (_, index) => submit.create({ zoneId: 'Z1', record: recordOf(index) }))
  await finish(clock, Promise.all(all))
  expect(batches.map((batch) => batch.length)).toEqual([480, 480, 40])
})

test('a batch holds at most 32,000 characters of values', async () => {
  const { clock, batches, submit } = zone()
  const long = (index: number) => ({ ...recordOf(index), value: `_${'a'.repeat(200)}.acm-validations.aws` })
  const all = Array.from({ length: 300 }, (_, index) => submit.create({ zoneId: 'Z1', record: long(index) }))
  await finish(clock, Promise.all(all))
  for (const batch of batches) {
    expect(batch.reduce((sum, { value }) => sum + value.length + 1, 0)).toBeLessThanOrEqual(32_000)
  }
  expect(batches).toHaveLength(3)
})

test('each record has the outcome that is its own, whatever else is in its batch', async () => {
  const fates = ['free', 'ours', 'theirs', 'weighted', 'address', 'poisoned'] as const
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...fates), { minLength: 1, maxLength: 40 }), async (drawn) => {
      const standing: Record<string, RecordState> = {}
      const poisoned: string[] = []
      const expected = drawn.map((fate, index): RecordOutcome => {
        const { name, value } = recordOf(index)
        const stand = (found: RecordState) => {
          standing[name] = found
          return found
        }
        switch (fate) {
          case 'free':
            return { kind: 'created' }
          case 'ours':
            stand({ kind: 'cname', value, plain: true })
            return { kind: 'present' }
          case 'theirs':
            return { kind: 'conflict', found: stand({ kind: 'cname', value: 'elsewhere.example.com', plain: true }) }
          case 'weighted':
            return { kind: 'conflict', found: stand({ kind: 'cname', value, plain: false }) }
          case 'address':
            return { kind: 'conflict', found: stand({ kind: 'other', types: ['A'] }) }
          case 'poisoned':
            poisoned.push(name)
            return { kind: 'rejected', message: 'InvalidChangeBatch it is' }
        }
      })
      const { clock, records, batches, submit } = zone({ standing, poisoned })
      const before = new Map(records)
      const all = drawn.map((_, index) => submit.create({ zoneId: 'Z1', record: recordOf(index) }))
      expect(await finish(clock, Promise.all(all))).toEqual(expected)
      for (const [name, state] of before) expect(records.get(name)).toBe(state)
      expect(batches.length).toBeLessThanOrEqual(2 + 2 * poisoned.length * 7)
    }),
    { numRuns: 80 },
  )
})

test('a zone where nothing is wrong but one record already there is settled with two calls and one look', async () => {
  const { clock, batches, reads, submit } = zone({
    standing: { [recordOf(7).name]: { kind: 'cname', value: recordOf(7).value, plain: true } },
  })
  const all = Array.from({ length: 100 }, (_, index) => submit.create({ zoneId: 'Z1', record: recordOf(index) }))
  await finish(clock, Promise.all(all))
  expect(batches.map((batch) => batch.length)).toEqual([100, 99])
  expect(reads()).toBe(1)
})

test('one record that Route 53 refuses without a reason to be seen costs one look and a call each halving', async () => {
  const { clock, batches, reads, submit } = zone({ poisoned: [recordOf(20).name] })
  const all = Array.from({ length: 64 }, (_, index) => submit.create({ zoneId: 'Z1', record: recordOf(index) }))
  const outcomes = await finish(clock, Promise.all(all))
  expect(outcomes.flatMap(({ kind }, index) => (kind === 'created' ? [] : [index]))).toEqual([20])
  expect(batches).toHaveLength(1 + 2 * 6)
  expect(reads()).toBe(1)
})

test('a batch that Route 53 calls invalid is sorted out like one that it cannot apply', async () => {
  const { clock, failures, submit } = zone()
  failures.push(failure('invalid', 'InvalidInput'), failure('invalid', 'InvalidInput'))
  const all = [1, 2].map((index) => submit.create({ zoneId: 'Z1', record: recordOf(index) }))
  expect(await finish(clock, Promise.all(all))).toEqual([
    { kind: 'rejected', message: 'InvalidInput it is' },
    { kind: 'created' },
  ])
})

test('a throttle and a change still in progress are waited out, ever longer', async () => {
  const { clock, batches, failures, submit } = zone()
  failures.push(failure('throttled', 'PriorRequestNotComplete'), failure('throttled', 'Throttling'))
  const start = clock.monotonic()
  expect(await finish(clock, submit.create({ zoneId: 'Z1', record: recordOf(1) }))).toEqual({ kind: 'created' })
  expect(batches).toHaveLength(3)
  expect(clock.monotonic() - start).toBeGreaterThan(100 + 0.8 * 1_500)
  expect(clock.monotonic() - start).toBeLessThan(100 + 1.2 * 1_500)
})

test('throttling without end is told after seven tries', async () => {
  const { clock, batches, failures, submit } = zone()
  for (let index = 0; index < 20; index++) failures.push(failure('throttled', 'Throttling'))
  const sent = submit.create({ zoneId: 'Z1', record: recordOf(1) })
  await expect(finish(clock, sent)).rejects.toMatchObject({ kind: 'throttled' })
  expect(batches).toHaveLength(7)
})

test('a lost answer is told to each record of the batch, and not repeated', async () => {
  const { clock, batches, failures, submit } = zone()
  failures.push(failure('ambiguous', 'DeadlineExceeded'))
  const all = [1, 2].map((index) => submit.create({ zoneId: 'Z1', record: recordOf(index) }))
  const outcomes = await finish(clock, Promise.allSettled(all))
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(batches).toHaveLength(1)
})

test('one name that IAM denies does not hold up the others; where all are denied few calls find out', async () => {
  const clock = new VirtualClock()
  let calls = 0
  const submitTo = (isDenied: (name: string) => boolean) =>
    new RecordBatches({
      clock,
      random: seededRandom(1),
      route53: {
        createRecords: async ({ records }) => {
          calls += 1
          if (records.some(({ name }) => isDenied(name))) throw failure('denied', 'AccessDenied')
        },
        readRecords: async () => new Map(),
      },
    })
  const submitAll = (submit: RecordBatches) =>
    Promise.allSettled(
      Array.from({ length: 64 }, (_, index) => submit.create({ zoneId: 'Z1', record: recordOf(index) })),
    )
  const one = await finish(clock, submitAll(submitTo((name) => name === recordOf(9).name)))
  expect(one.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []))).toEqual([9])
  calls = 0
  const all = await finish(clock, submitAll(submitTo(() => true)))
  expect(all.every(({ status }) => status === 'rejected')).toBe(true)
  expect(calls).toBeLessThan(60)
})

test('two values for one name: the first is written, the second conflicts', async () => {
  const { clock, submit } = zone()
  const { name } = recordOf(1)
  const first = submit.create({ zoneId: 'Z1', record: recordOf(1) })
  const second = submit.create({ zoneId: 'Z1', record: { name, value: '_other.acm-validations.aws' } })
  expect(await finish(clock, Promise.all([first, second]))).toEqual([
    { kind: 'created' },
    { kind: 'conflict', found: { kind: 'cname', value: recordOf(1).value, plain: true } },
  ])
})

test('nothing but a validation record is ever taken, and it holds up nobody', async () => {
  const { clock, batches, submit } = zone()
  const good = submit.create({ zoneId: 'Z1', record: recordOf(1) })
  for (const record of [
    { name: 'www.example.com', value: '_x.acm-validations.aws' },
    { name: '_x.example.com', value: 'evil.example.com' },
    { name: '_x.example.com', value: '_x.acm-validations.aws.evil.com' },
  ]) {
    await expect(submit.create({ zoneId: 'Z1', record })).rejects.toThrow('not a validation record')
  }
  await finish(clock, good)
  expect(batches).toEqual([[recordOf(1)]])
})

test('when the process ends, what waits between two tries ends too', async () => {
  const { clock, failures } = zone()
  const stop = new AbortController()
  for (let index = 0; index < 20; index++) failures.push(failure('throttled', 'Throttling'))
  const submit = new RecordBatches({
    clock,
    random: seededRandom(1),
    signal: stop.signal,
    route53: {
      createRecords: async ({ signal }) => {
        signal?.throwIfAborted()
        throw failure('throttled', 'Throttling')
      },
      readRecords: async () => new Map(),
    },
  })
  const sent = submit.create({ zoneId: 'Z1', record: recordOf(1) })
  await clock.advance(150)
  stop.abort(new Error('shutting down'))
  await expect(sent).rejects.toThrow('shutting down')
  expect(clock.sleeping).toBe(0)
})
