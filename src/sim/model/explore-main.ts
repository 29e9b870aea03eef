import { parseArgs } from 'node:util'
import { enter, wholeNumber } from '../entry.ts'
import { explore, replay } from './explore.ts'
import { EXPLORATIONS } from './scopes.ts'

/** Explores the small scopes, deeper than the tests do, and prints the shortest schedule that breaks a law. */
function main(): void {
  const { values } = parseArgs({
    options: {
      depth: { type: 'string', default: '14' },
      most: { type: 'string', default: '20000' },
      ends: { type: 'boolean', default: false },
    },
  })
  const [depth, most] = [wholeNumber('--depth', values.depth), wholeNumber('--most', values.most)]
  for (const [name, exploration] of Object.entries(EXPLORATIONS)) {
    const found = explore({ ...exploration, depth, most, ends: values.ends })
    console.log(
      `${name}: ${found.states} states, schedules of up to ${found.depth} moves${found.complete ? ', all of them' : ''}`,
    )
    if (!found.breach || !found.schedule) continue
    const story: string[] = []
    replay(exploration, found.schedule, { story })
    console.log(`${story.join('\n')}\n${found.breach.law}: ${found.breach.sentence}\n`)
    process.exitCode = 1
  }
}

await enter(main)
