import { UsageError } from '../../cli/usage-error.ts'
import { isWrite } from './call.ts'
import { Crash, MOMENTS, type Moment, type Strike } from './crash.ts'
import { playDisturbed, type Reference, type Sent } from './run.ts'
import { parseId, type Point, type Points, type Study } from './study.ts'

/** The process dies at each of its writes, at each moment of it. */
export const CRASHES: Study = {
  name: 'crash',
  points: (story, reference) => {
    const seen = new Set<string>()
    const points: Point[] = []
    let all = 0
    const writes = writesOf(reference)
    // A story may end while its last renewal of the lease is on its way: then there is nothing to be done to it.
    const isCut = (write: number) => write === writes.length - 1 && writes[write]?.label.includes('leases/') === true
    writes.forEach((sent, write) => {
      for (const moment of MOMENTS) {
        if (!applies(moment, sent) || isCut(write)) continue
        all += 1
        const state = stateAt(moment, sent, write)
        if (seen.has(state)) continue
        seen.add(state)
        points.push({ id: `crash/${story.name}/${write}/${moment}`, what: `killed at ${sent.label}: ${moment}` })
      }
    })
    return { effects: writes.length, points, same: all - points.length } satisfies Points
  },
  play: async (story, { id, reference, tell }) =>
    await playDisturbed(story, { reference, tell, disturbance: new Crash(strikesOf(id, reference)) }),
}

export function writesOf(reference: Reference): readonly Sent[] {
  return reference.sent.filter((sent) => sent.by === 1 && isWrite(sent))
}

/** What is written only to be remembered has no result that would be stored. */
function applies(moment: Moment, { kind }: Sent): boolean {
  return moment !== 'unstored' || kind === 'change'
}

/** Two deaths in the same state of the worlds, with nothing on its way, are one. */
function stateAt(moment: Moment, sent: Sent, write: number): string {
  // What is written for people changes nothing for any process.
  const onItsWay = sent.kind === 'notice' ? 'nothing' : `write ${write}`
  switch (moment) {
    case 'before':
      return sent.before
    case 'after':
      return sent.after
    case 'late':
      return onItsWay === 'nothing' ? sent.before : `${sent.before} ${onItsWay} on its way`
    case 'lost':
    case 'unstored':
      return `${write} ${moment}`
  }
}

/** `crash/life/17/late`, or, for a pair, `crash/life/17/late/3/after`: there of the process that came after. */
export function strikesOf(id: string, reference: Reference): readonly Strike[] {
  const { rest } = parseId(id)
  const writes = writesOf(reference)
  const strikes: Strike[] = []
  for (let index = 0; index + 1 < rest.length; index += 2) {
    const write = Number(rest[index])
    const moment = MOMENTS.find((candidate) => candidate === rest[index + 1])
    const isThere = index > 0 ? Number.isInteger(write) : writes[write] !== undefined
    if (moment === undefined || !isThere) throw new UsageError(`${id} names no point: give STORY/WRITE/MOMENT.`)
    const process = index / 2 + 1
    strikes.push({ process, write, moment, label: process === 1 ? (writes[write]?.label ?? '') : undefined })
  }
  return strikes
}
