import { type Mutant, patch } from './mutant.ts'
import { all, any, deed, fault, twoReplicas } from './needs.ts'

/** Reasons that only a change of the object cures. */
const HOPELESS: ReadonlySet<string> = new Set([
  'ADDITIONAL_VERIFICATION_REQUIRED',
  'DOMAIN_NOT_ALLOWED',
  'INVALID_PUBLIC_DOMAIN',
  'DOMAIN_VALIDATION_DENIED',
])

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
    needs: any(deed('move'), deed('steal'), deed('manyHosts'), deed('hosts')),
    breaks: 'The same hosts in another order are another wish, and get another certificate.',
    expected: ['S4', 'S3'],
    because: 'two keys for one set of names are seen at the second request, which is also one too many',
    world: 'program',
    patches: [patch('core/names.ts', 'return [...names].sort()', 'return [...names]')],
  },
  {
    name: 'the account is not read before a request',
    needs: all(deed('loseLedger'), any(deed('kill'), deed('terminate'))),
    breaks: 'After the ledger was lost, what is issued already is requested again.',
    expected: ['S3'],
    world: 'program',
    patches: [
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
    needs: deed('failDomain', { which: ({ reason }) => HOPELESS.has(reason) }),
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
    needs: all(
      any(deed('revoke'), deed('failDomain', { which: ({ reason }) => reason === 'OTHER' })),
      deed('loseLedger'),
    ),
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
    name: 'a new term believes what the last one knew',
    needs: all(twoReplicas, any(deed('freeze'), deed('apiDown'))),
    breaks: 'A leader that comes back acts on what it saw before another led.',
    expected: ['S3', 'S6'],
    because: 'what the other requested meanwhile is requested again, and what it was using is deleted',
    world: 'program',
    patches: [
      patch(
        'loop/facts.ts',
        'this.#observation = { ...emptyObservation, failures: this.#observation.failures }',
        'this.#observation = { ...this.#observation }',
      ),
    ],
  },
]
