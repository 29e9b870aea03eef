import { type Mutant, type Patch, patch } from './mutant.ts'
import { any, deed, fault } from './needs.ts'

const TWO_CERTIFICATES_A_PAGE: readonly Patch[] = [patch('aws/acm.ts', 'MaxItems: 1_000', 'MaxItems: 2')]
const TWO_OBJECTS_A_PAGE: readonly Patch[] = [patch('kube/client.ts', 'const PAGE_LIMIT = 500', 'const PAGE_LIMIT = 2')]
const KEYS_ON_CURVES: readonly Patch[] = [patch('sources/ingress.ts', "?? 'RSA_2048'", "?? 'EC_prime256v1'")]

/** What is taken for the whole truth, and is not. */
export const READING: readonly Mutant[] = [
  {
    name: 'only the first page of certificates',
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
    breaks: 'The fresh read before a deletion does not see who lists the certificate.',
    expected: ['S6', 'L2'],
    world: 'program',
    setting: TWO_OBJECTS_A_PAGE,
    patches: [patch('kube/client.ts', 'token = page.continueToken\n', 'token = undefined\n')],
  },
  {
    name: 'certificates of the default key types only',
    breaks: 'A certificate with a key on a curve is never seen in a list.',
    expected: ['S3', 'L1'],
    because: 'after a restart it is as if it had never been requested',
    world: 'program',
    setting: KEYS_ON_CURVES,
    patches: [patch('aws/acm.ts', 'full: { Includes, SortBy:', 'full: { SortBy:')],
  },
  {
    name: 'what a list lacks is gone (whole program)',
    needs: fault('acm stale'),
    breaks: 'A list that is behind makes certificates vanish, and they are requested again.',
    expected: ['S3'],
    world: 'program',
    patches: [
      patch('core/observe.ts', 'if (absent && !observation.tags.has(arn)) continue', 'if (whole) continue'),
      patch('core/phases/request.ts', 'if (observation.gone.get(arn)?.proven ||', 'if (!inventory.all.has(arn) ||'),
    ],
  },
  {
    name: 'a list of objects that broke off is taken for whole',
    needs: any(fault('watch close', 0.1), fault('watch reset', 0.1)),
    breaks: 'Objects that were not sent yet count as deleted.',
    expected: ['S6', 'S1', 'L1'],
    world: 'program',
    patches: [
      patch(
        'kube/reflector.ts',
        "if (list && !list.ended) {\n        this.#listBy = 'pagesOnce'\n        return\n      }",
        'if (list && !list.ended) this.#replace(list.entries, { resourceVersion: undefined, at: list.at })',
      ),
    ],
  },
  {
    name: 'what is wanted is judged before all objects were listed',
    breaks: 'Right after a start nothing seems to be wanted.',
    expected: ['S6', 'S1', 'S7', 'L6'],
    world: 'program',
    patches: [
      patch(
        'loop/facts.ts',
        'ingresses: ingresses ? { value: this.#ingresses',
        'ingresses: true ? { value: this.#ingresses',
      ),
      patch('loop/facts.ts', 'ingressClasses: classes ? {', 'ingressClasses: true ? {'),
      patch('loop/facts.ts', 'ingressClassParameters: parameters ? {', 'ingressClassParameters: true ? {'),
    ],
  },
  {
    name: 'a watch goes on after its history was forgotten',
    needs: any(deed('compact'), fault('watch 410')),
    breaks: 'After a 410 the same version is asked for again and again, and nothing is heard any more.',
    expected: ['L1', 'O1', 'L2'],
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
  {
    name: 'objects are never listed again',
    needs: fault('watch drop'),
    breaks: 'A deletion that a watch lost is never found.',
    expected: ['L2', 'L1', 'O1'],
    world: 'program',
    patches: [patch('kube/reflector.ts', 'LIST_AGAIN_AFTER_MS = 3_600_000', 'LIST_AGAIN_AFTER_MS = 3_600_000_000')],
  },
  {
    name: 'an older version of an object replaces a newer one',
    breaks: 'A late event takes the cache back behind what we wrote ourselves.',
    expected: ['S1', 'L5', 'L1'],
    world: 'program',
    patches: [
      patch('loop/facts.ts', 'if (namesake && isOlder(ingress.resourceVersion, namesake.resourceVersion)) return', ''),
    ],
  },
]
