import type { EpochMs } from '../../core/time.ts'
import { HOUR, MINUTE } from '../../core/time.ts'
import type { World } from './world.ts'
import { START } from './world.ts'

/** Ages beyond this are all the same: nothing in the core distinguishes them within a small scope. */
const OLD = 30 * MINUTE

/**
 * A text that is the same for worlds that will behave alike: instants count by their age, versions by whether they are the newest, and
 * what only people read does not count.
 */
export function digest(world: World): string {
  const { memory, now, law } = world
  const newest = new Map([...world.objects.values()].map(({ ingress }) => [ingress.ref.uid, ingress.resourceVersion]))
  const parts: unknown[] = [
    [...world.objects.values()].map(({ ingress, owner }) => [
      ingress.annotations,
      ingress.hosts,
      ingress.deleting,
      ingress.hostnames,
      owner,
    ]),
    world.events.map((event) => [
      event.kind,
      event.ingress.ref.uid,
      event.ingress.annotations,
      event.ingress.hosts,
      event.ingress.deleting,
    ]),
    [...world.ledger.values()].map((entry) => [entry.key, entry.attempt, entry.attemptArn, entry.certificates]),
    [...world.claims.values()].map((entry) => [entry.uid, entry.published]),
    [...world.certificates.values()].map((certificate) => ({ ...certificate, tags: 0 })),
    [...world.zones.keys()],
    [...world.records],
    [...world.balancers.values()].map(({ arn, listeners }) => [arn, [...listeners]]),
    [...world.groups].map(([group, state]) => [
      group,
      state.dirty,
      state.retryAt,
      state.run && [[...state.run.desired], state.run.startedAt, state.run.deleting],
    ]),
    world.holds,
    memory.synced,
    [...memory.cache.values()].map(({ ref, resourceVersion, annotations, hosts, deleting }) => [
      ref.uid,
      newest.get(ref.uid) === resourceVersion,
      annotations,
      hosts,
      deleting,
    ]),
    [...memory.ledger.values()].map((entry) => [entry.key, entry.attempt, entry.attemptArn]),
    [...memory.claims.values()].map((entry) => [entry.uid, entry.published]),
    [...memory.tasks.values()].map(({ key, step, readAt, action, neededAtRead }) => [
      key,
      step,
      readAt,
      action?.kind === 'publish'
        ? [action.arns, action.ingress.resourceVersion === newest.get(action.ingress.ref.uid)]
        : '',
      neededAtRead,
    ]),
    [...memory.backoffs],
    [...memory.observation.groupChangedAt],
    [...(memory.observation.certificates?.value.values() ?? [])].map(({ arn, status, inUse }) => [arn, status, inUse]),
    [...memory.observation.tags.keys()],
    [...memory.observation.details].map(([arn, { at, value }]) => [
      arn,
      at,
      value.status,
      value.validations.map(({ status }) => status),
    ]),
    [...memory.observation.unusedSince],
    [...memory.observation.gone],
    [...memory.observation.listeners].map(([arn, looks]) => [
      arn,
      looks.at,
      looks.listeners.map(({ certificates }) => certificates),
      [...looks.steady].map(([port, since]) => [port, [...since]]),
    ]),
    [...law.served.keys()],
    [...law.wantedAt],
    law.breach,
  ]
  return JSON.stringify(parts, (_, value: unknown) => (isInstant(value, now) ? ageOf(value, now) : value))
}

function isInstant(value: unknown, now: EpochMs): value is EpochMs {
  return typeof value === 'number' && value > START - 48 * HOUR && value <= now + 100 * HOUR
}

function ageOf(value: EpochMs, now: EpochMs): string {
  const age = now - value
  return `t${age > OLD ? OLD : age}`
}
