import { DEFAULT_ACCOUNT } from '../aws/accounts.ts'
import { validationRecord } from '../aws/acm/certificate.ts'
import { normalise } from '../aws/route53/names.ts'
import type { Zone } from '../aws/route53/zone.ts'
import { isFrozen, isManaged } from './ends.ts'
import type { Stage } from './stage.ts'
import { FIRST_OF_MANY, HOSTS } from './steps.ts'

const MINUTE = 60_000
/** How often a leader dies. */
const FAILOVERS = 4
/** A sweep, and what it takes to mend what it found. */
const SWEEP_MS = 15 * MINUTE

/** What somebody does to a world that is at rest. */
export async function mischief(stage: Stage): Promise<void> {
  if (stage.scenario.replicas === 2) await failovers(stage)
  if (!stage.book.breach) await annotations(stage)
  if (!stage.book.breach) await records(stage)
  if (!stage.book.breach) await edits(stage)
}

/** L8: whoever edits an object is attended to at once. */
async function edits(stage: Stage): Promise<void> {
  const { view } = stage.court
  for (const ingress of view.ingresses.filter((candidate) => isManaged(stage, candidate))) {
    const { namespace, name, hosts } = ingress
    const host = HOSTS[FIRST_OF_MANY] as string
    stage.tell(() => `--- somebody edits ${ingress.key}`)
    await stage.during(stage.world.user.setHosts({ namespace, name }, [...hosts, host]))
    await stage.pass(MINUTE)
    await stage.during(stage.world.user.setHosts({ namespace, name }, hosts))
    await stage.pass(MINUTE)
  }
}

/** L9: who stands by takes over from a leader that died. */
async function failovers(stage: Stage): Promise<void> {
  const { book, court, settings } = stage
  stage.startReplicas()
  await stage.pass(settings.leaseDuration + settings.leaseRenewInterval)
  for (let round = 0; round < FAILOVERS && !book.breach; round++) {
    const { leader } = court.fencing
    if (leader === undefined) return
    const number = Number(leader.slice(-1))
    stage.killReplica(number)
    stage.tell(() => `--- ${leader} dies`)
    await stage.pass(settings.leaseDuration + settings.leaseRenewInterval)
    const next = court.fencing.leader
    book.check('L9', next !== undefined && next !== leader, () => `nobody took over from ${leader}`)
    stage.startReplica(number)
    // Whoever is started anew waits for a lease as long as anybody.
    await stage.pass(settings.leaseDuration + MINUTE)
  }
}

/** L4: an annotation that somebody takes away is filled again. */
async function annotations(stage: Stage): Promise<void> {
  const { book, court, world } = stage
  const { view } = court
  const chosen = view.ingresses.filter(
    (ingress) =>
      isManaged(stage, ingress) &&
      !isFrozen(stage, ingress.group) &&
      // Without an HTTPS listener it is refused: it keeps what it lists, and is given nothing.
      ingress.httpsPorts.length > 0 &&
      // Of its own: what was lent, or served hosts that it had before, it may do without.
      ingress.hosts.some((host) =>
        ingress.listed.some((arn) => view.isOurs(arn) && view.isHealthy(arn) && view.covers(arn, host)),
      ),
  )
  if (chosen.length === 0) return
  // Whoever goes on where it was is refused, and has to list all.
  stage.world.kube.compact()
  stage.world.kube.resetWatches()
  await stage.pass(MINUTE)
  for (const { namespace, name } of chosen)
    await stage.during(world.user.removeCertificateAnnotation({ namespace, name }))
  stage.tell(() => `--- somebody takes the ARNs from ${chosen.map(({ key }) => key).join(', ')}`)
  await stage.pass(SWEEP_MS)
  for (const { key } of chosen)
    book.check('L4', (view.ingress(key)?.listed.length ?? 0) > 0, () => `the annotation of ${key} is not filled again`)
}

/** L4: records that somebody deletes are back within one check of the records. */
async function records(stage: Stage): Promise<void> {
  const { book, court, settings, world } = stage
  const { view, retirement } = court
  const deleted = new Map<string, { zone: Zone; arn: string }>()
  for (const arn of view.own) {
    if (!view.isHealthy(arn) || retirement.neededBy(arn) === undefined) continue
    for (const name of view.namesOf(arn)) {
      const zone = world.aws.hostedZones().find(({ id }) => id === view.zonesOf(name)[0]?.id)
      const record = validationRecord(DEFAULT_ACCOUNT, name)
      if (zone && zone.get(normalise(record.name), 'CNAME')) deleted.set(record.name, { zone, arn })
    }
  }
  if (deleted.size === 0) return
  for (const [name, { zone }] of deleted) world.aws.deleteRecord(zone, { name, type: 'CNAME' })
  stage.tell(() => `--- a colleague deletes the records ${[...deleted.keys()].join(', ')}`)
  await stage.pass(settings.recordCheckInterval + 5 * MINUTE)
  for (const [name, { zone, arn }] of deleted)
    book.check(
      'L4',
      zone.get(normalise(name), 'CNAME') !== undefined,
      () => `the record ${name} of ${view.label(arn)} is not put back`,
    )
}
