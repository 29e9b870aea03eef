import { expect } from 'vitest'
import { facts } from '../fact.ts'
import { failureOf, request } from '../harness.ts'
import { and, api, observed, seen } from '../source.ts'

const REQUEST = api.acm('RequestCertificate')
const IGNORED = observed('https://github.com/hashicorp/terraform-provider-aws/pull/6666')

export const idempotencyFacts = facts('Idempotency of RequestCertificate', ({ anywhere, simulated }) => {
  anywhere('a token has 1 to 32 word characters and no hyphen', REQUEST, async (site) => {
    for (const IdempotencyToken of ['a-b', '', 'a'.repeat(33), 'a b']) {
      expect(await failureOf(site.request({ IdempotencyToken }))).toMatchObject({ name: 'ValidationException' })
    }
    await site.request({ IdempotencyToken: site.token().padEnd(32, 'x') })
  })

  anywhere('the same token gives the same certificate', REQUEST, async (site) => {
    const [IdempotencyToken, DomainName] = [site.token(), site.name()]
    const first = await site.request({ IdempotencyToken, DomainName })
    expect(await site.request({ IdempotencyToken, DomainName })).toBe(first)
  })

  anywhere('with the same token other names are ignored', IGNORED, async (site) => {
    const IdempotencyToken = site.token()
    const first = await site.request({ IdempotencyToken })
    expect(await site.request({ IdempotencyToken })).toBe(first)
  })

  anywhere('another token makes another certificate of the same names', REQUEST, async (site) => {
    const DomainName = site.name()
    const first = await site.request({ DomainName })
    expect(await site.request({ DomainName })).not.toBe(first)
  })

  simulated('a token is known for an hour', and(REQUEST, IGNORED), 'days or hours must pass', async (enter) => {
    const world = await enter()
    const first = await request(world, { IdempotencyToken: 'token1' })
    await world.clock.advance(59 * 60_000)
    expect(await request(world, { IdempotencyToken: 'token1', DomainName: 'other.example.com' })).toBe(first)
    await world.clock.advance(2 * 60_000)
    expect(await request(world, { IdempotencyToken: 'token1' })).not.toBe(first)
    expect(world.aws.events.of('certificateRequested')).toHaveLength(2)
  })

  anywhere(
    'without a token an equal request is taken for the same, whatever the order of its names',
    and(seen.terraform(7760), seen.terraform(7909)),
    async (site) => {
      const [DomainName, b, c] = [site.name('a'), site.name('b'), site.name('c')]
      const ask = (...SubjectAlternativeNames: string[]) =>
        site.request({ IdempotencyToken: undefined, DomainName, SubjectAlternativeNames })
      const first = await ask(b, c)
      expect(await ask(c, b)).toBe(first)
      expect(await ask(c)).not.toBe(first)
    },
  )

  simulated('a token belongs to one account and region', REQUEST, 'a second account is needed', async (enter) => {
    const world = await enter()
    world.aws.accounts.createAccessKey({ accessKeyId: 'AKIDOTHER', account: '222222222222', userName: 'other' })
    const places = [world, world.clients({ region: 'us-east-1' }), world.clients({ accessKeyId: 'AKIDOTHER' })]
    const arns = await Promise.all(places.map((clients) => request(clients, { IdempotencyToken: 'token1' })))
    expect(new Set(arns).size).toBe(3)
  })
})
