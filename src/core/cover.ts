import type { Arn } from './certificate.ts'
import { smallestCover } from './inventory.ts'
import type { Name } from './names.ts'
import { fading } from './renewal.ts'
import type { Situation } from './situation.ts'
import { serves } from './situation.ts'

const NONE: readonly Arn[] = []

/**
 * The smallest set of our issued certificates that covers what of these hosts `held` does not, whoever they were made for; likewise, beside
 * what is held, where that is a certificate which cannot be renewed because of another of its names.
 */
export function coverFor(hosts: readonly Name[], held: readonly Arn[], situation: Situation): readonly Arn[] {
  const covering = (open: readonly Name[]) => situation.ownServing.coveringAny(open)
  const isServed = (host: Name, by: readonly Arn[]) => by.some((arn) => serves(situation, arn, host))
  const open = hosts.filter((host) => !isServed(host, held))
  const cover = open.length === 0 ? NONE : smallestCover(open, covering(open)).map((certificate) => certificate.arn)
  const ending = fading(situation)
  const lasting = held.filter((arn) => !ending.has(arn))
  if (lasting.length === held.length) return cover
  const endangered = hosts.filter((host) => !open.includes(host) && !isServed(host, lasting))
  const successors = covering(endangered).filter(({ arn }) => !ending.has(arn))
  return [...new Set([...cover, ...smallestCover(endangered, successors).map(({ arn }) => arn)])]
}
