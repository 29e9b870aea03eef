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

/**
 * The retries that a disturbed run may have over the fault-free one. A call that failed, or whose answer was lost, is not among them: what
 * counts is what it did to the world, and a repetition does nothing again.
 */
const ALLOWANCES: readonly Allowance[] = [
  {
    // A certificate that somebody deleted is requested again.
    what: 'request',
    of: ({ requests }) => requests,
    fewer: none,
    more: lost,
  },
  {
    // What somebody else deleted we need not delete.
    what: 'delete',
    of: ({ deletes }) => deletes,
    fewer: lost,
    more: none,
  },
  {
    // A record that somebody deleted, or that went with its zone, is put back.
    what: 'record',
    of: ({ records }) => records,
    fewer: none,
    more: ({ lostRecords }, name) => lostRecords.get(name) ?? 0,
  },
  {
    // What was taken off a listener is put back; the successor of a certificate that somebody deleted is attached in its turn.
    what: 'attachment',
    of: ({ attachments }) => attachments,
    fewer: none,
    more: (counts, names) => (counts.lostAttachments.get(names) ?? 0) + lost(counts, names),
  },
  {
    what: 'detachment',
    of: ({ detachments }) => detachments,
    fewer: none,
    more: (counts, names) => (counts.lostAttachments.get(names) ?? 0) + lost(counts, names),
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
