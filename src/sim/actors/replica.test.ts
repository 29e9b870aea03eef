import { expect, test } from 'vitest'
import type { World } from '../../world.ts'
import { VirtualClock } from '../clock.ts'
import { seededRandom } from '../random.ts'
import { Replica } from './replica.ts'

function world() {
  const clock = new VirtualClock()
  const reached: string[] = []
  const outer: World = {
    clock,
    random: seededRandom(1),
    kube: {
      request: async ({ path }) => {
        await clock.sleepUntil(clock.now() + 100)
        reached.push(path)
        return { status: 200, headers: {}, body: (async function* () {})() }
      },
    },
    aws: { region: 'eu-central-1', credentials: async () => ({ accessKeyId: 'a', secretAccessKey: 'b' }) },
    dns: {
      nameServers: async () => [],
      canonicalNames: async () => [],
      certificationAuthorities: async () => [],
    },
  }
  return { clock, reached, outer }
}

test('a killed process sends nothing more, and never hears the answer to what it sent; that takes its effect', async () => {
  const { clock, reached, outer } = world()
  const heard: string[] = []
  const replica = new Replica({
    world: outer,
    program: async ({ world }) => {
      const { signal } = new AbortController()
      for (const path of ['/first', '/second', '/third']) {
        await world.kube.request({ method: 'POST', path, signal })
        heard.push(path)
      }
    },
  })
  replica.start()
  await clock.advance(150)
  replica.kill()
  await clock.advance(1_000)
  expect(reached).toEqual(['/first', '/second'])
  expect(heard).toEqual(['/first'])
  await expect(replica.ended).rejects.toThrow('the process is dead')
})

test('a killed process wakes no more', async () => {
  const { clock, outer } = world()
  const woke: string[] = []
  const replica = new Replica({
    world: outer,
    program: async ({ world }) => {
      for (;;) {
        await world.clock.sleepUntil(world.clock.now() + 100)
        woke.push('woke')
      }
    },
  })
  replica.start()
  await clock.advance(150)
  replica.kill()
  await clock.advance(1_000)
  expect(woke).toEqual(['woke'])
  expect(clock.sleeping).toBe(0)
})

test('a process that is told to stop may still write', async () => {
  const { clock, reached, outer } = world()
  const replica = new Replica({
    world: outer,
    program: async ({ world, signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      await world.kube.request({ method: 'POST', path: '/last', signal: new AbortController().signal })
    },
  })
  replica.start()
  const stopped = replica.stop()
  await clock.advance(100)
  await stopped
  expect(reached).toEqual(['/last'])
})
