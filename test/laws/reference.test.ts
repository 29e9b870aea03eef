import { describe, expect, it } from 'vitest'
import { measure } from '../../src/sim/contestant/measure.ts'
import { playSituation } from '../../src/sim/contestant/play.ts'
import { SITUATIONS } from '../../src/sim/contestant/situations.ts'
import { HOUR, Trial } from '../../src/sim/contestant/trial.ts'
import { REFERENCE_DEFECTS, storiesOf } from './reference-defects.ts'

const DAY = 24 * HOUR

/** The AWS Load Balancer Controller's own certificates and Certwright, each put into the same situations, with the same laws watching. */

describe.each(SITUATIONS)('$defect: $story', (situation) => {
  const { law, names } = situation

  it(`the laws name what the reference makes of it: ${situation.outcome}`, { timeout: 120_000 }, async () => {
    const findings = await playSituation(situation, 'reference')
    const sentences = findings.filter((finding) => finding.law === law).map(({ sentence }) => sentence)
    expect(sentences.filter((sentence) => sentence.includes(names))).not.toEqual([])
  })

  it('Certwright holds all laws', { timeout: 120_000 }, async () => {
    expect(await playSituation(situation, 'certwright')).toEqual([])
  })
})

describe('the table of defects', () => {
  it.each(REFERENCE_DEFECTS)('has for $id a story, or why there is none', (defect) => {
    expect(storiesOf(defect).length > 0).toBe(defect.unshown === undefined)
  })

  it('names the law of each situation, and no defect twice', () => {
    const ids = REFERENCE_DEFECTS.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const unnamed = SITUATIONS.filter(
      ({ defect, law }) => !REFERENCE_DEFECTS.find(({ id }) => id === defect)?.laws.includes(law),
    )
    expect(unnamed).toEqual([])
  })
})

it('what A1 comes to: ACM cannot renew what is in use, and it expires', async () => {
  // A life of three days instead of 198, and a renewal one day before its end instead of 45.
  const aws = { validity: 3 * DAY, renewalLead: DAY }
  await using trial = await Trial.begin({ contestant: 'reference', aws })
  const shop = await trial.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await trial.untilServed(shop)
  await trial.setHosts(shop, 'shop.example.com', 'www.example.com')
  await trial.untilServed(shop)
  const [arn] = trial.certificates('shop.example.com', 'www.example.com')
  await trial.clock.advance(4 * DAY)
  const { events } = trial.world.aws
  const [failed] = events.of('certificateRenewalFailed')
  expect(failed).toMatchObject({ arn, reason: 'PENDING_DOMAIN_VALIDATION' })
  expect(events.of('certificateExpired')).toMatchObject([{ arn }])
  expect(trial.isServed(shop)).toBe(false)
})

it('ten certificates of one load balancer take the reference at least five times as long', async () => {
  const load = { certificates: 10, together: true }
  const [reference, certwright] = [await measure(load, 'reference'), await measure(load, 'certwright')]
  expect(reference.seconds / certwright.seconds).toBeGreaterThan(5)
})

it('the reference does what it is there for, where nothing befalls it', async () => {
  await using trial = await Trial.begin({ contestant: 'reference' })
  const shop = await trial.apply({ name: 'shop', hosts: ['shop.example.com', '*.example.com'] })
  const plain = await trial.apply({ name: 'plain', hosts: ['plain.example.com'] })
  expect(await trial.untilServed(shop, plain)).toBe(true)
  await trial.delete(shop)
  await trial.pass(HOUR)
  expect(trial.certificates('*.example.com', 'shop.example.com')).toEqual([])
  expect(trial.court.view.ingress('default/shop')).toBeUndefined()
  // It knows no tokens: that is its way, whatever befalls it.
  expect(new Set(trial.findings.map(({ law }) => law))).toEqual(new Set(['S4']))
})
