import { validationRecord } from '../aws/acm/certificate.ts'
import { normalise } from '../aws/route53/names.ts'
import type { Zone } from '../aws/route53/zone.ts'
import { DEFAULT_ACCOUNT } from '../aws/accounts.ts'
import { placeAnnotations } from './manifest.ts'
import type { Stage } from './stage.ts'
import { type Deed, HOSTS, PLACES, ZONES } from './steps.ts'

/** What is to be undone later, when the storm ends at the latest. */
export interface Later {
  readonly at: number
  readonly what: string
  readonly run: () => void
}

/**
 * Does one deed, where there is something to do. Whoever fails at it (the API server is down, the object is gone) leaves it at that.
 * @returns what follows it.
 */
export function perform(stage: Stage, deed: Deed): readonly Later[] {
  const { world, weather, elapsed } = stage
  const { user, aws, kube, lbc, colleague } = world
  const later = (ms: number, what: string, run: () => void): Later[] => [{ at: elapsed + ms, what, run }]
  const people = (work: () => Promise<unknown>) => void work().catch(() => {})
  const count = () => weather.count(deed.do)
  const existing = (ingress: number) =>
    stage.court.view.ingress(`${placeOf(ingress).namespace}/${placeOf(ingress).name}`)
  switch (deed.do) {
    case 'apply': {
      const { ingress, hosts, group, ports, asks } = deed
      const annotations = placeAnnotations({ group, ports, asks })
      people(() => user.apply({ ...placeOf(ingress), hosts: namesOf(hosts), annotations }))
      count()
      return []
    }
    case 'hosts':
      if (!existing(deed.ingress)) return []
      people(() => user.setHosts(placeOf(deed.ingress), namesOf(deed.hosts)))
      count()
      return []
    case 'move': {
      const host = HOSTS[deed.host] as string
      if (!existing(deed.from)?.hosts.includes(host) || !existing(deed.to) || existing(deed.to)?.hosts.includes(host))
        return []
      people(() => user.moveHost({ host, from: placeOf(deed.from), to: placeOf(deed.to) }))
      count()
      return []
    }
    case 'ask':
      return annotate(deed.ingress, { 'certwright.dev/certificate': deed.value })
    case 'pause':
      return annotate(deed.ingress, { 'certwright.dev/paused': deed.value ? 'true' : null })
    case 'group':
      return annotate(deed.ingress, { 'alb.ingress.kubernetes.io/group.name': deed.group })
    case 'takeOver': {
      const [arn] = stage.foreign
      return arn === undefined ? [] : annotate(deed.ingress, { 'alb.ingress.kubernetes.io/certificate-arn': arn })
    }
    case 'empty':
      return annotate(deed.ingress, { 'alb.ingress.kubernetes.io/certificate-arn': deed.remove ? null : '' })
    case 'class':
      edit(deed.ingress, (object) => ({
        ...object,
        spec: { ...(object.spec as object), ingressClassName: deed.value },
      }))
      return []
    case 'delete':
      if (!existing(deed.ingress)) return []
      people(() => user.delete(placeOf(deed.ingress)))
      count()
      return []
    case 'recreate': {
      const before = existing(deed.ingress)
      if (!before) return []
      people(() => user.delete(placeOf(deed.ingress)))
      count()
      return restoring([before.key], 3_000, deed.backup)
    }
    case 'massDelete': {
      const keys = stage.court.view.ingresses.map(({ key }) => key)
      if (keys.length === 0) return []
      const back = deed.restoreAfter === null ? [] : restoring(keys, deed.restoreAfter, false)
      for (const { namespace, name } of stage.court.view.ingresses) people(() => user.delete({ namespace, name }))
      count()
      return back
    }
    case 'approve':
      approve(stage)
      count()
      return []
    case 'kill':
      if (!stage.killReplica(deed.replica)) return []
      count()
      return later(deed.downMs, `replica ${deed.replica} is started`, () => stage.startReplica(deed.replica))
    case 'terminate': {
      const ended = stage.stopReplica(deed.replica)
      if (!ended) return []
      count()
      return later(deed.downMs, `replica ${deed.replica} is started`, () => stage.startReplica(deed.replica))
    }
    case 'freeze': {
      const frozen = stage.process(deed.replica)
      if (!frozen) return []
      frozen.freeze()
      count()
      return later(deed.forMs, `replica ${deed.replica} goes on`, () => frozen.thaw())
    }
    case 'jump':
      if (!stage.process(deed.replica)) return []
      stage.process(deed.replica)?.jump(deed.ms)
      stage.court.retirement.noteJump(deed.ms)
      count()
      return []
    case 'apiDown':
      weather.apiDown = true
      kube.resetWatches()
      count()
      return later(deed.forMs, 'the API server is back', () => {
        weather.apiDown = false
      })
    case 'compact':
      kube.compact()
      kube.resetWatches()
      count()
      return []
    case 'resetWatches':
      kube.resetWatches()
      count()
      return []
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
      count()
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
      count()
      return later(deed.forMs, `the second zone ${name} is gone`, () => aws.deleteHostedZone(twin.id))
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
    case 'deleteCertificate':
    case 'detach':
    case 'revoke': {
      const { own } = stage.court.view
      const arn = own[deed.index % Math.max(1, own.length)]
      if (arn === undefined) return []
      if (deed.do === 'revoke') {
        if (!stage.court.view.isHealthy(arn)) return []
        aws.end(arn, 'REVOKED')
      } else if (deed.do === 'deleteCertificate') people(() => colleague.deleteCertificate(arn))
      else {
        for (const { listeners } of aws.loadBalancers.all)
          for (const listener of listeners.values())
            if (listener.certificates.latest?.includes(arn))
              people(() => colleague.detachCertificate(listener.arn, arn))
      }
      count()
      return []
    }
    case 'loseLedger':
      for (const kind of ['ACMCertificate', 'CertificateClaim'])
        for (const { metadata } of kube.admin.list({ apiVersion: LEDGER, kind }))
          kube.admin.delete({
            apiVersion: LEDGER,
            kind,
            name: metadata.name ?? '',
            namespace: metadata.namespace ?? '',
          })
      count()
      return []
  }

  function annotate(ingress: number, annotations: Readonly<Record<string, string | null>>): readonly Later[] {
    if (!existing(ingress)) return []
    people(() => user.annotate(placeOf(ingress), annotations))
    count()
    return []
  }

  function edit(ingress: number, change: Parameters<typeof kube.admin.edit>[1]): void {
    if (!existing(ingress)) return
    kube.admin.edit({ ...INGRESS, ...placeOf(ingress) }, change)
    count()
  }

  /** Applies objects again as they are now, the ARNs with them where it is a backup, once they are gone. */
  function restoring(keys: readonly string[], ms: number, backup: boolean): readonly Later[] {
    const manifests = keys.flatMap((key) => {
      const ingress = stage.court.view.ingress(key)
      if (!ingress) return []
      const { namespace, name, hosts, annotations } = ingress
      const { 'alb.ingress.kubernetes.io/certificate-arn': arns, ...others } = annotations
      return [
        {
          namespace,
          name,
          hosts,
          annotations:
            backup && arns !== undefined ? { ...others, 'alb.ingress.kubernetes.io/certificate-arn': arns } : others,
        },
      ]
    })
    return later(ms, `${keys.join(', ')} restored`, () => {
      for (const manifest of manifests) people(() => user.apply(manifest))
    })
  }
}

