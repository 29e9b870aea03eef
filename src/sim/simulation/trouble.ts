import { validationRecord } from '../aws/acm/certificate.ts'
import { DEFAULT_ACCOUNT } from '../aws/accounts.ts'
import { normalise } from '../aws/route53/names.ts'
import type { Zone } from '../aws/route53/zone.ts'
import type { Later } from './perform.ts'
import type { Stage } from './stage.ts'
import { type Deed, HOSTS, ZONES } from './steps.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

const OWNER_TAG = 'certwright.dev/owner'
const QUOTAS = { certificates: 'certificates', requests: 'requestsPerYear' } as const

const TROUBLES = [
  'lbcPause',
  'lbcRestart',
  'lbcSlow',
  'balancerGone',
  'failDomain',
  'neverValidates',
  'zoneGone',
  'zoneTwin',
  'subZone',
  'zoneBusy',
  'manyZones',
  'lowerQuota',
  'deleteRecord',
  'overwriteRecord',
  'deleteCertificate',
  'detach',
  'retag',
  'duplicate',
  'revoke',
  'expire',
] as const

/** What AWS, the load balancer's controller and colleagues with the console do. */
export type Trouble = Extract<Deed, { readonly do: (typeof TROUBLES)[number] }>

export function isTrouble(deed: Deed): deed is Trouble {
  return TROUBLES.some((kind) => kind === deed.do)
}

