import type { IngressName } from '../actors/user.ts'
import type { Counts } from './end-state.ts'
import type { Stage, StageOptions } from './stage.ts'

/** One thing that people, or the world, do, and what must have come of it before the story goes on. */
export interface Scene {
  readonly what: string
  readonly deed: (stage: Stage) => Promise<unknown> | void
  readonly until: (stage: Stage) => boolean
}

/** A canonical story: what happens does not depend on when the controller does its part, so that a run of it ends like any other. */
export interface Story {
  readonly name: string
  readonly options?: Pick<StageOptions, 'flags' | 'aws'>
  /** Whether something is lent meanwhile depends on how long the controller takes, and is not counted. */
  readonly lendsAsItComes?: boolean
  /** What need not be done as often as in the undisturbed run. */
  readonly uncounted?: readonly (keyof Counts)[]
  readonly scenes: readonly Scene[]
}

/** The scene waits for what the load balancer serves, not for what the controller says of it. */
export function serves(stage: Stage, name: IngressName, names: readonly string[]): boolean {
  const { view, served } = stage.court
  const ingress = stage.ingress(name)
  if (!ingress) return false
  return (
    ingress.hosts.every((host) => served.unservedFor(ingress, host) === 0) &&
    listsExactly(stage, name, names.length === 0 ? [] : [names]) &&
    ingress.listed.every((arn) => view.isAttached(arn))
  )
}

/** Does the object list exactly certificates of these names? */
export function listsExactly(stage: Stage, name: IngressName, sets: readonly (readonly string[])[]): boolean {
  const { view } = stage.court
  const listed = stage.ingress(name)?.listed.map((arn) => [...view.namesOf(arn)].sort().join('+')) ?? []
  return (
    [...listed].sort().join() ===
    sets
      .map((names) => [...names].sort().join('+'))
      .sort()
      .join()
  )
}

/** Does the object list a certificate of these names, whatever else it lists? */
export function lists(stage: Stage, name: IngressName, names: readonly string[]): boolean {
  const wanted = [...names].sort().join()
  return stage.ingress(name)?.listed.some((arn) => [...stage.court.view.namesOf(arn)].sort().join() === wanted) === true
}

/** Are exactly these certificates of ours left in ACM? */
export function leaves(stage: Stage, sets: readonly (readonly string[])[]): boolean {
  const { view } = stage.court
  const own = view.own.map((arn) => [...view.namesOf(arn)].sort().join('+'))
  return (
    own.sort().join() ===
    sets
      .map((names) => [...names].sort().join('+'))
      .sort()
      .join()
  )
}

/** What the claim of an Ingress says: `Ready`, `Failed`. */
export function stateOf(stage: Stage, { namespace, name }: IngressName): { state?: string; reason?: string } {
  const claim = stage.world.kube.admin.get({
    apiVersion: 'certwright.dev/v1alpha1',
    kind: 'CertificateClaim',
    namespace,
    name: `ingress-${name}`,
  })
  return (claim?.status ?? {}) as { state?: string; reason?: string }
}
