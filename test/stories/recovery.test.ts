import { describe, expect, test } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../src/core/time.ts'
import { ACCESS_KEYS } from '../../src/sim/embedded.ts'
import { Story } from './story.ts'

/** One thing that the controller does to the world, as the world's own books tell it. */
interface Effects {
  readonly requests: readonly string[]
  readonly records: readonly string[]
  readonly annotations: readonly string[]
  readonly deletions: number
}

/** When the process dies: at the `index`th effect, before it is sent or once it has taken effect and before the answer. */
interface Death {
  readonly index: number
  readonly moment: 'before' | 'after'
  readonly loseLedger: boolean
}

const MUTATIONS = ['RequestCertificate', 'ChangeResourceRecordSets', 'DeleteCertificate']

/** An Ingress appears, gains a host, and goes: every kind of effect, twice over. Dies as `death` says, and is started again. */
async function life(death: Death | undefined): Promise<{ effects: Effects; count: number }> {
  // Lists are behind for longer than it takes another process to lead: only the token of a request keeps it from being made twice.
  const aws = { listDelay: [90 * SECOND, 90 * SECOND], taggingDelay: [90 * SECOND, 90 * SECOND] } as const
  await using story = await Story.begin({ flags: { 'retire-after': '30m' }, aws, start: false })
  story.world.prober.stop()
  let count = 0
  let dying = false
  const strike = (moment: Death['moment'], counting: boolean) => {
    if (counting) count += 1
    if (!death || dying || count !== death.index || moment !== death.moment) return false
    dying = true
    story.controller.kill()
    return true
  }
  story.world.aws.faults = {
    before: (call) => (isOurs(call) && strike('before', true) ? { kind: 'reset' } : undefined),
    after: (call) => (isOurs(call) && strike('after', false) ? { kind: 'reset' } : undefined),
  }
  story.world.kube.faults = {
    before: (call) => (isPublication(call) && strike('before', true) ? { kind: 'reset' } : undefined),
    after: (call) => (isPublication(call) && strike('after', false) ? { kind: 'reset' } : undefined),
  }
  story.startController()
  const restart = async () => {
    if (!dying || !death || restarted) return
    restarted = true
    if (death.loseLedger) loseLedger(story)
    await story.pass(SECOND)
    story.startController()
  }
  let restarted = false
  /** Goes on until the condition holds, and starts the process again if it died on the way. */
  const until = async (what: string, condition: () => boolean, limit: number) => {
    await story.until(what, () => condition() || (dying && !restarted), limit)
    await restart()
    await story.until(what, condition, limit)
  }
  await story.apply({ name: 'shop', hosts: ['a.example.com'] })
  await until('a is served', () => story.isReady('shop'), 20 * MINUTE)
  await story.during(story.world.user.addHost({ namespace: 'default', name: 'shop' }, 'b.example.com'))
  const both = () => story.certificates('a.example.com', 'b.example.com')[0]?.arn
  await until(
    'a and b are served',
    () => story.isReady('shop') && story.listed('shop').length === 1 && story.listed('shop')[0] === both(),
    30 * MINUTE,
  )
  await until('the old certificate is gone', () => story.certificates('a.example.com').length === 0, 3 * HOUR)
  await story.during(story.world.user.delete({ namespace: 'default', name: 'shop' }))
  await until('nothing is left', () => story.world.aws.certificates().length === 0, 3 * HOUR)
  expect(death === undefined || dying).toBe(true)
  return { effects: effectsOf(story), count }
}

function isOurs(call: { readonly operation: string; readonly accessKeyId: string }): boolean {
  return MUTATIONS.includes(call.operation) && call.accessKeyId === ACCESS_KEYS.controller
}

function isPublication(call: {
  readonly verb: string
  readonly collection: string
  readonly userAgent: string
}): boolean {
  return (
    call.verb === 'apply' &&
    call.collection === 'ingresses.networking.k8s.io' &&
    call.userAgent.startsWith('certwright')
  )
}

function effectsOf(story: Story): Effects {
  const { events } = story.world.aws
  const own = events.all.filter((event) => event.by === ACCESS_KEYS.controller)
  return {
    requests: events.of('certificateRequested').map((event) => event.names.join()),
    records: events
      .of('recordChanged')
      .map((event) => `${event.action} ${event.name}`)
      .sort(),
    annotations: story.world.kube.events.entries
      .filter((entry) => entry.collection.startsWith('ingresses') && entry.manager === 'certwright')
      .map((entry) =>
        String(
          (entry.after?.metadata.annotations?.['alb.ingress.kubernetes.io/certificate-arn'] ?? '').split(',').length,
        ),
      ),
    deletions: own.filter((event) => event.kind === 'certificateDeleted').length,
  }
}

/** Somebody deletes every object of ours: what matters is in the tags, too. */
function loseLedger(story: Story): void {
  for (const kind of ['ACMCertificate', 'CertificateClaim']) {
    for (const { apiVersion, metadata } of story.world.kube.admin.list({
      apiVersion: 'certwright.dev/v1alpha1',
      kind,
    })) {
      story.world.kube.admin.delete({
        apiVersion,
        kind,
        name: metadata.name ?? '',
        ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
      })
    }
  }
}

describe('killed at any effect, the controller ends where it would have ended, and nothing is done twice', async () => {
  const undisturbed = await life(undefined)
  test('the life that is disturbed has every kind of effect', () => {
    expect(undisturbed.effects.requests).toEqual(['a.example.com', 'a.example.com,b.example.com'])
    expect(undisturbed.effects.records).toHaveLength(2)
    expect(undisturbed.effects.annotations).toEqual(['1', '2', '1'])
    expect(undisturbed.effects.deletions).toBe(2)
    expect(undisturbed.count).toBe(9)
  })
  const indices = Array.from({ length: 9 }, (_, index) => index + 1)
  for (const loseLedger of [false, true]) {
    for (const moment of ['before', 'after'] as const) {
      test.each(indices)(
        `killed ${moment} effect %i${loseLedger ? ', the ledger lost as well' : ''}`,
        async (index) => {
          const { effects } = await life({ index, moment, loseLedger })
          expect(effects).toEqual(undisturbed.effects)
        },
      )
    }
  }
})
