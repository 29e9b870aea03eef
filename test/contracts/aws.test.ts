import { afterAll, expect, test } from 'vitest'
import { awsContract } from './aws.ts'
import runs from './aws/account-runs.json' with { type: 'json' }
import { FACTS } from './aws/facts/index.ts'
import { inProcess, overHttp } from './aws/harness.ts'
import { identityOf, tally } from './aws/tally.ts'

const ran = new Set<string>()

awsContract({ name: 'the simulated AWS in process', make: inProcess, facts: FACTS, ran })
awsContract({ name: 'the simulated AWS over HTTP', make: overHttp, facts: FACTS, ran: new Set() })

test('each fact is told once, in a sentence, with its source', () => {
  const identities = FACTS.map(identityOf)
  expect(identities.filter((identity, index) => identities.indexOf(identity) !== index)).toEqual([])
  expect(FACTS.filter(({ source }) => source.where.some((where) => where === ''))).toEqual([])
})

afterAll(() => {
  console.info(tally(FACTS, ran, runs).join('\n'))
})