const LEDGER = 'certwright.dev/v1alpha1'
const INGRESS = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' }

/** What `certwright release-brake` sets, on every certificate. */
export function approve(stage: Stage): void {
  const { admin } = stage.world.kube
  for (const { metadata } of admin.list({ apiVersion: LEDGER, kind: 'ACMCertificate' })) {
    admin.edit({ apiVersion: LEDGER, kind: 'ACMCertificate', name: metadata.name ?? '' }, (object) => ({
      ...object,
      metadata: {
        ...object.metadata,
        annotations: { ...object.metadata.annotations, 'certwright.dev/retire-approved': 'true' },
      },
    }))
  }
  stage.court.retirement.approve()
}

/** Takes away what a colleague wrote in the place of a validation record. */
function dropOthers(stage: Stage, name: string): void {
  for (const zone of stage.world.aws.hostedZones()) {
    const record = zone.get(normalise(name), 'CNAME')
    if (record?.values.some((value) => value.startsWith('elsewhere')))
      stage.world.aws.deleteRecord(zone, { name, type: 'CNAME' })
  }
}

function publicZones(stage: Stage, name: string): Zone[] {
  return stage.world.aws.hostedZones().filter((zone) => zone.name === normalise(name) && !zone.isPrivate)
}

function placeOf(ingress: number): { readonly namespace: string; readonly name: string } {
  return PLACES[ingress] ?? PLACES[0]
}

function namesOf(hosts: readonly number[]): string[] {
  return hosts.map((host) => HOSTS[host] as string)
}
