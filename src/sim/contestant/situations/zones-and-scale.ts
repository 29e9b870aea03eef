import type { Situation } from '../situation.ts'
import { HOUR, MINUTE } from '../trial.ts'

/** Where records go, and what numbers do: §C and §D of the reference's defects. */
export const ZONES_AND_SCALE: readonly Situation[] = [
  {
    defect: 'C1',
    story: 'the account has 151 hosted zones',
    outcome: 'zones after the first hundred are not seen',
    law: 'L1',
    names: 'shop.zone',
    options: { zones: Array.from({ length: 151 }, (_, number) => `zone${number}.test`) },
    async play(trial) {
      const hosts = Array.from({ length: 151 }, (_, number) => `shop.zone${number}.test`)
      for (const [number, host] of hosts.entries()) {
        if (number % 10 === 0) await trial.apply({ name: `shop${number}`, hosts: [host] })
      }
      await trial.pass(HOUR)
    },
  },
  {
    defect: 'C2',
    story: 'a private zone has the name of the host',
    outcome: 'the record is written where nobody on the internet sees it',
    law: 'D2',
    names: 'shop.example.com',
    async play(trial) {
      trial.world.aws.createHostedZone({ name: 'shop.example.com', private: true })
      await trial.apply({ name: 'shop', hosts: ['shop.example.com'] })
      await trial.pass(HOUR)
    },
  },
  {
    defect: 'C3',
    story: 'old zones of the same name were left, and the domain is delegated to another',
    outcome: 'the first zone in the list gets the record, delegated or not',
    law: 'L1',
    names: 'shop.twins.test',
    async play(trial) {
      const zones = [1, 2, 3, 4].map(() => trial.world.aws.createHostedZone({ name: 'twins.test' }))
      const last = [...zones].sort((a, b) => (a.id < b.id ? -1 : 1)).at(-1)
      trial.world.aws.setDelegated(last?.id ?? '', true)
      await trial.apply({ name: 'shop', hosts: ['shop.twins.test'] })
      await trial.pass(HOUR)
    },
  },
  {
    defect: 'C7',
    story: 'one of two hosts has no hosted zone in the account',
    outcome: 'the other gets no certificate either',
    law: 'L1',
    names: 'shop.example.com',
    async play(trial) {
      await trial.apply({ name: 'shop', hosts: ['shop.example.com', 'shop.elsewhere.test'] })
      await trial.pass(HOUR)
    },
  },
  {
    defect: 'D1',
    story: 'the account has 300 certificates of others',
    outcome: 'the tags of each are asked for, one by one, faster than ACM allows',
    law: 'Q1',
    names: 'ListTagsForCertificate',
    options: { aws: { latency: [60, 60] } },
    async play(trial) {
      for (let number = 0; number < 300; number++) {
        trial.world.aws.issueCertificate({ names: [`other${number}.elsewhere.test`] })
      }
      await trial.pass(MINUTE)
      trial.befalls()
      const shop = await trial.apply({ name: 'shop', hosts: ['shop.example.com'] })
      await trial.untilServed(shop)
    },
  },
]
