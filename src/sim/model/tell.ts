import { parseArgs } from 'node:util'
import { play, playSeed } from './run.ts'
import { STORIES } from './stories.ts'

/** Plays all stories, then some seeds, and prints what broke: the jury that a mutant of the rules stands before. */
function main(): void {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '0' },
      only: { type: 'string' },
      omit: { type: 'string', default: '' },
      aloud: { type: 'boolean', default: false },
    },
  })
  const omit = Object.fromEntries(values.omit.split(',').map((rule) => [rule, true]))
  const broken: string[] = []
  for (const { row, name, run } of STORIES) {
    if (values.only !== undefined && Number(values.only) !== row && !name.includes(values.only)) continue
    const story: string[] = []
    const { breach } = play(run, { omit }, story)
    if (values.aloud)
      console.log(`\n${row} ${name}\n${story.filter((line) => !/ we (show|remember) /.test(line)).join('\n')}`)
    if (breach) broken.push(`story ${row} ${name}: ${breach.law} ${breach.sentence}`)
  }
  for (let seed = 1; seed <= Number(values.seeds); seed++) {
    const { breach } = playSeed(seed, { omit })
    if (breach) broken.push(`seed ${seed}: ${breach.law} ${breach.sentence}`)
  }
  for (const line of broken) console.log(line)
  process.exitCode = broken.length > 0 ? 1 : 0
}

main()
