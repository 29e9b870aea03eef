import type { Situation } from '../situation.ts'
import { HOUR, MINUTE } from '../trial.ts'

/** What takes away from somebody what worked: §A of the reference's defects. */
export const OUTAGES: readonly Situation[] = [
  {
    defect: 'A1',
    story: 'a host is added to an Ingress that is served',
    outcome: 'the record of the host that stays goes with the old certificate, and the new one cannot be renewed',
    law: 'D1',
    names: 'shop',
    async play(trial) {
      const shop = await trial.apply({ name: 'shop', hosts: ['shop.example.com'] })
      await trial.untilServed(shop)
      trial.befalls()
      await trial.setHosts(shop, 'shop.example.com', 'www.example.com')
      await trial.pass(2 * HOUR)
    },
  },
  {
    defect: 'A1',
    story: 'an Ingress moves to another group',
    outcome: 'its old certificate goes with the record that the new one needs',
    law: 'D1',
    names: 'shop',
    async play(trial) {
      const shop = await trial.apply({ name: 'shop', group: 'one', hosts: ['shop.example.com'] })
      await trial.untilServed(shop)
      // Within an hour ACM would take the new request for the old one.
      await trial.pass(2 * HOUR)
      trial.befalls()
      await trial.during(trial.world.user.annotate(shop, { 'alb.ingress.kubernetes.io/group.name': 'two' }))
      await trial.pass(2 * HOUR)
    },
  },
  {
    defect: 'A1',
    story: 'an Ingress is deleted whose host somebody else has a certificate for',
    outcome: "the record goes that the other's certificate is renewed with",
    law: 'D1',
    names: 'foreign shop',
    async play(trial) {
      trial.world.aws.issueCertificate({ names: ['shop.example.com'] })
      await trial.pass(2 * HOUR)
      const shop = await trial.apply({ name: 'shop', hosts: ['shop.example.com'] })
      await trial.untilServed(shop)
      trial.befalls()
      await trial.delete(shop)
      await trial.pass(2 * HOUR)
    },
  },
  {
    defect: 'A2',
    story: 'another team creates and deletes an Ingress with a host that is not its own',
    outcome: 'the record of the victim is deleted with the certificate of the other',
    law: 'D1',
    names: 'victim',
    async play(trial) {
      await trial.during(trial.world.user.createNamespace('elsewhere'))
      const victim = await trial.apply({ name: 'victim', hosts: ['victim.example.com'] })
      await trial.untilServed(victim)
      // Within an hour ACM would take the request for the victim's own.
      await trial.pass(2 * HOUR)
      const thief = await trial.apply({ namespace: 'elsewhere', name: 'thief', hosts: ['victim.example.com'] })
      await trial.untilServed(thief)
      trial.befalls()
      await trial.delete(thief)
      await trial.pass(2 * HOUR)
    },
  },
  {
    defect: 'A3',
    story: 'three Ingresses ask for hosts that never validate, and then a good one comes',
    outcome: 'each holds a worker for half an hour, and nobody is left for the good one',
    law: 'L3',
    names: 'good.example.com',
    options: { hopeless: ['bad0.example.com', 'bad1.example.com', 'bad2.example.com'] },
    async play(trial) {
      for (const number of [0, 1, 2]) {
        trial.world.aws.setValidates(`bad${number}.example.com`, false)
        await trial.apply({ name: `bad${number}`, hosts: [`bad${number}.example.com`] })
      }
      await trial.pass(MINUTE)
      trial.befalls()
      await trial.apply({ name: 'good', hosts: ['good.example.com'] })
      await trial.pass(HOUR)
    },
  },
  {
    defect: 'A4',
    story: 'a host that cannot be validated is corrected while its certificate is awaited',
    outcome: 'the correction is seen when the half hour is over',
    law: 'L8',
    names: 'shop.example.com',
    options: { hopeless: ['shpo.example.com'] },
    async play(trial) {
      trial.world.aws.setValidates('shpo.example.com', false)
      const shop = await trial.apply({ name: 'shop', hosts: ['shpo.example.com'] })
      await trial.pass(2 * MINUTE)
      trial.befalls()
      await trial.setHosts(shop, 'shop.example.com')
      await trial.pass(HOUR)
    },
  },
  {
    defect: 'A5',
    story: 'a host is added to the second Ingress of a group',
    outcome: 'the listener loses the old certificate before it gets the new one',
    law: 'S1',
    names: 'second.example.com',
    async play(trial) {
      const first = await trial.apply({ name: 'first', group: 'web', hosts: ['first.example.com'] })
      const second = await trial.apply({ name: 'second', group: 'web', hosts: ['second.example.com'] })
      await trial.untilServed(first, second)
      trial.befalls()
      await trial.setHosts(second, 'second.example.com', 'www.example.com')
      await trial.pass(2 * HOUR)
    },
  },
]
