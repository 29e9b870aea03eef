import { SITUATIONS } from '../../src/sim/contestant/situations.ts'

/** A defect of the AWS Load Balancer Controller's own certificates, and what our laws say of it. */
export interface ReferenceDefect {
  readonly id: string
  readonly sentence: string
  /** The laws that it breaks; none where it breaks no promise of ours. */
  readonly laws: readonly string[]
  /** Why no story shows it. Absent: the situations of this ID do. */
  readonly unshown?: string
}

/** Every defect that reading the reference's code brought to light, in the order of that list. A: outages. B: correctness. C: zones. D: scale. */
export const REFERENCE_DEFECTS: readonly ReferenceDefect[] = [
  {
    id: 'A1',
    sentence:
      'With a certificate it deletes validation records that other certificates need, so that those are not renewed.',
    laws: ['D1', 'D3'],
  },
  {
    id: 'A2',
    sentence: 'Whoever may create an Ingress can remove the validation record of a host of another team.',
    laws: ['D1', 'D3'],
  },
  {
    id: 'A3',
    sentence: 'A certificate that stays pending holds its group and one of three workers for half an hour.',
    laws: ['L3', 'L8'],
  },
  {
    id: 'A4',
    sentence: 'An edit or a deletion is not seen while the certificate before it is waited for.',
    laws: ['L8', 'L3'],
  },
  {
    id: 'A5',
    sentence: 'A listener loses the old certificate of a host before it gets the new one.',
    laws: ['S1'],
  },
  {
    id: 'B1',
    sentence: 'A pending certificate whose record could not be written is waited for, and nobody writes the record.',
    laws: ['D3', 'L1'],
  },
  {
    id: 'B2',
    sentence: 'It gives ACM 30 s for the records, which is too short for certificates with many names.',
    laws: ['L1', 'D3'],
  },
  {
    id: 'B3',
    sentence: 'A host that never validates costs a new request every half hour, out of the quota of a year.',
    laws: ['Q2', 'S3', 'S6'],
  },
  {
    id: 'B4',
    sentence: 'After a change of hosts that failed at first, each try requests another certificate beside the last.',
    laws: ['S3'],
  },
  {
    id: 'B5',
    sentence: 'Of two certificates that match, which one a listener serves changes from one reconcile to the next.',
    laws: ['S9'],
  },
  {
    id: 'B6',
    sentence: 'It requests and awaits certificates that no listener will be given.',
    laws: ['L2'],
  },
  {
    id: 'B7',
    sentence: 'Another private CA, or other tags, are not applied to certificates that exist.',
    laws: [],
    unshown: 'the simulated AWS has no private CA that issues, and tags that are out of date break no law',
  },
  {
    id: 'B8',
    sentence:
      'Failed, expired and revoked certificates are waited for as if they were pending; one in use wedges its group.',
    laws: ['Q2', 'L1'],
  },
  {
    id: 'B9',
    sentence: 'Deleting a certificate that has no validation records yet breaks the process.',
    laws: ['P'],
  },
  {
    id: 'B10',
    sentence: 'The records go before it is known whether the certificate is in use, which then stays without them.',
    laws: ['D3', 'L2'],
  },
  {
    id: 'B11',
    sentence: 'It waits 30 s for ACM to notice that a load balancer let go, which takes up to half an hour.',
    laws: ['L2'],
  },
  {
    id: 'B12',
    sentence:
      'It tells errors apart by words in their messages, so that a record with another value passes for its own.',
    laws: [],
    unshown: 'neither contestant can serve a host whose record somebody else holds; they differ in what they say of it',
  },
  {
    id: 'B13',
    sentence: 'An exhausted quota of certificates is retried ten times, and then called a matter of too many names.',
    laws: [],
    unshown: 'nobody is served beyond a quota; the laws do not read messages',
  },
  {
    id: 'B14',
    sentence: 'A certificate that anybody deletes between two calls fails the reconcile of every group.',
    laws: ['L1', 'L8'],
  },
  {
    id: 'B15',
    sentence: "Somebody else's certificate with a part of its tags stops a group for good.",
    laws: ['L1', 'L8'],
  },
  {
    id: 'B16',
    sentence:
      'A host of more than 64 characters that comes first in the order of letters is never tried in another place.',
    laws: ['L1', 'L8'],
  },
  {
    id: 'B17',
    sentence: 'Requests carry no idempotency token, so that an answer that is lost costs another certificate.',
    laws: ['S3', 'S4'],
  },
  {
    id: 'B18',
    sentence: 'A restart deletes what has been pending for more than five minutes and requests it again.',
    laws: ['Q2', 'S3', 'S6'],
  },
  {
    id: 'B19',
    sentence: 'The wait for the records cannot be cancelled.',
    laws: [],
    unshown:
      'the contestant ends between any two calls, so that nothing else of it is judged more harshly than it deserves',
  },
  {
    id: 'C1',
    sentence: 'It reads the first hundred hosted zones and no further.',
    laws: ['L1'],
  },
  {
    id: 'C2',
    sentence: 'It writes validation records into private zones.',
    laws: ['D2', 'D3', 'L1'],
  },
  {
    id: 'C3',
    sentence: 'Of several public zones of one name it takes the first, whichever the domain is delegated to.',
    laws: ['L1'],
  },
  {
    id: 'C4',
    sentence: 'It writes into hosted zones of its own account only.',
    laws: [],
    unshown: 'a limit that it shares with Certwright of today: no story needs a second account',
  },
  {
    id: 'C5',
    sentence: 'It knows no DNS but Route 53, and no records that somebody else keeps.',
    laws: [],
    unshown: 'a limit, not a way to behave; nothing in the simulated world answers for other DNS',
  },
  {
    id: 'C6',
    sentence: 'A new hosted zone is not seen for up to five minutes.',
    laws: [],
    unshown:
      'five minutes are within the patience of the laws, and the lock that its cache lacks has no counterpart in one thread',
  },
  {
    id: 'C7',
    sentence: 'One host without a hosted zone keeps the others of its Ingress from a certificate.',
    laws: ['L1', 'L8'],
  },
  {
    id: 'C8',
    sentence: 'It checks no CAA, waits for no change to be in force, and writes one record a call.',
    laws: [],
    unshown: 'no law speaks of it; the calls are in the figures that the contestants are measured by',
  },
  {
    id: 'D1',
    sentence: 'It reads the tags of every certificate of the account, one by one, whenever a minute has gone by.',
    laws: ['Q1'],
  },
  {
    id: 'D2',
    sentence: 'Discovery reads all the tags once more.',
    laws: ['Q1'],
    unshown: "the simulated load balancer's controller discovers without reading tags",
  },
  {
    id: 'D3',
    sentence: 'The work of D1 is done for stacks that can have no certificates as well, in four caches.',
    laws: ['Q1'],
    unshown: 'the simulated controller works on Ingresses only',
  },
  {
    id: 'D4',
    sentence: 'Its calls to ACM and Route 53 have no pace of their own.',
    laws: ['Q1'],
    unshown: 'shown together with D1, whose calls are what is too fast',
  },
  {
    id: 'D5',
    sentence: 'More certificates than a load balancer takes fail the whole group.',
    laws: [],
    unshown: 'neither contestant serves what does not fit, and no law says which of the others must be',
  },
  {
    id: 'D6',
    sentence: 'It looks a minute later at the earliest whether a certificate is issued.',
    laws: [],
    unshown: 'no law is that impatient; the time is in the figures that the contestants are measured by',
  },
  {
    id: 'E',
    sentence:
      'Gateways, Services, keys other than RSA, shared and adopted certificates, rules for namespaces, status, expiry: it has none of it.',
    laws: [],
    unshown: 'what it does not set out to do breaks no law',
  },
]

/** The story of each situation that shows the defect. */
export function storiesOf({ id }: ReferenceDefect): readonly string[] {
  return SITUATIONS.filter(({ defect }) => defect === id).map(({ story }) => story)
}
