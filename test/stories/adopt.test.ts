import { expect, test } from 'vitest'
import { runAdopt } from '../../src/cli/adopt/run.ts'
import type { Arn } from '../../src/core/certificate.ts'
import { HOUR, MINUTE } from '../../src/core/time.ts'
import { wishKey } from '../../src/core/wish.ts'
import { Story } from './story.ts'

const SHOP = { namespace: 'default', name: 'shop' }
const EARLIER = 'bbbbbbbbbbbb'

/** What `certwright adopt` does, and what it says. */
async function adopt(story: Story, asked: { arns?: readonly Arn[]; owner?: string; answer?: boolean }) {
  const said: string[] = []
  const { world } = story.world
  const run = runAdopt({
    world,
    settings: story.settings,
    arns: asked.arns ?? [],
    owner: asked.owner,
    confirm: async () => asked.answer ?? true,
    say: (line) => void said.push(line),
  })
  await story.during(run)
  return said.join('\n')
}

function tagsOf(story: Story, arn: Arn): Readonly<Record<string, string>> {
  return story.world.aws.certificate(arn)?.tags ?? {}
}

/** As an earlier cluster of the story's name left it. */
function leave(story: Story, name: string): Arn {
  const key = wishKey({ names: [name], issuer: { kind: 'amazon' }, keyAlgorithm: 'RSA_2048', region: 'eu-central-1' })
  return story.world.aws.issueCertificate({
    names: [name],
    tags: { 'certwright.dev/cluster': 'story', 'certwright.dev/owner': EARLIER, 'certwright.dev/key': key },
  })
}

function reasons(story: Story): readonly (string | undefined)[] {
  return story.world.kube.admin
    .list({ apiVersion: 'certwright.dev/v1alpha1', kind: 'ACMCertificate' })
    .map(({ status }) => (status as { reason?: string } | undefined)?.reason)
}

test('an adopted certificate serves the Ingress of its names without a request, and stays when that goes', async () => {
  await using story = await Story.begin({ flags: { 'retire-after': '10m' } })
  story.world.prober.stop()
  const arn = story.world.aws.issueCertificate({
    names: ['shop.example.com', 'www.example.com'],
    tags: { team: 'shop' },
  })
  await story.pass(MINUTE)
  expect(await adopt(story, { arns: [arn] })).toContain('shop.example.com, www.example.com')
  expect(tagsOf(story, arn)).toMatchObject({ team: 'shop', 'certwright.dev/adopted': 'true' })
  expect(await adopt(story, { arns: [arn] })).toContain('adopted already')
  await story.pass(HOUR + 10 * MINUTE)
  await story.apply({ ...SHOP, hosts: ['shop.example.com', 'www.example.com'] })
  await story.ready('shop')
  expect(story.listed('shop')).toEqual([arn])
  await story.pass(HOUR)
  await story.during(story.world.user.delete(SHOP))
  await story.until('it is retained', () => reasons(story).includes('Retained'), HOUR)
  await story.pass(3 * HOUR)
  expect(story.world.aws.certificate(arn)).toBeDefined()
  expect(tagsOf(story, arn)).toMatchObject({ team: 'shop', 'certwright.dev/adopted': 'true' })
  expect(story.requests()).toBe(0)
})

test('a rebuilt cluster waits for what its predecessor left, and serves it once it is taken over', async () => {
  await using story = await Story.begin({ start: false })
  story.world.prober.stop()
  const arns = [leave(story, 'shop.example.com'), leave(story, 'other.example.com')]
  const forged = story.world.aws.issueCertificate({
    names: ['forged.example.com'],
    tags: { ...tagsOf(story, arns[0] as Arn) },
  })
  const before = tagsOf(story, arns[0] as Arn)
  await story.pass(5 * MINUTE)
  story.startController()
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.reaches('shop', 'ClusterIdentityConflict')
  await expect(adopt(story, { owner: EARLIER, answer: false })).rejects.toThrow('nothing was changed')
  expect(tagsOf(story, arns[0] as Arn)).toEqual(before)
  const said = await adopt(story, { owner: EARLIER })
  expect(said).toContain(`${forged}: refused`)
  expect(tagsOf(story, forged)['certwright.dev/owner']).toBe(EARLIER)
  const after = arns.map((arn) => tagsOf(story, arn)['certwright.dev/owner'])
  expect(tagsOf(story, arns[0] as Arn)).toEqual({ ...before, 'certwright.dev/owner': after[0] })
  expect(after).toEqual([after[0], after[0]])
  expect(after).not.toContain(EARLIER)
  await story.ready('shop', 2 * HOUR)
  expect(story.listed('shop')).toEqual([arns[0]])
  expect(story.requests()).toBe(0)
})

test('a takeover that ended in the middle is ended by the next', async () => {
  await using story = await Story.begin({ start: false })
  story.world.prober.stop()
  const names = ['a.example.com', 'b.example.com', 'c.example.com']
  const arns = names.map((name) => leave(story, name))
  await story.pass(5 * MINUTE)
  let tagged = 0
  const ends = new Error('the process was killed')
  const killed = runAdopt({
    world: story.world.world,
    settings: story.settings,
    arns: [],
    owner: EARLIER,
    confirm: async () => true,
    say: (line) => {
      if (line.endsWith('tagged.') && ++tagged === 2) throw ends
    },
  })
  await expect(story.during(killed)).rejects.toThrow(ends)
  const owners = () => arns.filter((arn) => tagsOf(story, arn)['certwright.dev/owner'] === EARLIER).length
  expect(owners()).toBe(1)
  await adopt(story, { owner: EARLIER })
  expect(owners()).toBe(0)
  expect(await adopt(story, { arns, owner: EARLIER })).toContain('Nothing is to be done')
})

test('one certificate that cannot be adopted keeps all that were named from being touched', async () => {
  await using story = await Story.begin({ start: false })
  story.world.prober.stop()
  const good = story.world.aws.issueCertificate({ names: ['shop.example.com'] })
  await story.pass(MINUTE)
  const elsewhere = good.replace('eu-central-1', 'us-east-1')
  await expect(adopt(story, { arns: [good, elsewhere] })).rejects.toThrow('1 of 2 certificates cannot be adopted')
  await expect(adopt(story, { arns: [good, `${good}0`] })).rejects.toThrow('1 of 2 certificates cannot be adopted')
  expect(tagsOf(story, good)).toEqual({})
})
