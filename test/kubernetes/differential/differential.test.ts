import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemRandom } from '../../../src/random.ts'
import { CUSTOM_RESOURCE_DEFINITIONS } from '../../../src/kube/crds.ts'
import { eventually, KubernetesClient } from '../../contracts/kubernetes-client.ts'
import { type RealKubernetes, startKubernetes } from '../harness.ts'
import { Arena, kindOf, playBatch, told } from './batch.ts'
import { EXAMPLES } from './examples.ts'
import { OMISSIONS } from './omissions.ts'

/** `SEQUENCES=2000` each night; `SEED` plays other ones. */
const COUNT = Number(process.env['SEQUENCES'] ?? 100)
const SEED = Number(process.env['SEED'] ?? 20_261_124)
/** How many sequences share the real server at a time. */
const WIDTH = 12
/** How many findings are shrunk and told. */
const TOLD = Number(process.env['FINDINGS'] ?? 5)

let kubernetes: RealKubernetes
let arena: Arena

beforeAll(async () => {
  kubernetes = await startKubernetes()
  const client = new KubernetesClient(kubernetes.transport)
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
  for (const definition of CUSTOM_RESOURCE_DEFINITIONS) {
    await client.created(path, definition)
    const { group, names } = definition.spec
    const objects = `/apis/${group}/v1alpha1/${names.plural}`
    await eventually(async () => (await client.get(objects)).status === 200, `${names.plural} are served`)
  }
  arena = new Arena({ real: kubernetes.transport, run: `d${systemRandom.hex(2)}` })
})
afterAll(async () => {
  await kubernetes.close()
})

it.for(EXAMPLES)('$title', async ({ operations }) => {
  const { difference } = await arena.play(operations)
  expect(difference && told({ operations, difference })).toBeUndefined()
})

it(`${COUNT} random sequences from seed ${SEED} on are answered alike by the real server and the simulated one`, {
  timeout: 2_400_000,
}, async () => {
  const { findings, histogram } = await playBatch({ arena, seed: SEED, count: COUNT, width: WIDTH, patience: 200 })
  const omissions = OMISSIONS.map(({ what, why }) => `  ${what}: ${why}`)
  console.log([`SEQUENCES=${COUNT} SEED=${SEED}`, histogram, 'known omissions', ...omissions].join('\n'))
  const byKind = new Map(findings.map((finding) => [kindOf(finding.difference), finding] as const))
  const stories: string[] = []
  for (const finding of [...byKind.values()].slice(0, TOLD)) stories.push(told(await arena.shrunk(finding)))
  const counted = [...byKind.keys()].map(
    (kind) => `${findings.filter((each) => kindOf(each.difference) === kind).length} × ${kind}`,
  )
  if (findings.length > 0) expect.fail([`${findings.length} sequences differ`, ...counted, ...stories].join('\n\n'))
  expect(histogram.shortcomings).toEqual([])
})
