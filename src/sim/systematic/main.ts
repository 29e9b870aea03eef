import { parseArgs } from 'node:util'
import { systemClock } from '../../clock.ts'
import { playAll } from './crew.ts'
import { STORIES } from './stories.ts'
import { playPoint, referenceOf, STUDIES } from './studies.ts'
import type { Study } from './study.ts'
import type { Played } from './worker.ts'

const SECOND = 1_000

interface Row {
  readonly study: string
  readonly story: string
  readonly effects: number
  readonly points: number
  readonly same: number
  readonly ids: readonly string[]
  readonly what: ReadonlyMap<string, string>
  milliseconds: number
  broken: number
}

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
    },
  })
  if (values.replay !== undefined) {
    process.exitCode = (await replay(values.replay)) ? 0 : 1
    return
  }
  const chosen = (names: readonly string[] | undefined, name: string) => names === undefined || names.includes(name)
  const begun = systemClock.monotonic()
  const rows: Row[] = []
  for (const study of STUDIES.filter(({ name }) => chosen(values.study, name)))
    for (const story of STORIES.filter(({ name }) => chosen(values.story, name)))
      rows.push(thinned(await rowOf(study, story), Number(values.from), Number(values.stride)))
  const broken = await playRows(rows, { workers: Number(values.workers), most: Number(values.most) })
  printTable(rows, systemClock.monotonic() - begun)
  process.exitCode = broken === 0 ? 0 : 1
}

async function rowOf(study: Study, story: (typeof STORIES)[number]): Promise<Row> {
  const { effects, points, same } = study.points(story, await referenceOf(story))
  return {
    study: study.name,
    story: story.name,
    effects,
    points: points.length + same,
    same,
    ids: points.map(({ id }) => id),
    what: new Map(points.map(({ id, what }) => [id, what])),
    milliseconds: 0,
    broken: 0,
  }
}

/** Every `stride`th run, from one on: a sample. */
function thinned(row: Row, from: number, stride: number): Row {
  return { ...row, ids: row.ids.filter((_, index) => index % stride === from % stride) }
}

async function playRows(rows: readonly Row[], options: { workers: number; most: number }): Promise<number> {
  const rowOfId = new Map(rows.flatMap((row) => row.ids.map((id) => [id, row] as const)))
  let broken = 0
  const onPlayed = ({ id, faults, milliseconds }: Played) => {
    const row = rowOfId.get(id)
    if (row) row.milliseconds += milliseconds
    if (faults.length === 0) return
    broken += 1
    if (row) row.broken += 1
    if (row && row.broken > options.most) return
    console.log(`${id}: ${row?.what.get(id) ?? ''}`)
    for (const fault of faults.slice(0, 6)) console.log(`    ${fault}`)
    console.log(`    again, with its story: make crash-points REPLAY="${id}"`)
  }
  await playAll([...rowOfId.keys()], { workers: options.workers, onPlayed })
  return broken
}

async function replay(id: string): Promise<boolean> {
  const { faults } = await playPoint(id, { tell: (line) => console.log(line) })
  console.log(faults.length === 0 ? 'it ends as the undisturbed story does' : faults.join('\n'))
  return faults.length === 0
}

function printTable(rows: readonly Row[], milliseconds: number): void {
  console.log('study     story            effects  points  the same  runs  ms a run  broken')
  for (const { study, story, effects, points, same, ids, milliseconds: spent, broken } of rows) {
    const columns = [String(effects).padStart(7), String(points).padStart(6), String(same).padStart(8)]
    const runs = [String(ids.length).padStart(4), String(Math.round(spent / Math.max(1, ids.length))).padStart(8)]
    console.log(
      `${study.padEnd(9)} ${story.padEnd(16)} ${columns.join('  ')}  ${runs.join('  ')}  ${String(broken).padStart(6)}`,
    )
  }
  const total = (of: (row: Row) => number) => rows.reduce((sum, row) => sum + of(row), 0)
  console.log(
    `${total(({ points }) => points)} points in ${total(({ ids }) => ids.length)} runs, ${total(({ broken }) => broken)} broken, ${Math.round(milliseconds / SECOND)} s, ${Math.round((process.cpuUsage().user + process.cpuUsage().system) / 1_000_000)} s of CPU`,
  )
}

await main()
