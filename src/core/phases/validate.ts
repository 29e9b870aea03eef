import type { OwnCertificate } from '../inventory.ts'
import { isValidationRecord, recordsOf, standingOf } from '../records.ts'
import type { Situation } from '../situation.ts'
import type { DueLook, Step } from '../step.ts'
import { MINUTE, rfc3339, SECOND } from '../time.ts'
import type { Verdict } from '../verdict.ts'
import { listed } from '../verdict.ts'
import type { Wish } from '../wish.ts'
import { baseOf } from '../names.ts'
import { describedAt } from '../observation.ts'
import { INTERIM_AFTER } from '../wishes.ts'
import { VALIDATION_PERIOD } from '../backoff.ts'
import { cureOf, roleForRecord } from '../zone-role.ts'

/** A certificate is pending: its validation records must be there, and then ACM must see them. */
export function validate(wish: Wish, pending: OwnCertificate, situation: Situation): Step {
  const { certificate } = pending
  const records = recordsOf(certificate.arn, pending.key, situation)
  const proven = new Set(records.map((record) => record.of))
  const waiting = wish.names.filter((name) => !proven.has(baseOf(name)))
  const looks: DueLook[] = []
  if (waiting.length > 0) looks.push(lookForRecords(pending, situation))
  const standings = records.map((record) => ({ record, standing: standingOf(record, situation) }))
  const actions = standings.flatMap(({ record, standing }) =>
    standing.kind === 'missing' && isValidationRecord(record)
      ? [{ kind: 'createRecord' as const, zone: standing.zone, name: record.name, value: record.value }]
      : [],
  )
  const conflict = standings.find(({ standing }) => standing.kind === 'conflict')
  if (conflict?.standing.kind === 'conflict') {
    const { record, standing } = conflict
    const message = `The record ${record.name} in zone ${standing.zone} is ${standing.found} where ACM needs CNAME ${record.value} to prove ${record.of}, and nothing is overwritten; change or delete it.`
    return { verdict: validating('RecordConflict', message), actions, looks }
  }
  if (actions.length > 0) {
    const failing = actions.find((action) => failureOf(action, situation))
    const failure = failing && failureOf(failing, situation)
    const role = failing && roleForRecord(failing.name, situation.settings.zoneRoles)
    if (role && (failure?.kind === 'denied' || failure?.kind === 'credentials')) {
      const message = `The validation records of ${listed(wish.names)} cannot be written through the role ${role.arn} (${failure.message}); ${cureOf(role)}.`
      return { verdict: { state: 'Held', reason: 'AccessDenied', message }, actions, looks }
    }
    if (failure?.kind === 'denied') {
      const message = `Route 53 refuses the validation records of ${listed(wish.names)}: ${failure.message}; allow route53:ChangeResourceRecordSets on the zone in the controller's IAM policy.`
      return { verdict: { state: 'Held', reason: 'AccessDenied', message }, actions, looks }
    }
    const because = failure ? ` (the last try failed: ${failure.code})` : ''
    return {
      verdict: validating(
        'WritingRecords',
        `The validation records of ${listed(wish.names)} are being written${because}.`,
      ),
      actions,
      looks,
    }
  }
  if (waiting.length > 0) {
    return {
      verdict: validating('RecordsPending', `ACM has not given the validation records of ${listed(waiting)} yet.`),
      actions,
      looks,
    }
  }
  return { ...issuing(wish, pending, situation), actions }
}

function failureOf({ zone, name }: { readonly zone: string; readonly name: string }, { observation }: Situation) {
  return observation.failures.get(`record:${zone}/${name}`)
}

/** Everything is in ACM's hands. Which names are late is asked for only once it is late, since the list tells all the rest. */
function issuing(wish: Wish, { certificate }: OwnCertificate, { observation, now }: Situation): Step {
  const detail = observation.details.get(certificate.arn)
  const late = certificate.createdAt + INTERIM_AFTER
  const missing =
    now < late
      ? []
      : (detail?.value.validations ?? []).filter((entry) => entry.status !== 'SUCCESS').map((entry) => entry.name)
  const names = missing.length > 0 && missing.length < wish.names.length ? listed(missing) : 'its names'
  const until = rfc3339(certificate.createdAt + VALIDATION_PERIOD)
  const verdict: Verdict = {
    state: 'Issuing',
    reason: 'PendingValidation',
    message: `ACM is validating ${names} since ${rfc3339(certificate.createdAt)} and keeps trying until ${until}; where it takes long, see that public DNS delegates to the hosted zone.`,
  }
  const last = describedAt(observation, certificate.arn) ?? 0
  const dueAt = last >= late ? last + INTERIM_AFTER : late
  return { verdict, looks: [{ look: { kind: 'describe', arn: certificate.arn }, dueAt }], wakeAt: late }
}

function validating(reason: string, message: string): Verdict {
  return { state: 'Validating', reason, message }
}

/** Records appear seconds after the request, sometimes half a minute; with many names it takes longer. */
function lookForRecords({ certificate }: OwnCertificate, { observation, now }: Situation): DueLook {
  const look = { kind: 'describe', arn: certificate.arn } as const
  const last = describedAt(observation, certificate.arn)
  if (last === undefined) return { look, dueAt: certificate.createdAt + 2 * SECOND }
  const age = now - certificate.createdAt
  return { look, dueAt: last + (age < 2 * MINUTE ? 3 * SECOND : age < 30 * MINUTE ? 15 * SECOND : 5 * MINUTE) }
}
