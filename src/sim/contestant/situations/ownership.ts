import type { Situation } from '../situation.ts'
import { HOUR, MINUTE, SECOND } from '../trial.ts'

/** Whose what is, and how it goes: the second half of §B of the reference's defects. */
export const OWNERSHIP: readonly Situation[] = [
  {
    defect: 'B5',
    story: 'two certificates of the same names are there, and the Ingress is edited now and then',
    outcome: 'which of the two is the default changes with each reconcile',
    law: 'S9',
    names: 'shop#',
    options: { aws: { tokenlessWindow: 0 } },
    async play(trial) {
      // They come from an answer that was lost, as in B17.
      trial.loseAnswer('RequestCertificate')
      const shop = await trial.apply({ name: 'shop', hosts: ['shop.example.com'] })
      await trial.untilServed(shop)
      trial.befalls()
      for (let edit = 0; edit < 6; edit++) {
        await trial.during(trial.world.user.annotate(shop, { note: `edit ${edit}` }))
        await trial.pass(5 * MINUTE)
      }
    },
  },
  {
    defect: 'B6',
    story: 'an Ingress with a port for HTTP alone asks for a certificate',
    outcome: 'one is requested and waited for, and nothing ever serves it',
    law: 'L2',
    names: 'shop',
    async play(trial) {
      const annotations = { 'alb.ingress.kubernetes.io/listen-ports': '[{"HTTP":80}]' }
      await trial.apply({ name: 'shop', hosts: ['shop.example.com'], annotations })
      await trial.pass(4 * HOUR)
    },
  },
  {
    defect: 'B9',
    story: 'an Ingress is deleted while ACM has not given the record of its certificate',
    outcome: 'the record that is not there is used, and the process breaks',
    law: 'P',
    names: 'shop.example.com',
    options: { aws: { recordsDelay: [120 * SECOND, 120 * SECOND] } },
    async play(trial) {
      let failed = false
      // The reference hears of the deletion between its first try and its second.
      trial.world.kube.events.subscribe(({ collection, after }) => {
        if (collection.startsWith('events') && after?.reason === 'FailedDeployModel') failed = true
      })
      const shop = await trial.apply({ name: 'shop', hosts: ['shop.example.com'] })
      await trial.clock.advanceUntil(() => failed || trial.elapsed > 40 * SECOND, MINUTE)
      await trial.delete(shop)
      await trial.pass(HOUR)
    },
  },
  {
    defect: 'B10',
    story: 'an Ingress is deleted whose certificate a colleague attached elsewhere',
    outcome: 'the record is deleted first, the certificate stays in use, and the Ingress never goes',
    law: 'D3',
    names: 'shop.example.com',
    async play(trial) {
      const shop = await trial.apply({ name: 'shop', hosts: ['shop.example.com'] })
      await trial.untilServed(shop)
      const [arn = ''] = trial.certificates('shop.example.com')
      const annotations = {
        'certwright.dev/certificate': 'false',
        'alb.ingress.kubernetes.io/certificate-arn': arn,
      }
      await trial.apply({ name: 'copy', hosts: ['shop.example.com'], annotations })
      await trial.pass(5 * MINUTE)
      trial.befalls()
      await trial.delete(shop)
      await trial.pass(2 * HOUR)
    },
  },
  {
    defect: 'B11',
    story: 'ACM says for half an hour that a certificate is in use which no load balancer has any more',
    outcome: 'the Ingress stays in deletion, in tries that lie ever further apart',
    law: 'L2',
    names: 'default/shop',
    options: { aws: { inUseRelease: [30 * MINUTE, 30 * MINUTE] } },
    async play(trial) {
      const shop = await trial.apply({ name: 'shop', hosts: ['shop.example.com'] })
      await trial.untilServed(shop)
      trial.befalls()
      await trial.delete(shop)
      await trial.pass(2 * HOUR)
    },
  },
  {
    defect: 'B14',
    story: 'somebody else makes and deletes certificates in the account, which ACM lists for a minute longer',
    outcome: 'each look at the tags fails at one that is gone, and no reconcile gets further',
    law: 'L1',
    names: 'shop.example.com',
    options: { aws: { deletedInList: [60 * SECOND, 60 * SECOND] } },
    async play(trial) {
      const { aws } = trial.world
      aws.deleteCertificate(aws.issueCertificate({ names: ['ci.elsewhere.test'] }))
      await trial.pass(10 * SECOND)
      trial.befalls()
      await trial.apply({ name: 'shop', hosts: ['shop.example.com'] })
      for (let round = 0; round < 60; round++) {
        const arn = aws.issueCertificate({ names: [`ci${round}.elsewhere.test`] })
        await trial.pass(5 * SECOND)
        aws.deleteCertificate(arn)
        await trial.pass(25 * SECOND)
      }
    },
  },
  {
    defect: 'B15',
    story: "somebody else's certificate carries some of the controller's tags, copied by a tool",
    outcome: 'every reconcile of the group fails at it',
    law: 'L1',
    names: 'shop.example.com',
    async play(trial) {
      trial.world.aws.issueCertificate({
        names: ['elsewhere.test'],
        tags: {
          'elbv2.k8s.aws/cluster': 'trial',
          'ingress.k8s.aws/stack': 'default/shop',
          'certwright.dev/cluster': 'trial',
          'certwright.dev/owner': 'trial',
        },
      })
      await trial.pass(MINUTE)
      trial.befalls()
      await trial.apply({ name: 'shop', hosts: ['shop.example.com'] })
      await trial.pass(HOUR)
    },
  },
  {
    defect: 'B16',
    story: 'the first host in the order of letters is longer than a common name may be',
    outcome: 'ACM refuses the request, and a shorter host is never tried',
    law: 'L1',
    names: 'shop.example.com',
    async play(trial) {
      await trial.apply({ name: 'shop', hosts: [`${'a'.repeat(58)}.example.com`, 'shop.example.com'] })
      await trial.pass(HOUR)
    },
  },
]
