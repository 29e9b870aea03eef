import type { Breach, Law } from '../laws/book.ts'
import type { Call } from './call.ts'
import { countsOf, type Counts, differences, endStateOf, type EndState, LENT } from './end-state.ts'
import { type Disturbance, Stage } from './stage.ts'
import type { Step } from './step.ts'
import type { Story } from './story.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

/** A scene that takes longer than this does not come to its end. */
const SCENE_LIMIT_MS = 60 * MINUTE
/** How long nothing is written once a story is at rest. */
const REST_MS = 45 * SECOND
/** How much later than the end of its last scene a disturbed run may still come to the undisturbed end. */
const PATIENCE_MS = 20 * MINUTE

/** A call of the undisturbed run, and the state of the worlds when it was sent, and when it was answered. */
export interface Sent extends Call {
  readonly before: string
  readonly after: string
}

/** Looks on, and does nothing. */
class Recorder implements Disturbance {
  readonly sent: Sent[] = []
  readonly struck = true

  async call<Answer>(stage: Stage, call: Call, send: () => Promise<Answer>): Promise<Answer> {
    const before = stage.stateHash()
    this.sent[call.index] = { ...call, before, after: before }
    const answer = await send()
    this.sent[call.index] = { ...call, before, after: stage.stateHash() }
    return answer
  }
}

/** The undisturbed run, by which all others are judged. */
export interface Reference {
  readonly end: EndState
  readonly counts: Counts
  readonly sent: readonly Sent[]
  readonly steps: readonly Step[]
  readonly trace: string
  /** Milliseconds of the story. */
  readonly length: number
}

/** What a disturbed run came to. */
export interface Outcome {
  /** What was wrong, in sentences; none where all was as it should be. */
  readonly faults: readonly string[]
  readonly premises: ReadonlyMap<Law, number>
  readonly calls: readonly Call[]
}

export interface RunOptions {
  readonly tell?: ((line: string) => void) | undefined
}

/** Plays a story as it is. @throws Error where it does not end, or breaks a law: then no other run can be judged by it. */
export async function playReference(story: Story, options: RunOptions = {}): Promise<Reference> {
  const recorder = new Recorder()
  const stage = new Stage({ ...story.options, ...options }, recorder)
  try {
    await stage.begin()
    stage.startProcess()
    const stuck = await playScenes(stage, story)
    if (stuck !== undefined) throw new Error(`${story.name}: ${stuck}`)
    await rest(stage)
    const { breach } = stage.book
    if (breach) throw new Error(`${story.name} breaks ${sentence(breach)}`)
    return {
      end: endStateOf(stage),
      counts: countsOf(stage),
      sent: recorder.sent,
      steps: stage.steps,
      trace: stage.traceHash(),
      length: stage.elapsed,
    }
  } finally {
    await stage.end()
  }
}

/** What is compared in the end besides the end state itself. */
export interface Expectations {
  /** Counts that need not be those of the reference: the disturbance itself made for others. */
  readonly except?: readonly (keyof Counts)[]
  /** Lines of the end state that need not be the reference's either. */
  readonly ignore?: RegExp
  /** The disturbance makes the controller later than a certificate is issued: what is lent meanwhile is not counted. */
  readonly lendsAsItComes?: boolean
}

/** Plays a story with something done to it, and judges it by the undisturbed run. */
export async function playDisturbed(
  story: Story,
  options: RunOptions & {
    readonly reference: Reference
    readonly disturbance: Disturbance
    readonly expectations?: Expectations
  },
): Promise<Outcome> {
  const { reference, disturbance, expectations = {}, tell } = options
  const stage = new Stage({ ...story.options, tell }, disturbance)
  const faults: string[] = []
  try {
    await stage.begin()
    stage.startProcess()
    const stuck = await playScenes(stage, story)
    if (stuck === undefined)
      faults.push(
        ...(await compareEnds(stage, reference, ignored(story, expectations))),
        ...compareCounts(story, countsOf(stage), { reference, expectations }),
      )
    else faults.push(stuck)
    if (!disturbance.struck) faults.unshift('the disturbance never struck')
    if (stage.book.breach) faults.unshift(sentence(stage.book.breach))
  } finally {
    await stage.end()
  }
  return { faults, premises: stage.book.premises, calls: stage.calls }
}

function sentence({ law, at, sentence: text }: Breach): string {
  return `${law} at ${at / SECOND} s: ${text}`
}

/** @returns which scene did not come to its end. */
async function playScenes(stage: Stage, story: Story): Promise<string | undefined> {
  for (const { what, deed, until } of story.scenes) {
    stage.tell(() => `--- ${what}`)
    const done = deed(stage)
    if (done) await stage.during(done)
    try {
      await stage.clock.advanceUntil(() => until(stage) || stage.book.breach !== undefined, SCENE_LIMIT_MS)
    } catch {
      return `"${what}" did not come to its end within ${SCENE_LIMIT_MS / MINUTE} min`
    }
    if (stage.book.breach) return 'a law was broken'
  }
  stage.tell(() => '--- the story is told')
  return undefined
}

/** Until nothing of ours is written for a while. */
async function rest(stage: Stage): Promise<void> {
  for (;;) {
    const { written } = stage.court
    await stage.clock.advance(REST_MS)
    if (stage.court.written === written) return
  }
}

/** Where annotations need not be written the same way, neither must what is remembered of it. */
function ignored({ uncounted = [] }: Story, { ignore }: Expectations): RegExp | undefined {
  return uncounted.includes('annotations') ? /\.status\.published\./ : ignore
}

/** Waits for the undisturbed end state; where it does not come, says how it differs. */
async function compareEnds(stage: Stage, reference: Reference, ignore: RegExp | undefined): Promise<readonly string[]> {
  const end = stage.clock.monotonic() + PATIENCE_MS
  for (;;) {
    await rest(stage)
    const different = differences(reference.end, endStateOf(stage)).filter((line) => !ignore?.test(line))
    if (different.length === 0 || stage.clock.monotonic() >= end || stage.book.breach) return different
  }
}

function compareCounts(
  story: Story,
  counts: Counts,
  { reference, expectations }: { reference: Reference; expectations: Expectations },
): readonly string[] {
  const { uncounted = [] } = story
  const lendsAsItComes = story.lendsAsItComes === true || expectations.lendsAsItComes === true
  const told = (counted: readonly string[]) =>
    counted.filter((write) => !(lendsAsItComes && write.endsWith(LENT))).join('; ')
  return (['requests', 'deletions', 'records', 'annotations'] as const)
    .filter(
      (kind) =>
        !uncounted.includes(kind) &&
        !expectations.except?.includes(kind) &&
        told(counts[kind]) !== told(reference.counts[kind]),
    )
    .map((kind) => `${kind} were [${told(counts[kind])}] and not [${told(reference.counts[kind])}]`)
}