/** Does one of these deeds, where there is something to do it to. @returns what follows it. */
export function trouble(stage: Stage, deed: Trouble): readonly Later[] {
  const { world, weather, elapsed } = stage
  const { aws, lbc, colleague } = world
  const later = (ms: number, what: string, run: () => void): Later[] => [{ at: elapsed + ms, what, run }]
  const people = (work: () => Promise<unknown>) => void work().catch(() => {})
  const count = (what: string = deed.do) => weather.count(what)
  const chosen = (index: number) => {
    const { own } = stage.court.view
    return own[index % Math.max(1, own.length)]
  }
  switch (deed.do) {
    case 'lbcPause':
      lbc.pause()
      count()
      return later(deed.forMs, 'the load balancer controller goes on', () => lbc.resume())
    case 'lbcRestart':
      lbc.stop()
      stage.court.served.noteEditEverywhere()
      count()
      return later(deed.downMs, 'the load balancer controller is back', () => void lbc.start().catch(() => {}))
    case 'failDomain': {
      const host = HOSTS[deed.host] as string
      aws.failDomain(host, deed.reason)
      count(`failDomain ${deed.reason}`)
      return later(deed.forMs, `ACM has nothing against ${host} any more`, () => aws.failDomain(host, undefined))
    }
    case 'neverValidates': {
      const host = HOSTS[deed.host] as string
      if (deed.host === stage.scenario.bad) return []
      aws.setValidates(host, false)
      count()
      return later(deed.forMs, `ACM sees the record of ${host} again`, () => aws.setValidates(host, true))
    }
    case 'zoneGone': {
      const name = ZONES[deed.zone] as string
      const zones = publicZones(stage, name)
      if (zones.length === 0) return []
      for (const zone of zones) aws.deleteHostedZone(zone.id)
      count()
      return later(deed.forMs, `the zone ${name} is back, empty`, () => {
        if (publicZones(stage, name).length === 0) aws.createHostedZone({ name })
      })
    }
    case 'zoneTwin': {
      const name = ZONES[deed.zone] as string
      const twin = aws.createHostedZone({ name, private: deed.isPrivate, delegated: false })
      count(deed.isPrivate ? 'zoneTwin private' : 'zoneTwin public')
      return later(deed.forMs, `the second zone ${name} is gone`, () => aws.deleteHostedZone(twin.id))
    }
    case 'subZone': {
      const name = HOSTS[deed.host] as string
      const zone = aws.createHostedZone({ name, private: deed.isPrivate, delegated: !deed.isPrivate })
      count(deed.isPrivate ? 'subZone private' : 'subZone public')
      return later(deed.forMs, `the zone ${name} is gone`, () => aws.deleteHostedZone(zone.id))
    }
    case 'deleteRecord': {
      people(() => colleague.deleteRecord(validationRecord(DEFAULT_ACCOUNT, HOSTS[deed.host] as string).name))
      count()
      return []
    }
    case 'overwriteRecord': {
      const { name } = validationRecord(DEFAULT_ACCOUNT, HOSTS[deed.host] as string)
      people(() => colleague.overwriteRecord(name, 'elsewhere.example.net'))
      count()
      return later(deed.forMs, `the other record ${name} is gone`, () => dropOthers(stage, name))
    }
    case 'lbcSlow': {
      const { reconcile, call } = stage.scenario.lbcDelays
      lbc.configure({ reconcileDelay: [5 * SECOND, 20 * SECOND], callDelay: [SECOND, 3 * SECOND] })
      count()
      return later(deed.forMs, 'the load balancer controller is as fast as before', () =>
        lbc.configure({ reconcileDelay: [0, reconcile], callDelay: [0, call] }),
      )
    }
    case 'balancerGone': {
      const [balancer] = aws.loadBalancers.all
      if (!balancer) return []
      aws.loadBalancers.delete(balancer.arn, 'colleague')
      count()
      // It finds out at its next look at the group.
      return later(MINUTE, 'the load balancer controller looks at all groups', () => lbc.resync())
    }
    case 'zoneBusy': {
      const [zone] = publicZones(stage, ZONES[deed.zone] as string)
      if (!zone) return []
      const record = { name: `busy.${ZONES[deed.zone]}`, type: 'CNAME' }
      aws.putRecord(zone, { ...record, values: ['elsewhere.example.net'] })
      weather.colleagueDelay = deed.forMs
      people(() => colleague.overwriteRecord(record.name, 'nowhere.example.net'))
      count()
      return later(deed.forMs, 'the zone is free again', () => {
        weather.colleagueDelay = 0
      })
    }
    case 'manyZones': {
      const zones = Array.from({ length: 120 }, (_, index) => aws.createHostedZone({ name: `z${index}.example.net` }))
      count()
      return later(deed.forMs, 'the many zones are gone', () => {
        for (const { id } of zones) aws.deleteHostedZone(id)
      })
    }
    case 'lowerQuota': {
      const { quotas } = aws.settings
      const there = aws.certificates().length
      const made = aws.events.of('certificateRequested').length
      aws.configure({
        quotas: { ...quotas, ...(deed.of === 'certificates' ? { certificates: there } : { requestsPerYear: made }) },
      })
      count()
      return later(deed.forMs, 'the quota is as high as before', () =>
        aws.configure({ quotas: { ...aws.settings.quotas, [QUOTAS[deed.of]]: quotas[QUOTAS[deed.of]] } }),
      )
    }
    case 'deleteCertificate': {
      const arn = chosen(deed.index)
      if (arn === undefined) return []
      people(() => colleague.deleteCertificate(arn))
      count()
      return []
    }
    case 'revoke':
    case 'expire': {
      const arn = chosen(deed.index)
      if (arn === undefined || !stage.court.view.isHealthy(arn)) return []
      aws.end(arn, deed.do === 'revoke' ? 'REVOKED' : 'EXPIRED')
      count()
      return []
    }
    case 'detach': {
      const arn = chosen(deed.index)
      const listeners = aws.loadBalancers.all
        .flatMap((balancer) => [...balancer.listeners.values()])
        .filter(
          ({ certificates, port }) =>
            arn !== undefined && certificates.latest?.includes(arn) && port === (deed.port ?? port),
        )
      if (arn === undefined || listeners.length === 0) return []
      for (const listener of listeners) people(() => colleague.detachCertificate(listener.arn, arn))
      count()
      return later(deed.forMs, 'the load balancer controller looks at all groups', () => lbc.resync())
    }
    case 'retag': {
      const arn = chosen(deed.index)
      const tags = arn === undefined ? undefined : aws.certificate(arn)?.tags
      if (arn === undefined || tags === undefined) return []
      aws.setTags(arn, { ...(deed.disowns ? {} : tags), team: 'platform' })
      count(deed.disowns ? 'our tags taken away' : 'a tag added')
      return []
    }
    case 'duplicate': {
      const arn = chosen(deed.index)
      const certificate = arn === undefined ? undefined : aws.certificate(arn)
      const [first, ...others] = certificate?.names ?? []
      if (!certificate || first === undefined) return []
      const tags = deed.tagged ? { ...certificate.tags, [OWNER_TAG]: 'ffffffffffff' } : {}
      // Its quota holds for whoever asks.
      if (isFull(stage)) return []
      const twin = aws.issueCertificate({ names: [first, ...others], tags })
      count(deed.tagged ? 'duplicate of another owner' : 'duplicate without tags')
      return later(deed.forMs, 'the twin is gone', () => aws.deleteCertificate(twin))
    }
  }
}

/** Takes away what a colleague wrote in the place of a validation record. */
function dropOthers(stage: Stage, name: string): void {
  for (const zone of stage.world.aws.hostedZones()) {
    const record = zone.get(normalise(name), 'CNAME')
    if (record?.values.some((value) => value.startsWith('elsewhere')))
      stage.world.aws.deleteRecord(zone, { name, type: 'CNAME' })
  }
}

/** Whether AWS allows no further certificate. */
function isFull({ world: { aws } }: Stage): boolean {
  const { certificates, requestsPerYear } = aws.settings.quotas
  return aws.certificates().length >= certificates || aws.events.of('certificateRequested').length >= requestsPerYear
}

function publicZones(stage: Stage, name: string): Zone[] {
  return stage.world.aws.hostedZones().filter((zone) => zone.name === normalise(name) && !zone.isPrivate)
}
