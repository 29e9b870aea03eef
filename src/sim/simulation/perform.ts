import type { EmbeddedWorld } from '../embedded.ts'
import type { KubeCall } from '../kube/faults.ts'
import { placeAnnotations } from './manifest.ts'
import type { Stage } from './stage.ts'
import { type Deed, FIRST_OF_MANY, HOSTS, placeOf } from './steps.ts'
import { isTrouble, trouble } from './trouble.ts'

const MINUTE = 60_000

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
  if (isTrouble(deed)) return trouble(stage, deed)
  const { world, weather, elapsed } = stage
  const { user, kube } = world
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
    case 'annotate':
      return annotate(deed.ingress, deed.annotations)
    case 'signer': {
      const authority = deed.authority === null ? null : authorityOf(stage, deed.authority)
      return annotate(deed.ingress, { 'certwright.dev/certificate-authority': authority })
    }
    case 'administer':
      kube.admin.apply(deed.object)
      count()
      return []
    case 'withdraw':
      if (kube.admin.delete(deed.object)) count()
      return []
    case 'restart':
      for (const number of stage.replicas) stage.killReplica(number)
      stage.program.change(deed.flags)
      count()
      return later(deed.downMs, 'all replicas are started', () => stage.startReplicas())
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
      const led = stage.court.fencing.leader === frozen.name
      frozen.freeze()
      count()
      return later(deed.forMs, `replica ${deed.replica} goes on`, () => {
        if (led && stage.elapsed - elapsed > stage.scenario.leaseMs) weather.count('paused over the lease')
        frozen.thaw()
      })
    }
    case 'freezeInWrite':
      weather.freezes.set(deed.replica, deed.forMs)
      count()
      return []
    case 'deaf':
      weather.deaf = true
      count()
      return later(deed.forMs, 'edits reach the program again', () => {
        weather.deaf = false
      })
    case 'jump':
      if (!stage.process(deed.replica)) return []
      stage.process(deed.replica)?.jump(deed.ms)
      stage.court.retirement.noteJump(deed.ms)
      stage.court.requests.noteJump(deed.ms)
      count()
      return []
    case 'apiDown':
      weather.apiDown = true
      kube.resetWatches()
      count()
      return later(deed.forMs, 'the API server is back', () => {
        weather.apiDown = false
        if (stage.elapsed - elapsed > stage.scenario.leaseMs)
          stage.see('the API server was away for longer than the lease')
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
    case 'corrupt':
      annotate(deed.ingress, { 'alb.ingress.kubernetes.io/certificate-arn': MANGLED })
      return later(deed.forMs, 'somebody takes the mangled ARNs away', () => {
        const mangled = existing(deed.ingress)
        if (mangled?.annotations['alb.ingress.kubernetes.io/certificate-arn'] !== MANGLED) return
        people(() => user.removeCertificateAnnotation(placeOf(deed.ingress)))
      })
    case 'badName':
      annotate(deed.ingress, { 'certwright.dev/names': 'not_a..name' })
      return later(deed.forMs, 'somebody takes the bad name away', () => {
        if (existing(deed.ingress)) people(() => user.annotate(placeOf(deed.ingress), { 'certwright.dev/names': null }))
      })
    case 'steal': {
      const host = HOSTS[deed.host] as string
      const to = existing(deed.to)
      if (!to || to.hosts.includes(host) || !stage.court.view.ingresses.some(({ hosts }) => hosts.includes(host)))
        return []
      people(() => user.addHost(placeOf(deed.to), host))
      count()
      return []
    }
    case 'flap': {
      if (!existing(deed.ingress)) return []
      const host = HOSTS[deed.host] as string
      const place = placeOf(deed.ingress)
      count()
      return Array.from({ length: deed.times * 2 }, (_, index) => ({
        at: elapsed + index * MINUTE,
        what: `${host} ${index % 2 === 0 ? 'comes' : 'goes'}`,
        run: () => people(() => (index % 2 === 0 ? user.addHost(place, host) : user.removeHost(place, host))),
      }))
    }
    case 'manyHosts':
      if (!existing(deed.ingress)) return []
      people(() => user.setHosts(placeOf(deed.ingress), HOSTS.slice(FIRST_OF_MANY, FIRST_OF_MANY + deed.count)))
      count()
      return []
    case 'loseLedger':
      stage.kubeSightings.noteLostLedger()
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

const AUTHORITIES = new WeakMap<Stage, string[]>()

/** Made when it is first asked for. */
function authorityOf(stage: Stage, number: number): string {
  const authorities = AUTHORITIES.get(stage) ?? []
  AUTHORITIES.set(stage, authorities)
  return (authorities[number] ??= stage.world.aws.createAuthority())
}

const LEDGER = 'certwright.dev/v1alpha1'
/** Half an ARN, as a script leaves it that cuts at a comma too many. */
const MANGLED = 'arn:aws:acm:eu-central-1:,certificate/'
const INGRESS = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' }

/** What `certwright release-brake` sets, on every certificate. */
export function approve(stage: Stage): void {
  const { admin } = stage.world.kube
  const objects = admin.list({ apiVersion: LEDGER, kind: 'ACMCertificate' })
  for (const { metadata } of objects) {
    admin.edit({ apiVersion: LEDGER, kind: 'ACMCertificate', name: metadata.name ?? '' }, (object) => ({
      ...object,
      metadata: {
        ...object.metadata,
        annotations: { ...object.metadata.annotations, 'certwright.dev/retire-approved': 'true' },
      },
    }))
  }
  // After a loss of the ledger not all have an object yet.
  const told = JSON.stringify(objects)
  stage.court.retirement.approve(stage.court.view.own.filter((arn) => told.includes(arn)))
}

function namesOf(hosts: readonly number[]): string[] {
  return hosts.map((host) => HOSTS[host] as string)
}

/** An annotation that says nothing to anybody, written by somebody else: whoever writes by the version that it read has a conflict. */
export function touch({ kube }: EmbeddedWorld, { namespace, name, at }: KubeCall): void {
  if (!kube.admin.get({ ...INGRESS, namespace, name })) return
  kube.admin.edit({ ...INGRESS, namespace, name }, (object) => ({
    ...object,
    metadata: {
      ...object.metadata,
      annotations: { ...object.metadata.annotations, 'example.com/touched': String(at) },
    },
  }))
}
