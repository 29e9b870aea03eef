import type { Counts, Tally } from './counts.ts'

/** By how much a count may be off, downwards and upwards, and why. */
interface Allowance {
  readonly what: string
  readonly of: (counts: Counts) => Tally
  readonly fewer: (disturbed: Counts, of: string) => number
  readonly more: (disturbed: Counts, of: string) => number
}

const none = () => 0
const lost = ({ lostCertificates }: Counts, names: string) => lostCertificates.get(names) ?? 0

/** One for some of the names of another that came late: PRODUCT, "One bad name never holds up a good one". */
function interim({ late }: Counts, names: string): number {
  const part = names.split('+')
  return [...late.keys()].some((whole) => {
    const all = whole.split('+')
    return part.length < all.length && part.every((name) => all.includes(name))
  })
    ? 1
    : 0
}

/** How often anything was lost for which another certificate may have stood in, on each port of each load balancer of a group. */
function standIns({ lostCertificates, late }: Counts): number {
  return [...lostCertificates.values(), ...late.values()].reduce((sum, times) => sum + times * PORTS, 0)
}

/** What stands in until an object's own certificate is issued does not where nobody was there to write it meanwhile. */
const borrowed = () => PORTS

/** As many listeners as a group has at most. */
const PORTS = 2

/**
 * The retries that a disturbed run may have over the fault-free one. A call that failed, or whose answer was lost, is not among them: what
 * counts is what it did to the world, and a repetition does nothing again.
 */
const ALLOWANCES: readonly Allowance[] = [
  {
    // A certificate that somebody deleted is requested again, and what comes late may have an interim one.
    what: 'request',
    of: ({ requests }) => requests,
    fewer: none,
    more: (counts, names) => lost(counts, names) + interim(counts, names),
  },
  {
    // What somebody else deleted we need not delete.
    what: 'delete',
    of: ({ deletes }) => deletes,
    fewer: lost,
    more: interim,
  },
  {
    // A record that somebody deleted, or that went with its zone, is put back.
    what: 'record',
    of: ({ records }) => records,
    fewer: none,
    more: ({ lostRecords }, name) => lostRecords.get(name) ?? 0,
  },
  {
    // What was taken off a listener is put back; while a certificate is late or lost another may stand in for it.
    what: 'attachment',
    of: ({ attachments }) => attachments,
    fewer: borrowed,
    more: (counts, names) => (counts.lostAttachments.get(names) ?? 0) + lost(counts, names) + standIns(counts),
  },
  {
    what: 'detachment',
    of: ({ detachments }) => detachments,
    fewer: borrowed,
    more: (counts, names) => (counts.lostAttachments.get(names) ?? 0) + lost(counts, names) + standIns(counts),
  },
]

/** Counts of a disturbed run that are not those of the fault-free one, nor explained by what others took away. */
export function excesses(undisturbed: Counts, disturbed: Counts): readonly string[] {
  return ALLOWANCES.flatMap(({ what, of, fewer, more }) => {
    const [expected, actual] = [of(undisturbed), of(disturbed)]
    return [...new Set([...expected.keys(), ...actual.keys()])].sort().flatMap((name) => {
      const [without, withFaults] = [expected.get(name) ?? 0, actual.get(name) ?? 0]
      const isAllowed = withFaults >= without - fewer(disturbed, name) && withFaults <= without + more(disturbed, name)
      return isAllowed ? [] : [`${what} of ${name}: ${withFaults} times instead of ${without}`]
    })
  })
}
