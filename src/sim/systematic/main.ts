import { parseArgs } from 'node:util'
import { systemClock } from '../../clock.ts'
import { chosenOf, enter, wholeNumber } from '../entry.ts'
import { doAll } from './crew.ts'
import { choosePairs } from './pairs.ts'
import { Report } from './report.ts'
import { SCOPES } from './scopes.ts'
import { STORIES } from './stories.ts'
import { playPoint, referenceOf, STUDIES } from './studies.ts'
import { parseId } from './study.ts'
import type { Done } from './worker.ts'

/** Every point of every story, or one of them again with its story. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      replay: { type: 'string' },
      study: { type: 'string', multiple: true },
      story: { type: 'string', multiple: true },
      workers: { type: 'string', default: '2' },
      stride: { type: 'string', default: '1' },
      from: { type: 'string', default: '0' },
      most: { type: 'string', default: '3' },
      pairs: { type: 'string', default: '0' },
    },
  })
  if (values.replay !== undefined) {
    process.exitCode = (await replay(values.replay)) ? 0 : 1
    return
  }
  const studies = chosenOf('STUDY', values.study, [...STUDIES.map(({ name }) => name), 'scopes'])
  const stories = chosenOf(
    '--story',
    values.story,
    STORIES.map(({ name }) => name),
  )
  const [stride, from] = [wholeNumber('--stride', values.stride), wholeNumber('--from', values.from, 0)]
  const [workers, most] = [wholeNumber('--workers', values.workers), wholeNumber('--most', values.most)]
  const pairs = wholeNumber('PAIRS', values.pairs, 0)
  const begun = systemClock.monotonic()
  const report = new Report(most)
  for (const study of STUDIES.filter(({ name }) => studies.includes(name)))
    for (const story of STORIES.filter(({ name }) => stories.includes(name))) {
      const { effects, points, same } = study.points(story, await referenceOf(story))
      const sample = points.filter((_, index) => index % stride === from)
      report.addRow({ study: study.name, story: story.name, effects, same, points: sample })
    }
  const onDone = (done: Done) => report.note(done)
  const scopes = studies.includes('scopes') && values.story === undefined ? SCOPES : []
  await doAll([...scopes.map((scope) => ({ scope })), ...report.ids.map((point) => ({ point }))], { workers, onDone })
  if (pairs > 0) await playPairs(report, { workers, budget: pairs })
  report.print()
  const { user, system } = process.cpuUsage()
  const [wall, cpu] = [(systemClock.monotonic() - begun) / 1_000, (user + system) / 1_000_000]
  console.log(`${Math.round(wall)} s, ${Math.round(cpu)} s of CPU`)
  process.exitCode = report.broken === 0 ? 0 : 1
}

/** Deaths of the processes that came after those that died. */
async function playPairs(report: Report, options: { workers: number; budget: number }): Promise<void> {
  const { ids, of } = choosePairs(report.recoveries, options.budget)
  console.log(`${ids.length} pairs of deaths of ${of} that there are`)
  for (const { name } of STORIES) {
    const points = ids.filter((id) => parseId(id).story === name).map((id) => ({ id, what: 'killed twice' }))
    if (points.length > 0) report.addRow({ study: 'pairs', story: name, effects: points.length, same: 0, points })
  }
  const jobs = ids.map((point) => ({ point }))
  await doAll(jobs, { workers: options.workers, onDone: (done) => report.note(done) })
}

async function replay(id: string): Promise<boolean> {
  const { faults } = await playPoint(id, { tell: (line) => console.log(line) })
  console.log(faults.length === 0 ? 'it ends as the undisturbed story does' : faults.join('\n'))
  return faults.length === 0
}

await enter(main)
