import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readWatchEvents, type WatchEvent } from './watch-stream.ts'

async function* chunks(...parts: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<WatchEvent[]> {
  const events: WatchEvent[] = []
  for await (const event of readWatchEvents(body)) events.push(event)
  return events
}

const bytes = (text: string) => new TextEncoder().encode(text)
const added = (name: string) => ({ type: 'ADDED', object: { metadata: { name } } })

describe('a watch is read', () => {
  it('the same however the network cuts it, also within a character', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme' })), fc.array(fc.nat()), async (names, cuts) => {
        const whole = bytes(names.map((name) => `${JSON.stringify(added(name))}\n`).join(''))
        const at = [0, ...cuts.map((cut) => cut % (whole.length + 1)).sort((a, b) => a - b), whole.length]
        const parts = at.slice(1).map((end, index) => whole.slice(at[index], end))
        expect(await collect(chunks(...parts))).toEqual(names.map(added))
      }),
    )
  })

  it('without blank lines, and without a last line that was cut off', async () => {
    const text = `\n${JSON.stringify(added('a'))}\r\n\n{"type":"ADDED","obj`
    expect(await collect(chunks(bytes(text)))).toEqual([added('a')])
  })

  it('up to a line that is no event, where it throws', async () => {
    await expect(collect(chunks(bytes('<html>\n')))).rejects.toThrow(SyntaxError)
    await expect(collect(chunks(bytes('{"type":"NEWS"}\n')))).rejects.toThrow('a line of the watch is no event')
  })

  it('and refuses a line that never ends', async () => {
    async function* endless() {
      for (;;) yield new Uint8Array(1024 * 1024).fill(97)
    }
    await expect(collect(endless())).rejects.toThrow('longer than')
  })
})
