/** A rule taken out: what must then break a law in the stories of its row. */
export interface Mutant {
  /** The row of the stories that must go red, or what their names say. */
  readonly row: number | string
  /** What is left out, in words. */
  readonly name: string
  /** In the code, a line for another. */
  readonly patches: readonly { readonly file: string; readonly from: string; readonly to: string }[]
  /** What the model's performing leaves out. */
  readonly omit?: string
}

function patch(file: string, from: string, to: string): Mutant['patches'][number] {
  return { file: `src/core/${file}`, from, to }
}

export const MUTANTS: readonly Mutant[] = [
  {
    row: 1,
    name: 'only the hosts of the object itself count when an ARN leaves',
    patches: [patch('leave.ts', 'if (!member.live) return true', 'if (member !== from) return true')],
  },
  {
    row: 2,
    name: 'departures happen side by side, without a fresh read',
    patches: [
      patch('publish.ts', 'mayDrop: !dropping.has(member.claim.group)', 'mayDrop: true'),
      patch('action.ts', '...(action.dropped.length > 0 ? [`group:${action.group}`] : [])', ''),
    ],
    omit: 'freshGroup',
  },
  { row: 3, name: 'a write has no precondition', patches: [], omit: 'resourceVersion' },
  { row: 4, name: 'a write that takes an ARN out rests on the cache', patches: [], omit: 'freshGroup' },
  {
    row: 5,
    name: 'looks from before the last change count',
    patches: [
      patch('observe.ts', 'since !== undefined && since > changedAt', 'since !== undefined'),
      patch('situation.ts', 'since !== undefined && since > group.changedAt &&', 'since !== undefined &&'),
    ],
  },
  {
    row: 5,
    name: 'one look is enough',
    patches: [patch('situation.ts', 'looks.at - since >= settings.settle', 'looks.at >= since')],
  },
  {
    row: 6,
    name: 'the first write lists only ours',
    patches: [
      patch(
        'publish.ts',
        'const carried = admit(context, discovered(context, group, first)).admitted',
        'const carried: readonly Arn[] = []',
      ),
    ],
  },
  {
    row: 7,
    name: 'what was seen before the last change is believed',
    patches: [
      patch('publish.ts', 'every((looks) => looks.at > group.changedAt)', 'every((looks) => looks.at > 0)'),
      patch(
        'publish.ts',
        'const fresh = at > group.changedAt && now - at <= BEGIN_ON',
        'const fresh = at > 0 && BEGIN_ON > 0',
      ),
    ],
  },
  {
    row: 8,
    name: 'what was seen before the object existed is believed',
    patches: [
      patch('publish.ts', 'every((looks) => looks.at > group.changedAt)', 'every((looks) => looks.at > 0)'),
      patch(
        'publish.ts',
        'const fresh = at > group.changedAt && now - at <= BEGIN_ON',
        'const fresh = at > 0 && BEGIN_ON > 0',
      ),
    ],
  },
  {
    row: 9,
    name: 'certificates made for other wishes are no cover',
    patches: [
      patch(
        'publish.ts',
        'const cover = smallestCover(open, situation.ownServing.coveringAny(open)).map((certificate) => certificate.arn)',
        'const cover: readonly Arn[] = []',
      ),
      patch(
        'wishes.ts',
        'const kept = issued.map((certificate) => certificate.names)',
        'const kept: readonly Name[][] = []',
      ),
    ],
  },
  {
    row: 10,
    name: 'what is not known yet counts as not wanted',
    patches: [
      patch('keep.ts', "if (!situation.complete || situation.ledger.certificates === undefined) return 'NotKnown'", ''),
    ],
  },
  {
    row: 11,
    name: 'before a deletion only ACM is asked',
    patches: [patch('retire.ts', 'if (attachedTo(group).has(arn))', 'if (attachedTo(group).has(`not ${arn}`))')],
    omit: 'listenersBeforeDelete',
  },
  {
    row: 12,
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
    row: 13,
    name: 'a restored annotation is written without force',
    patches: [patch('publish.ts', " || (member.annotation.kind === 'ours' && member.annotation.restored)", '')],
  },
  {
    row: 14,
    name: 'a certificate of ours never lets an object opt out',
    patches: [patch('publish.ts', 'return own === undefined || wishes.byKey.has(own.key)', 'return own === undefined')],
  },
  {
    row: 15,
    name: 'nothing is lent',
    patches: [
      patch(
        'publish.ts',
        'const lent = additions.length === 0 ? lendable(context, group) : undefined',
        'const lent = additions.length < 0 ? lendable(context, group) : undefined',
      ),
    ],
  },
  {
    row: 17,
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
    row: 18,
    name: 'an annotation that the ledger knows is ours, whoever made the certificate',
    patches: [
      patch(
        'situation.ts',
        'ours && listed.every((arn) => published.has(arn))',
        'listed.every((arn) => published.has(arn))',
      ),
    ],
  },
  {
    row: 19,
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
    row: 20,
    name: 'the attempt does not grow when its certificate was deleted',
    patches: [
      patch('phases/request.ts', 'return { attempt: newest + 1 }', 'return { attempt: newest }'),
      patch('phases/request.ts', 'return { attempt: gone + 1 }', 'return { attempt: gone }'),
    ],
  },
  {
    row: 'mass deletion',
    name: 'no brake',
    patches: [patch('retire.ts', 'if (!settings.retireBrake)', 'if (settings.retireBrake)')],
  },
  {
    row: 'lists that come back empty',
    name: 'what a list lacks is gone, and requested again',
    patches: [
      patch('observe.ts', 'if (absent && !observation.tags.has(arn)) continue', 'if (absent) continue'),
      patch('phases/request.ts', 'if (observation.gone.get(arn)?.proven ||', 'if (!inventory.all.has(arn) ||'),
    ],
  },
  {
    row: 'a typo in an annotation',
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
    row: 'a refused object',
    name: 'only what is wished keeps its records',
    patches: [
      patch('plan.ts', '...tendKept(situation, kept, progress),', '...tendKept(situation, new Map(), progress),'),
    ],
  },
  {
    row: 'a name that never validates',
    name: 'no interim certificate',
    patches: [
      patch('wishes.ts', 'export const INTERIM_AFTER = 10 * MINUTE', 'export const INTERIM_AFTER = 100_000 * MINUTE'),
    ],
  },
  {
    row: 'a name that never validates',
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
    row: 'the first write carries over',
    name: 'a restart shows what it has not asked yet',
    patches: [
      patch(
        'plan.ts',
        'if (before && !isOriented(member, situation)) {',
        'if (before && !isOriented(member, situation) && situation.now < 0) {',
      ),
      patch('plan.ts', 'if (!isOriented(member, situation)) continue', ''),
    ],
  },
  {
    row: 'a backup is played back: the annotation',
    name: 'the newest ARN comes first',
    patches: [
      patch('publish.ts', 'write(context, [...alive, ...admitted])', 'write(context, [...admitted, ...alive])'),
    ],
  },
]
