import { type ModelMutant, patch as patchOf } from '../mutants/mutant.ts'

function patch(file: string, from: string, to: string): ModelMutant['patches'][number] {
  return patchOf(`core/${file}`, from, to)
}

/** However old a look is, the first write on an object may rest on it. */
const ANY_AGE = ['loadBalancers?.at ?? 0', 'observation.listeners.get(loadBalancer)?.at ?? 0'].map((at) =>
  patch(
    'carry.ts',
    `const at = ${at}\n    const fresh = at > group.changedAt && now - at <= BEGIN_ON`,
    `const at = ${at}\n    const fresh = at > 0 && BEGIN_ON > 0`,
  ),
)

/** Rules of the core taken out, each of which the model's story of its row must notice. */
export const MUTANTS: readonly ModelMutant[] = [
  {
    world: 'model',
    row: 1,
    expected: ['S1'],
    name: 'only the hosts of the object itself count when an ARN leaves',
    patches: [patch('leave.ts', 'if (!member.live) return true', 'if (member !== from) return true')],
  },
  {
    world: 'model',
    row: 2,
    expected: ['S1'],
    name: 'departures happen side by side, without a fresh read',
    patches: [
      patch('publish.ts', 'mayDrop: !dropping.has(member.claim.group)', 'mayDrop: true'),
      patch('action.ts', '...(action.dropped.length > 0 ? [`group:${action.group}`] : [])', ''),
    ],
    omit: 'freshGroup',
  },
  {
    world: 'model',
    row: 3,
    expected: ['S1'],
    name: 'a write has no precondition',
    patches: [],
    omit: 'resourceVersion',
  },
  {
    world: 'model',
    row: 4,
    expected: ['S1'],
    name: 'a write that takes an ARN out rests on the cache',
    patches: [],
    omit: 'freshGroup',
  },
  {
    world: 'model',
    row: 5,
    expected: ['S1'],
    name: 'looks from before the last change count',
    patches: [
      patch('observe.ts', 'since !== undefined && since > changedAt', 'since !== undefined'),
      patch('situation.ts', 'since !== undefined && since > group.changedAt &&', 'since !== undefined &&'),
    ],
  },
  {
    world: 'model',
    row: 5,
    expected: ['S1'],
    name: 'one look is enough',
    patches: [patch('situation.ts', 'looks.at - since >= settings.settle', 'looks.at >= since')],
  },
  {
    world: 'model',
    row: 6,
    expected: ['S1'],
    name: 'the first write lists only ours',
    patches: [
      patch(
        'publish.ts',
        'const carried = admit(context, discovered(context, group, first))',
        'const carried = { admitted: [] as readonly Arn[], full: false }',
      ),
    ],
  },
  {
    world: 'model',
    row: 7,
    expected: ['S1'],
    name: 'what was seen before the last change is believed',
    patches: [
      patch('carry.ts', 'every((looks) => looks.at > group.changedAt)', 'every((looks) => looks.at > 0)'),
      ...ANY_AGE,
    ],
  },
  {
    world: 'model',
    row: 8,
    expected: ['S1'],
    name: 'what was seen before the object existed is believed',
    patches: [
      patch('carry.ts', 'every((looks) => looks.at > group.changedAt)', 'every((looks) => looks.at > 0)'),
      ...ANY_AGE,
    ],
  },
  {
    world: 'model',
    row: 9,
    expected: ['L1'],
    name: 'certificates made for other wishes are no cover',
    patches: [
      patch(
        'cover.ts',
        'const cover = open.length === 0 ? NONE : smallestCover(open, covering(open)).map((certificate) => certificate.arn)',
        'const cover = NONE',
      ),
      patch(
        'wishes.ts',
        'const kept = issued.map((certificate) => certificate.names)',
        'const kept: readonly Name[][] = []',
      ),
    ],
  },
  {
    world: 'model',
    row: 10,
    expected: ['S7'],
    name: 'what is not known yet counts as not wanted',
    patches: [
      patch('keep.ts', "if (!situation.complete || situation.ledger.certificates === undefined) return 'NotKnown'", ''),
    ],
  },
  {
    world: 'model',
    row: 11,
    expected: ['S6'],
    name: 'before a deletion only ACM is asked',
    patches: [patch('retire.ts', 'if (group.attached.has(arn))', 'if (group.attached.has(`not ${arn}`))')],
    omit: 'listenersBeforeDelete',
  },
  {
    world: 'model',
    row: 12,
    expected: ['L1'],
    name: 'an ARN whose certificate is gone stays until its successor is seen',
    patches: [
      patch(
        'publish.ts',
        'const dead = member.listed.filter((arn) => isDead(observation, arn, now))',
        'const dead = member.listed.filter((arn) => isDead(observation, arn, 0) && now < 0)',
      ),
    ],
  },
  {
    world: 'model',
    row: 13,
    expected: ['L1'],
    name: 'a restored annotation is written without force',
    patches: [patch('publish.ts', " || (member.annotation.kind === 'ours' && member.annotation.restored)", '')],
  },
  {
    world: 'model',
    row: 14,
    expected: ['L2'],
    name: 'a certificate of ours never lets an object opt out',
    patches: [patch('publish.ts', 'return own === undefined || wishes.byKey.has(own.key)', 'return own === undefined')],
  },
  {
    world: 'model',
    row: 15,
    expected: ['L1'],
    name: 'nothing is lent',
    patches: [
      patch(
        'publish.ts',
        'const mayLend = admitted.length === 0 && isAccountRead',
        'const mayLend = admitted.length < 0 && isAccountRead',
      ),
    ],
  },
  {
    world: 'model',
    row: 17,
    expected: ['S1'],
    name: 'what a listener carries does not count as issued',
    patches: [
      patch(
        'observe.ts',
        'return issuedBySight(merged, look.listeners)',
        'return merged.failures.size < 0 ? issuedBySight(merged, look.listeners) : merged',
      ),
    ],
  },
  {
    world: 'model',
    row: 18,
    expected: ['S2'],
    name: 'an annotation that the ledger knows is ours, whoever made the certificate',
    patches: [patch('situation.ts', '(ours || handedOut) && listed.every(wasPublished)', 'listed.every(wasPublished)')],
  },
  {
    world: 'model',
    row: 19,
    expected: ['L1'],
    name: 'a name without a zone stays on the wish',
    patches: [
      patch(
        'wishes.ts',
        'if (verdict) leftOut.push({ name, ...verdict })',
        "if (verdict?.reason === 'LookingUpZones') leftOut.push({ name, ...verdict })",
      ),
    ],
  },
  {
    world: 'model',
    row: 20,
    expected: ['M'],
    name: 'the attempt does not grow when its certificate was deleted',
    patches: [
      patch('phases/request.ts', 'proven) return { attempt: newest + 1 }', 'proven) return { attempt: newest }'),
      patch('phases/request.ts', 'return { attempt: gone + 1 }', 'return { attempt: gone }'),
    ],
  },
  {
    world: 'model',
    row: 'mass deletion',
    expected: ['S7'],
    name: 'no brake',
    patches: [patch('retire.ts', 'if (!settings.retireBrake)', 'if (settings.retireBrake)')],
  },
  {
    world: 'model',
    row: 'lists that come back empty',
    expected: ['S3'],
    name: 'what a list lacks is gone, and requested again',
    patches: [
      patch('observe.ts', 'if (absent && !observation.tags.has(arn)) continue', 'if (absent) continue'),
      patch('phases/request.ts', 'if (observation.gone.get(arn)?.proven)', 'if (!inventory.all.has(arn))'),
    ],
  },
  {
    world: 'model',
    row: 'a typo in an annotation',
    expected: ['S6'],
    name: 'a refusal ends the keeping',
    patches: [
      patch(
        'keep.ts',
        "return request.verdict.state === 'Refused' || !claim.inScope ? claim.hosts : []",
        'return !claim.inScope ? claim.hosts : []',
      ),
    ],
  },
  {
    world: 'model',
    row: 'a refused object',
    expected: ['D3'],
    name: 'only what is wished keeps its records',
    patches: [
      patch('plan.ts', '...tendKept(situation, kept, progress)', '...tendKept(situation, new Map(), progress)'),
    ],
  },
  {
    world: 'model',
    row: 'a name that never validates',
    expected: ['L1'],
    name: 'no interim certificate',
    patches: [
      patch('wishes.ts', 'export const INTERIM_AFTER = 10 * MINUTE', 'export const INTERIM_AFTER = 100_000 * MINUTE'),
    ],
  },
  {
    world: 'model',
    row: 'a name that never validates',
    expected: ['Q2'],
    name: 'a failed request is repeated after five minutes',
    patches: [
      patch(
        'backoff.ts',
        "case 'time':\n      return failedAt + retryDelay(attempt)",
        "case 'time':\n      return failedAt + 300_000 * Math.min(attempt, 1)",
      ),
    ],
  },
  {
    world: 'model',
    row: 'the first write carries over',
    expected: ['L6'],
    name: 'a restart shows what it has not asked yet',
    patches: [
      patch(
        'plan.ts',
        'if (before && !isOriented(member, situation)) {',
        'if (before && !isOriented(member, situation) && situation.now < 0) {',
      ),
      patch('plan.ts', 'if (!isOver && !isOriented(member, situation)) continue', ''),
    ],
  },
  {
    world: 'model',
    row: 'a backup is played back: the annotation',
    expected: ['S9'],
    name: 'the newest ARN comes first',
    patches: [
      patch('publish.ts', 'write(context, [...alive, ...admitted])', 'write(context, [...admitted, ...alive])'),
    ],
  },
]
