import { type Mutant, type Patch, patch } from './mutant.ts'
import { applied, at, comesBackUnheard, KEYS_ON_CURVES, LOST_WHILE_DOWN, script, scripts, UNHEARD } from './stages.ts'

const TWO_CERTIFICATES_A_PAGE: readonly Patch[] = [patch('aws/acm.ts', 'MaxItems: 1_000', 'MaxItems: 2')]
const TWO_OBJECTS_A_PAGE: readonly Patch[] = [patch('kube/client.ts', 'const PAGE_LIMIT = 500', 'const PAGE_LIMIT = 2')]
/** What is taken for the whole truth, and is not. */
export const READING: readonly Mutant[] = [
  {
    name: 'only the first page of certificates',
    stage: script([
      at(0, applied(0, [0])),
      at(0.1, applied(1, [1])),
      at(0.2, applied(2, [2])),
      at(0.3, applied(3, [5])),
      ...LOST_WHILE_DOWN,
    ]),
    breaks: 'What is older than the newest thousand is not there, and is requested again.',
    expected: ['S3', 'L1'],
    because: 'what was requested by a process that died is not found again',
    world: 'program',
    setting: TWO_CERTIFICATES_A_PAGE,
    patches: [
      patch('aws/acm.ts', "token = answer.NextToken === '' ? undefined : answer.NextToken", 'token = undefined'),
    ],
  },
  {
    name: 'only the first page of Ingresses',
    stage: scripts((seed) => [at(0, applied(0, [0])), at(0, applied(1, [1])), ...comesBackUnheard(2, seed)], UNHEARD),
    breaks: 'The fresh read before a deletion does not see who lists the certificate.',
    expected: ['S6', 'L2'],
    world: 'program',
    setting: TWO_OBJECTS_A_PAGE,
    patches: [patch('kube/client.ts', 'token = page.continueToken\n', 'token = undefined\n')],
  },
  {
    name: 'certificates of the default key types only',
    stage: script([...KEYS_ON_CURVES, ...LOST_WHILE_DOWN]),
    breaks: 'A certificate with a key on a curve is never seen in a list.',
    expected: ['S3', 'L1'],
    because: 'after a restart it is as if it had never been requested',
    world: 'program',
    patches: [patch('aws/acm.ts', 'full: { Includes, SortBy:', 'full: { SortBy:')],
  },
  {
    name: 'what a list lacks is gone (whole program)',
    first: 2,
    // The account is listed as a whole each ten minutes, and something was requested just before.
    stage: script(
      [
        ...[0, 1, 2, 3].map((place) => at(0, applied(place, [place]))),
        ...[0, 1, 2, 3].flatMap((place) =>
          [10, 20].map((minute) =>
            at(minute - 0.2 - place / 8, { do: 'hosts', ingress: place, hosts: [place + minute - 2] } as const),
          ),
        ),
      ],
      { rates: { 'acm stale': 0.9 } },
    ),
    breaks: 'A list that is behind makes certificates vanish, and they are requested again.',
    expected: ['S3'],
    world: 'program',
    patches: [
      patch('core/observe.ts', 'if (absent && !observation.tags.has(arn)) continue', 'if (whole) continue'),
      patch('core/phases/request.ts', 'if (observation.gone.get(arn)?.proven)', 'if (!inventory.all.has(arn))'),
    ],
  },
  {
    name: 'a watch goes on after its history was forgotten',
    first: 4,
    stage: script([at(0, applied(0, [0])), at(5, { do: 'compact' }), at(15, applied(1, [1], { group: null }))]),
    breaks: 'After a 410 the same version is asked for again and again, and nothing is heard any more.',
    expected: ['L8', 'L1', 'O1', 'L2'],
    world: 'program',
    patches: [
      patch(
        'kube/reflector.ts',
        "if (error.kind === 'expired') {\n      this.#resourceVersion = undefined\n",
        "if (error.kind === 'expired') {\n",
      ),
      patch('kube/reflector.ts', 'this.#resourceVersion = undefined\n    return statusError', 'return statusError'),
      patch('kube/reflector.ts', 'now - this.#listedAt < LIST_AGAIN_AFTER_MS)', 'now >= 0)'),
    ],
  },
]
