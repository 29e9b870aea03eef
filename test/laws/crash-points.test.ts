import { expect, test } from 'vitest'
import { MOMENTS } from '../../src/sim/systematic/crash.ts'
import { CRASHES, writesOf } from '../../src/sim/systematic/crash-study.ts'
import { playReference } from '../../src/sim/systematic/run.ts'
import { STORIES } from '../../src/sim/systematic/stories.ts'
import { playPoint, referenceOf, storyNamed } from '../../src/sim/systematic/studies.ts'

// The whole of it is `make crash-points`: here one story at all its points, and the kinds of effects of all stories.

/** Every how many points one is played here. */
const STRIDE = 7

test('the same story twice has the same trace, byte for byte', async () => {
  const story = storyNamed('life')
  expect((await playReference(story)).trace).toBe((await referenceOf(story)).trace)
})

test('the canonical stories have every kind of effect, and reach every moment of them', async () => {
  const labels = new Set<string>()
  const moments = new Set<string>()
  for (const story of STORIES) {
    const reference = await referenceOf(story)
    for (const { label } of writesOf(reference)) labels.add(label.replace(/\/.*?(?= status|$)/, ''))
    for (const { id } of CRASHES.points(story, reference).points) moments.add(id.split('/').at(-1) ?? '')
  }
  for (const label of [
    'RequestCertificate',
    'ChangeResourceRecordSets',
    'DeleteCertificate',
    'apply ingresses',
    'apply acmcertificates',
    'apply acmcertificates status',
    'apply certificateclaims',
    'apply certificateclaims status',
    'create events',
    'create leases',
    'update leases',
  ])
    expect(labels).toContain(label)
  expect([...moments].sort()).toEqual([...MOMENTS].sort())
})

test('a certificate whose process dies at any of its effects lives and ends as one whose process does not', async () => {
  const story = storyNamed('life')
  const { points } = CRASHES.points(story, await referenceOf(story))
  const faults: string[] = []
  for (const { id } of points.filter((_, index) => index % STRIDE === 0))
    for (const fault of (await playPoint(id)).faults) faults.push(`${id}: ${fault}`)
  expect(faults).toEqual([])
})
