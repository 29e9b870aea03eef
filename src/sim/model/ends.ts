import { listedArns } from '../../core/ingress.ts'
import type { Ingress } from '../../core/ingress.ts'
import { isTerminal } from '../../core/certificate.ts'
import { anyCovers } from '../../core/names.ts'
import { HOUR } from '../../core/time.ts'
import { keyOf, validationRecord, zoneOf } from './acm.ts'
import { askedBy, groupOf, isHealthy, membersOf } from './asked.ts'
import { crash } from './controller.ts'
import { breach, premise } from './law-book.ts'
import { leftovers, neededReason } from './law-retire.ts'
import { placeOf, servedNow } from './law-served.ts'
import { claimIn } from './memory.ts'
import { calm, heal } from './moves.ts'
import type { Hands } from './perform.ts'
import type { World } from './world.ts'
import { isBad, short, shorts, tell } from './world.ts'

/** Heals the world, lets it come to rest, and checks what must happen in the end: L1, L2, L3, L5, L6. */
export function checkEnd(world: World, hands: Hands = {}): void {
  const { law } = world
  tell(world, () => 'the storm is over')
  heal(world)
  calm(world, 3 * HOUR + world.scope.settings.retireAfter, hands)
  if (waitsForRetry(world)) calm(world, 76 * HOUR, hands)
  let resting = false
  for (let window = 0; window < 6 && !resting && !law.breach; window++) {
    const before = law.writes
    calm(world, HOUR, hands)
    resting = law.writes === before
  }
  if (law.breach) return
  premise(law, 'L5')
  if (!resting) breach(law, 'L5', 'there is no hour without a write')
  checkServed(world)
  checkRecords(world)
  checkLeftovers(world)
  if (law.breach) return
  // What is still under way is not at rest.
  if ([...world.certificates.values()].some(({ ours, status }) => ours && status === 'PENDING_VALIDATION')) return
  const before = law.writes
  premise(law, 'L6')
  crash(world)
  calm(world, HOUR, hands)
  if (law.writes > before) breach(law, 'L6', `a restart at rest caused ${law.writes - before} writes`)
}

/** Did something fail, and was not requested again yet? */
function waitsForRetry(world: World): boolean {
  const own = [...world.certificates.values()].filter((certificate) => certificate.ours)
  const alive = new Set(own.filter(({ status }) => !isTerminal(status)).map(keyOf))
  return own.some((certificate) => isTerminal(certificate.status) && !alive.has(keyOf(certificate)))
}

/** May we serve this object: it asks for it, and nobody took the annotation over? */
function isManaged(world: World, ingress: Ingress): boolean {
  const claim = claimIn(ingress, world.scope.settings)
  const owner = world.objects.get(ingress.ref.uid)?.owner
  const listed = listedArns(ingress)
  return (
    !ingress.deleting &&
    claim.request.kind === 'wanted' &&
    !claim.paused &&
    (listed.length === 0 || owner === 'us' || owner === 'both')
  )
}

/** Something that is not ours to mend makes the load balancer's controller build nothing for the group. */
function isFrozen(world: World, group: string): boolean {
  const members = membersOf(world, group).filter((ingress) => !ingress.deleting)
  const settings = world.scope.settings
  const asked = new Set(members.flatMap((ingress) => askedBy(world, ingress) ?? []))
  if (asked.size >= settings.certificatesPerLoadBalancer) return true
  return members.some((ingress) => {
    if (isManaged(world, ingress)) return false
    const arns = askedBy(world, ingress)
    return arns === undefined || arns.some((arn) => !isHealthy(world, arn))
  })
}

function checkServed(world: World): void {
  const { law } = world
  const { served } = servedNow(world)
  for (const { ingress } of world.objects.values()) {
    if (!isManaged(world, ingress)) continue
    const group = groupOf(world, ingress)
    if (isFrozen(world, group)) continue
    const claim = claimIn(ingress, world.scope.settings)
    const spoilt = claim.hosts.some((host) => isBad(world, host))
    for (const port of claim.httpsPorts) {
      for (const host of claim.hosts) {
        if (isBad(world, host) || zoneOf(world, host) === undefined) continue
        const law3 = spoilt ? 'L3' : 'L1'
        premise(law, law3)
        if (spoilt) premise(law, 'D4')
        const place = `${group}|${port}|${host}`
        if (!served.has(place))
          breach(
            law,
            law3,
            `${placeOf(place)} is not served in the end, ${ingress.ref.name} lists ${shorts(listedArns(ingress))}, there is ${shorts(world.certificates.keys())}`,
          )
      }
    }
  }
}

