import type { Step } from '../../src/sim/simulation/steps.ts'
import type { ProgramMutant } from './mutant.ts'
import {
  applied,
  at,
  busy,
  IN_FLIGHT,
  KEYS_ON_CURVES,
  MINUTE,
  QUICK,
  script,
  scripts,
  SIX_PLACES,
  SLOW_RECORDS,
  takenOverInFlight,
  TWO,
} from './stages.ts'

/**
 * Bugs that a good engineer could write in a refactoring and a reviewer could miss, by somebody who had read the product and
 * its laws in words, but none of the oracles. They stay as they are: an oracle that misses one is to be mended, not the bug.
 */
export const FRESH_EYES: readonly ProgramMutant[] = [
  {
    world: 'program',
    name: 'unwanted-mark-survives-being-wanted',
    stage: script(
      [
        at(0, applied(0, [0])),
        at(20, { do: 'delete', ingress: 0 }),
        at(40, applied(0, [0])),
        at(75, { do: 'delete', ingress: 0 }),
      ],
      { aws: QUICK, retireAfter: 60 * MINUTE },
    ),
    breaks:
      'The ledger keeps the mark "unwanted since" of a certificate that is wanted again, so that the next time nobody wants it its grace period is over at once, and the brake does not count it.',
    expected: ['S6', 'S7'],
    because:
      'A certificate that goes at once is deleted within its grace period (S6), or, where many go together, past the brake (S7).',
    patches: [
      {
        file: 'src/core/remember.ts',
        from: '    unwanted: retirements.get(arn)?.unwanted,\n',
        to: '    unwanted: retirements.get(arn)?.unwanted ?? before?.unwanted,\n',
      },
    ],
  },
  {
    world: 'program',
    name: 'failed-certificate-of-a-wish-is-unwanted',
    stage: script([
      at(0, { do: 'failDomain', host: 0, reason: 'DOMAIN_NOT_ALLOWED', forMs: 60 * MINUTE }),
      at(0.1, applied(0, [0])),
    ]),
    breaks:
      'The failed certificate of a wish is retired although no successor exists; once it is deleted its attempt counts as gone and the next request follows without the backoff of the failure.',
    expected: ['Q2', 'S3'],
    because: 'A request too early is one more than the failures that ACM reported where its answer is lost.',
    patches: [
      {
        file: 'src/core/keep.ts',
        from: "import { issuedOf, pendingOf, terminalOf } from './inventory.ts'",
        to: "import { issuedOf, pendingOf } from './inventory.ts'",
      },
      {
        file: 'src/core/keep.ts',
        from: 'issued ?? pendingOf(inventory, key) ?? terminalOf(inventory, key, now)',
        to: 'issued ?? pendingOf(inventory, key)',
      },
    ],
  },
  {
    world: 'program',
    name: 'account-counts-as-read-before-its-tags',
    first: 2,
    breaks:
      'After a restart the ledger is written anew between the list of certificates and the sweep of their tags, when nothing is known to be ours: a restart at rest writes, and records and grace periods are forgotten.',
    expected: ['L6', 'L5'],
    because: 'The write after a restart at rest may fall into the quiet day.',
    patches: [
      {
        file: 'src/core/orientation.ts',
        from: 'export function isAccountRead({ certificates, tagsSweptAt }: Observation): boolean {\n  return certificates?.complete === true && tagsSweptAt !== undefined\n',
        to: 'export function isAccountRead({ certificates }: Observation): boolean {\n  return certificates?.complete === true\n',
      },
    ],
  },
  {
    world: 'program',
    name: 'replacing-counts-as-ready',
    stage: script(
      [
        at(0, applied(0, [0])),
        at(20, { do: 'neverValidates', host: 1, forMs: 60 * MINUTE }),
        at(20.1, { do: 'hosts', ingress: 0, hosts: [0, 1] }),
      ],
      { aws: QUICK },
    ),
    breaks:
      'The condition Ready stays true while a successor is on its way, though a host that was just added is served by nothing.',
    expected: ['O1'],
    patches: [
      {
        file: 'src/core/conditions.ts',
        from: "  Replacing: ['Attached', 'RenewalHealthy'],",
        to: "  Replacing: ['Requested', 'Validated', 'Issued', 'Attached', 'RenewalHealthy', 'Ready'],",
      },
    ],
  },
  {
    world: 'program',
    name: 'urgent-records-wait-for-the-interval',
    stage: script(
      [
        at(0, { do: 'neverValidates', host: 0, forMs: 90 * MINUTE }),
        at(0.1, applied(0, [0])),
        at(30, { do: 'deleteRecord', host: 0 }),
      ],
      { aws: QUICK },
    ),
    breaks:
      'The longer of the two pauses is taken, so that a validation record that somebody deletes while ACM waits for it is missed only at the hourly check.',
    expected: ['D3'],
    patches: [
      {
        file: 'src/core/look.ts',
        from: "Math.min(settings.recordCheckInterval, status === 'ISSUED' ? Number.POSITIVE_INFINITY : urgent)",
        to: "Math.max(settings.recordCheckInterval, status === 'ISSUED' ? Number.NEGATIVE_INFINITY : urgent)",
      },
    ],
  },
  {
    world: 'program',
    name: 'annotation-is-sorted',
    breaks:
      'The ARNs are sorted on their way into the annotation, so that one that is added may become the first, and with it the default certificate of the listener.',
    expected: ['S9'],
    patches: [
      {
        file: 'src/loop/perform.ts',
        from: "[INGRESS_CERTIFICATE_ANNOTATION]: arns.join(',')",
        to: "[INGRESS_CERTIFICATE_ANNOTATION]: [...arns].sort().join(',')",
      },
    ],
  },
  {
    world: 'program',
    name: 'annotation-is-written-without-its-version',
    first: 7,
    stage: scripts(takenOverInFlight, IN_FLIGHT),
    breaks:
      'A write of the annotation no longer carries the version that it was planned from, so that the forced first write overwrites what a user put there after the cache last heard of the object.',
    expected: ['S2', 'S1'],
    because: 'What is overwritten may be what served the host.',
    patches: [
      {
        file: 'src/loop/perform.ts',
        from: 'const metadata = { namespace, name, uid, resourceVersion: ingress.resourceVersion }',
        to: 'const metadata = { namespace, name, uid }',
      },
    ],
  },
  {
    world: 'program',
    name: 'refused-watch-keeps-its-place',
    first: 3,
    stage: script([at(0, applied(0, [0]))], { aws: QUICK, mischief: true }),
    breaks:
      'A watch that the API server answers with 410 is asked for again from the same forgotten version instead of a list, so that nothing of that kind is heard of until the hourly list.',
    expected: ['L1', 'L4'],
    because: 'Whatever changes meanwhile is served or repaired only after the next list.',
    patches: [
      {
        file: 'src/kube/reflector.ts',
        from: "    if (error.kind === 'expired') {\n      this.#resourceVersion = undefined\n",
        to: "    if (error.kind === 'expired') {\n",
      },
    ],
  },
  {
    world: 'program',
    name: 'lease-is-judged-by-the-wall-clock',
    first: 2,
    stage: scripts(
      (seed) => [
        ...busy(seed),
        ...Array.from(
          { length: 8 },
          (_, index): Step =>
            at(2 + index + (seed % 7) / 20, { do: 'jump', replica: 1 + (index % 2), ms: (2 + index) * 60 * MINUTE }),
        ),
      ],
      TWO,
    ),
    breaks:
      'A standby compares the renewTime in the Lease with its own wall clock, so that a clock that jumps, or differs, makes it take over from a leader that is alive.',
    expected: ['S5', 'L9'],
    because: 'Two replicas act at the same time.',
    patches: [
      {
        file: 'src/kube/lease.ts',
        from: '    return this.#seen.at + duration - this.#options.clock.monotonic()\n',
        to: "    const renewedAt = Date.parse(this.#seen.lease.spec?.renewTime ?? '') || 0\n    return renewedAt + duration - this.#options.clock.now()\n",
      },
    ],
  },
  {
    world: 'program',
    name: 'burst-is-our-share-of-a-second',
    stage: script(SIX_PLACES.map((place) => at(0, applied(place, [place], { group: null })))),
    breaks:
      'The burst of an operation without a documented one is our share of a second instead of what the share leaves of it, so that the first second sees a burst and a second of refill: more than the quota.',
    expected: ['Q1'],
    patches: [
      {
        file: 'src/aws/quotas.ts',
        from: 'quota.burst === undefined ? quota.rate * (1 - share) : quota.burst * share',
        to: 'quota.burst === undefined ? quota.rate * share : quota.burst * share',
      },
    ],
  },
  {
    world: 'program',
    name: 'only-rsa-is-normalised',
    stage: script(KEYS_ON_CURVES, { aws: QUICK }),
    breaks:
      'ACM says EC-prime256v1 where it takes EC_prime256v1; only RSA is put right, so that a certificate with an elliptic key is not recognised as ours once a list shows it, and is requested again.',
    expected: ['S3', 'L2'],
    because: 'Those that are requested again and again are left over.',
    patches: [
      {
        file: 'src/aws/acm.ts',
        from: "(source.KeyAlgorithm ?? 'RSA_2048').replaceAll('-', '_')",
        to: "(source.KeyAlgorithm ?? 'RSA_2048').replace('RSA-', 'RSA_')",
      },
    ],
  },
  {
    world: 'program',
    name: 'fence-before-the-quota',
    stage: scripts(
      (seed) => [
        ...SIX_PLACES.map((place) => at(0, applied(place, [place], { group: null }))),
        ...Array.from({ length: 6 }, (_, index) =>
          at(0.3 + index * 1.5 + (seed % 10) / 30, { do: 'apiDown', forMs: 50_000 } as const),
        ),
      ],
      { aws: SLOW_RECORDS, rates: { 'acm throttle': 0.9 } },
    ),
    breaks:
      'The lease is checked before the wait for the quota instead of after it, so that a change may be sent when the lease has passed to another meanwhile.',
    expected: ['S5', 'L9'],
    because: 'Two replicas act at the same time.',
    patches: [
      {
        file: 'src/aws/call.ts',
        from: '    await this.#quotas.acquire({ operation, priority, signal })\n    signal?.throwIfAborted()\n    const { service, mutating } = factsOf(operation)\n    beforeSend?.()\n    if (mutating) this.#beforeChange(operation)\n',
        to: '    const { service, mutating } = factsOf(operation)\n    if (mutating) this.#beforeChange(operation)\n    await this.#quotas.acquire({ operation, priority, signal })\n    signal?.throwIfAborted()\n    beforeSend?.()\n',
      },
    ],
  },
]
