import { parentPort } from 'node:worker_threads'
import type { Answer, Order } from './batch.ts'
import { play } from './run.ts'
import { drawScenario } from './scenario.ts'

/** Plays the seeds that it is sent, one after the other. */
parentPort?.on('message', ({ seed }: Order) => {
  void answerTo(seed).then((answer) => parentPort?.postMessage(answer, []))
})

async function answerTo(seed: number): Promise<Answer> {
  try {
    const { log: _log, ...played } = await play(drawScenario(seed))
    return { seed, played }
  } catch (error) {
    return { seed, thrown: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}