/** D3: what a certificate of ours needs to renew is there. */
function checkRecords(world: World): void {
  for (const { arn, ours, names, status } of world.certificates.values()) {
    if (!ours || status !== 'ISSUED' || neededReason(world, arn) === undefined) continue
    for (const name of names) {
      const zone = zoneOf(world, name)
      const record = validationRecord(name)
      premise(world.law, 'D3')
      if (zone !== undefined && world.records.get(`${zone}/${record.name}`) !== record.value)
        breach(world.law, 'D3', `${short(arn)} needs the record of ${name} to renew, and it is missing`)
    }
  }
}

function checkLeftovers(world: World): void {
  const { law } = world
  premise(law, 'L2')
  const left = leftovers(world)
  if (left.length > 0) breach(law, 'L2', `nothing needs ${left.join(', ')} and it is still there`)
  checkWithdrawn(world)
  for (const { ingress } of world.objects.values()) {
    const claim = claimIn(ingress, world.scope.settings)
    const listed = listedArns(ingress)
    if (!isManaged(world, ingress) || listed.length < 2 || claim.request.kind !== 'wanted') continue
    const key = keyOf({ names: claim.request.names })
    const own = listed.find((arn) => {
      const certificate = world.certificates.get(arn)
      return certificate?.ours && certificate.status === 'ISSUED' && keyOf(certificate) === key
    })
    if (own === undefined || isFrozen(world, groupOf(world, ingress))) continue
    const idle = listed.filter((arn) => arn !== own && !isUsed(world, ingress, arn))
    if (idle.length > 0)
      breach(law, 'L2', `${ingress.ref.name} still lists ${idle.map(short).join(', ')} beside its own ${short(own)}`)
  }
}

/** An object that opted out gives up our ARN once a certificate that stays is there for each of its hosts. */
function checkWithdrawn(world: World): void {
  const managed = [...world.objects.values()]
    .map((object) => object.ingress)
    .filter((ingress) => isManaged(world, ingress))
  const wished = new Set(
    managed.flatMap((ingress) => {
      const { request } = claimIn(ingress, world.scope.settings)
      return request.kind === 'wanted' ? [keyOf({ names: request.names })] : []
    }),
  )
  for (const { ingress, owner } of world.objects.values()) {
    const claim = claimIn(ingress, world.scope.settings)
    const alone = membersOf(world, groupOf(world, ingress)).every(
      (other) => other === ingress || (managed.includes(other) && listedArns(other).length > 0),
    )
    if (
      ingress.deleting ||
      claim.request.kind !== 'none' ||
      listedArns(ingress).length === 0 ||
      owner !== 'us' ||
      !alone
    )
      continue
    const stays = [...world.certificates.values()].filter(
      (certificate) => certificate.status === 'ISSUED' && (!certificate.ours || wished.has(keyOf(certificate))),
    )
    const covered = claim.hosts.every((host) => stays.some(({ names }) => anyCovers(names, host)))
    if (covered && claim.hosts.length > 0)
      breach(world.law, 'L2', `${ingress.ref.name} opted out and still lists ${shorts(listedArns(ingress))}`)
  }
}

/** Does a live name of the load balancer have nothing but this? */
function isUsed(world: World, from: Ingress, arn: string): boolean {
  const certificate = world.certificates.get(arn)
  if (!certificate) return false
  return membersOf(world, groupOf(world, from)).some((ingress) => {
    if (ingress === from || ingress.deleting) return false
    const hosts = claimIn(ingress, world.scope.settings).hosts.filter((host) => anyCovers(certificate.names, host))
    return hosts.some(
      (host) =>
        !listedArns(ingress).some(
          (other) =>
            other !== arn && isHealthy(world, other) && anyCovers(world.certificates.get(other)?.names ?? [], host),
        ),
    )
  })
}
