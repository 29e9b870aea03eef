import { expect, test } from 'vitest'
import { VirtualClock } from '../clock.ts'
import { Agenda } from './agenda.ts'

function enter() {
  const clock = new VirtualClock(0)
  const agenda = new Agenda(clock)
  const done: string[] = []
  const plan = (key: string, at: number) => agenda.set(key, at, () => done.push(`${key}@${clock.now()}`))
  return { clock, agenda, done, plan }
}

test('what is planned runs at its instant, in order of time', async () => {
  const { clock, done, plan } = enter()
  plan('late', 30)
  plan('early', 10)
  plan('middle', 20)
  await clock.advance(100)
  expect(done).toEqual(['early@10', 'middle@20', 'late@30'])
})

test('however much is planned, one sleeper waits; with nothing planned, none', async () => {
  const { clock, agenda, plan } = enter()
  expect(clock.sleeping).toBe(0)
  for (let index = 0; index < 10; index++) plan(`k${index}`, 100 - index)
  expect(clock.sleeping).toBe(1)
  for (let index = 0; index < 10; index++) agenda.cancel(`k${index}`)
  expect(clock.sleeping).toBe(0)
})

test('planning a key again replaces what was planned under it', async () => {
  const { clock, done, plan } = enter()
  plan('a', 10)
  plan('a', 50)
  await clock.advance(100)
  expect(done).toEqual(['a@50'])
})

test('what runs may plan itself again', async () => {
  const { clock, agenda } = enter()
  const times: number[] = []
  const tick = () => {
    times.push(clock.now())
    agenda.set('tick', clock.now() + 10, tick)
  }
  agenda.set('tick', 10, tick)
  await clock.advance(35)
  expect(times).toEqual([10, 20, 30])
})

test('after a stop nothing runs, and nothing can be planned', async () => {
  const { clock, agenda, done, plan } = enter()
  plan('a', 10)
  agenda.stop()
  plan('b', 20)
  expect(clock.sleeping).toBe(0)
  await clock.advance(100)
  expect(done).toEqual([])
})
