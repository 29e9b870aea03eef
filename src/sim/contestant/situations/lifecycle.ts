import { defaultSettings } from '../../aws/settings.ts'
import type { Situation } from '../situation.ts'
import { HOUR, MINUTE, SECOND } from '../trial.ts'

const DENIED = { kind: 'accessDenied' } as const

/** What becomes of requests and of what is pending: the first half of §B of the reference's defects. */
export const LIFECYCLE: readonly Situation[] = [
  {
    defect: 'B1',
    story: 'Route 53 refuses changes for ten seconds, just after a certificate was requested',
    outcome: 'the next reconcile waits half an hour for a certificate whose record nobody writes',
    law: 'D3',
    names: 'shop.example.com',
    async play(trial) {
      trial.faults = { before: ({ operation }) => (operation === 'ChangeResourceRecordSets' ? DENIED : undefined) }
      await trial.apply({ name: 'shop', hosts: ['shop.example.com'] })
      await trial.passUntil(() => (trial.calls.get('ChangeResourceRecordSets') ?? 0) > 0)
      await trial.pass(10 * SECOND)
      trial.faults = {}
      await trial.pass(HOUR)
    },
  },
  {
    defect: 'B2',
    story: 'ACM takes more than a minute to give the records of a certificate with 25 names',
    outcome: 'it gives up after 30 s, and every later try waits for what nobody can validate',
    law: 'L1',
    names: 'host24.example.com',
    options: {
      flags: { 'max-names-per-certificate': '30' },
      aws: { recordsDelay: [70 * SECOND, 90 * SECOND], quotas: { ...defaultSettings.quotas, namesPerCertificate: 30 } },
    },
    async play(trial) {
      const hosts = Array.from({ length: 25 }, (_, number) => `host${number}.example.com`)
      await trial.apply({ name: 'shop', hosts })
      await trial.pass(2 * HOUR)
    },
  },
  {
    defect: 'B3',
    story: 'a host never validates',
    outcome: 'it is deleted and requested again every half hour or more',
    law: 'Q2',
    names: 'bad.example.com',
    options: { hopeless: ['bad.example.com'] },
    async play(trial) {
      trial.world.aws.setValidates('bad.example.com', false)
      await trial.apply({ name: 'bad', hosts: ['bad.example.com'] })
      await trial.pass(6 * HOUR)
    },
  },
  {
    defect: 'B4',
    story: 'a host is added, and for two hours Route 53 refuses its record',
    outcome: 'every try requests one more, beside those that are pending',
    law: 'S3',
    names: 'shop+www',
    options: { hopeless: ['www.example.com'] },
    async play(trial) {
      const shop = await trial.apply({ name: 'shop', hosts: ['shop.example.com'] })
      await trial.untilServed(shop)
      trial.befalls()
      trial.faults = { before: ({ operation }) => (operation === 'ChangeResourceRecordSets' ? DENIED : undefined) }
      await trial.setHosts(shop, 'shop.example.com', 'www.example.com')
      await trial.pass(2 * HOUR)
    },
  },
  {
    defect: 'B8',
    story: 'CAA forbids a host, and ACM says so',
    outcome: 'what failed is waited for like what is pending, and then requested again',
    law: 'Q2',
    names: 'shop.example.com',
    options: { hopeless: ['shop.example.com'] },
    async play(trial) {
      trial.world.aws.failDomain('shop.example.com', 'CAA_ERROR')
      await trial.apply({ name: 'shop', hosts: ['shop.example.com'] })
      await trial.pass(2 * HOUR)
    },
  },
  {
    defect: 'B8',
    story: 'a certificate of a group expires while it is in use, and another Ingress joins',
    outcome: 'the expired one cannot be deleted, and nothing of the group is worked on any more',
    law: 'L1',
    names: 'late.example.com',
    async play(trial) {
      const shop = await trial.apply({ name: 'shop', group: 'web', hosts: ['shop.example.com'] })
      await trial.untilServed(shop)
      await trial.pass(10 * MINUTE)
      const [arn = ''] = trial.certificates('shop.example.com')
      trial.befalls()
      trial.world.aws.end(arn, 'EXPIRED')
      await trial.pass(MINUTE)
      await trial.apply({ name: 'late', group: 'web', hosts: ['late.example.com'] })
      await trial.pass(HOUR)
    },
  },
  {
    defect: 'B17',
    story: 'the answer to a request is lost',
    outcome: 'the retry without a token makes a second certificate',
    law: 'S3',
    names: 'shop',
    // ACM may also give back the certificate of an equal request; it is not documented.
    options: { aws: { tokenlessWindow: 0 } },
    async play(trial) {
      trial.loseAnswer('RequestCertificate')
      const shop = await trial.apply({ name: 'shop', hosts: ['shop.example.com'] })
      await trial.untilServed(shop)
    },
  },
  {
    defect: 'B18',
    story: 'the controller is restarted while a certificate has been pending for eight minutes',
    outcome: 'the new process deletes it and begins again',
    law: 'Q2',
    names: 'shop.example.com',
    options: { aws: { issuance: [12 * MINUTE, 12 * MINUTE] } },
    async play(trial) {
      await trial.apply({ name: 'shop', hosts: ['shop.example.com'] })
      await trial.pass(8 * MINUTE)
      trial.befalls()
      trial.kill()
      trial.start()
      await trial.pass(HOUR)
    },
  },
]
