import { type Mutant, patch } from './mutant.ts'
import { any, deed, fault } from './needs.ts'
import { applied, at, LOST_WHILE_DOWN, MINUTE, script } from './stages.ts'

/** What is asked of ACM, how often, and under which name. */
export const REQUESTS: readonly Mutant[] = [
  {
    name: 'no token',
    breaks: 'A request whose answer was lost is sent again, and ACM makes a second certificate.',
    expected: ['S4'],
    world: 'program',
    patches: [patch('aws/acm.ts', '          IdempotencyToken: idempotencyToken,\n', '')],
  },
  {
    name: 'the token comes from the first name only',
    first: 3,
    breaks: 'ACM answers a request for {a, b} with the certificate of {a}, which it knows by the token.',
    expected: ['S4'],
    world: 'program',
    patches: [
      patch(
        'loop/perform.ts',
        'idempotencyToken({ owner, key: wish.key, attempt })',
        'idempotencyToken({ owner, key: wish.domainName, attempt })',
      ),
    ],
  },
  {
    name: 'a request that may have happened is repeated with another token',
    first: 4,
    needs: any(fault('acm reset after'), fault('acm 5xx after'), fault('acm time-out after')),
    breaks: 'Where the answer to a request is lost, there are two certificates for one wish.',
    expected: ['S3'],
    world: 'program',
    patches: [
      patch(
        'loop/perform.ts',
        'idempotencyToken({ owner, key: wish.key, attempt })',
        'idempotencyToken({ owner: `${owner}${at}`, key: wish.key, attempt })',
      ),
    ],
  },
  {
    name: 'names are not sorted',
    stage: script([at(0, applied(0, [0, 1])), at(10, { do: 'hosts', ingress: 0, hosts: [1, 0] })]),
    breaks: 'The same hosts in another order are another wish, and get another certificate.',
    expected: ['S4', 'S3'],
    because: 'two keys for one set of names are seen at the second request, which is also one too many',
    world: 'program',
    patches: [patch('core/names.ts', 'return [...names].sort()', 'return [...names]')],
  },
  {
    name: 'the account is not read before a request',
    stage: script(
      [
        at(0, applied(0, [0])),
        at(0.1, applied(1, [1])),
        at(0.2, applied(2, [2])),
        at(0.3, applied(3, [5])),
        ...LOST_WHILE_DOWN,
      ],
      { rates: { 'tags 5xx before': 0.95 } },
    ),
    breaks: 'After the ledger was lost, what is issued already is requested again.',
    expected: ['S3'],
    world: 'program',
    patches: [
      patch(
        'core/orientation.ts',
        'return certificates?.complete === true && tagsSweptAt !== undefined\n',
        'return certificates?.complete === true && tagsSweptAt !== 0\n',
      ),
      patch(
        'core/phases/request.ts',
        'if (!observation.certificates?.complete || observation.tagsSweptAt === undefined) {',
        'if (!observation.certificates) {',
      ),
      patch('core/phases/request.ts', 'if (unread.length > 0) {', 'if (unread.length > 1_000) {'),
    ],
  },
  {
    name: 'a failed request is repeated after five minutes (whole program)',
    first: 15,
    needs: any(deed('revoke'), deed('failDomain', { which: ({ reason }) => reason === 'OTHER' })),
    breaks: 'A host that cannot validate uses up the yearly quota of requests.',
    expected: ['Q2'],
    world: 'program',
    patches: [
      patch(
        'core/backoff.ts',
        "case 'time':\n      return failedAt + retryDelay(attempt)",
        "case 'time':\n      return failedAt + 300_000 * Math.min(attempt, 1)",
      ),
    ],
  },
  {
    name: 'a hopeless failure is tried again like any other',
    stage: script([
      at(0, { do: 'failDomain', host: 0, reason: 'DOMAIN_NOT_ALLOWED', forMs: 40 * MINUTE }),
      at(0.1, applied(0, [0])),
    ]),
    breaks: 'A domain that ACM does not allow is requested again every few hours.',
    expected: ['Q2'],
    world: 'program',
    patches: [
      patch(
        'core/backoff.ts',
        'return changed ? failedAt + editDelay(attempt) : undefined',
        'return failedAt + retryDelay(attempt)',
      ),
    ],
  },
  {
    name: 'a failure that the ledger does not know was long ago',
    stage: script([
      at(0, { do: 'failDomain', host: 0, reason: 'OTHER', forMs: 40 * MINUTE }),
      at(0.1, applied(0, [0])),
      at(25, { do: 'loseLedger' }),
    ]),
    breaks: 'Losing the ledger, or a new leader, loses the backoff: what just failed is requested at once.',
    expected: ['Q2'],
    world: 'program',
    patches: [
      patch(
        'core/phases/request.ts',
        "return meaning.reason === 'ValidationTimedOut' ? createdAt + VALIDATION_PERIOD : createdAt",
        "return meaning.reason === 'ValidationTimedOut' ? createdAt : 0",
      ),
    ],
  },
  {
    name: 'an attempt is used before it is stored',
    breaks: 'Whoever comes after a crash does not know that it was begun.',
    expected: ['S8'],
    world: 'program',
    patches: [
      patch(
        'core/phases/request.ts',
        'if ((entry?.attempt ?? 0) < next.attempt) return { verdict, begin: next.attempt }',
        '',
      ),
    ],
  },
  {
    name: 'the attempt is not in the tags',
    breaks: 'After the ledger was lost, attempts begin again at 1, with tokens that ACM knows.',
    expected: ['S8'],
    world: 'program',
    patches: [patch('core/tags.ts', '[TAG.attempt]: String(attempt),', '')],
  },
  {
    name: 'no interim certificate (whole program)',
    stage: script([at(0, applied(0, [0, 1]))], { bad: 1 }),
    breaks: 'One name that does not validate keeps its neighbours without TLS for three days.',
    expected: ['D4', 'L3'],
    because: 'in the end the neighbours are not served',
    world: 'program',
    patches: [
      patch(
        'core/wishes.ts',
        'export const INTERIM_AFTER = 10 * MINUTE',
        'export const INTERIM_AFTER = 100_000 * MINUTE',
      ),
    ],
  },
]
