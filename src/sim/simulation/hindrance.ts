import { isFrozen, isManaged } from './ends.ts'
import type { Stage } from './stage.ts'

/** What keeps ACM from renewing: it cannot see the record of one of the hosts that are served, or a CAA record forbids it. */
export interface Hindrance {
  /** Which of them, counted over. */
  readonly host: number
  readonly how: 'unseen' | 'caa'
}

/** From now on ACM cannot renew what has one of the hosts that are served. */
export function hinder(stage: Stage, { host: number, how }: Hindrance): void {
  const { world, court } = stage
  const served = court.view.ingresses.filter((ingress) => isManaged(stage, ingress) && !isFrozen(stage, ingress.group))
  const hosts = [...new Set(served.flatMap((ingress) => ingress.hosts))].sort()
  const host = hosts[number % hosts.length]
  if (host === undefined) return
  stage.hostsNotProvenAgain.add(host)
  stage.tell(() => `--- ${host} cannot be validated again (${how})`)
  const zone = world.aws.hostedZones().find(({ name, isPrivate }) => !isPrivate && `${host}.`.endsWith(`.${name}`))
  if (how === 'unseen') world.aws.setValidates(host, false)
  else if (zone)
    world.aws.putRecord(zone, { name: host.replace('*.', ''), type: 'CAA', values: ['0 issue "ca.example.net"'] })
}
