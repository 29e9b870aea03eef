import { UsageError } from '../../cli/usage-error.ts'
import { playDisturbed, type Reference, type Sent } from './run.ts'
import { Rivals, type Trouble, TROUBLES } from './rivals.ts'
import { parseId, type Point, type Study } from './study.ts'

/** Two processes: the lease is lost in the midst of each call, the leader is cut off at each change. */
export const REPLICAS: Study = {
  name: 'replicas',
  points: (story, reference) => {
    const points: Point[] = []
    const seen = new Set<string>()
    let all = 0
    callsOf(reference).forEach((sent, index) => {
      for (const trouble of TROUBLES) {
        if (!applies(trouble, sent)) continue
        all += 1
        // What is sent in one instant, and in one state, is without an answer together, and none of it is sent because of another.
        const state = sent.kind === 'change' || sent.kind === 'lease' ? `${index} ${trouble}` : sent.before
        if (seen.has(state)) continue
        seen.add(state)
        points.push({
          id: ['replicas', story.name, index, trouble].join('/'),
          what: `the leader is ${trouble} in ${sent.label}`,
        })
      }
    })
    return { effects: callsOf(reference).length, points, same: all - points.length }
  },
  play: async (story, { id, reference, tell }) => {
    const [index = '', name] = parseId(id).rest
    const trouble = TROUBLES.find((candidate) => candidate === name)
    const sent = callsOf(reference)[Number(index)]
    if (trouble === undefined || !sent) throw new UsageError(`${id} names no point: give STORY/CALL/TROUBLE.`)
    const disturbance = new Rivals({ index: Number(index), label: sent.label, trouble })
    return await playDisturbed(story, { reference, tell, disturbance })
  },
}

function callsOf(reference: Reference): readonly Sent[] {
  return reference.sent.filter(({ by }) => by === 1)
}

function applies(trouble: Trouble, { kind, label }: Sent): boolean {
  switch (trouble) {
    case 'paused':
      // A watch is no call that ends.
      return kind !== 'notice' && !label.startsWith('watch')
    case 'paused long':
    case 'paused in a slow call':
    case 'paused and back':
    case 'cut off from Kubernetes':
    case 'cut off from AWS':
      return kind === 'change'
  }
}
