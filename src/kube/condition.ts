import type { Condition } from '../core/conditions.ts'
import type { EpochMs } from '../core/time.ts'
import { rfc3339 } from '../core/time.ts'

/** A condition as Kubernetes keeps it (metav1.Condition). */
export interface KubeCondition extends Condition {
  readonly lastTransitionTime: string
  readonly observedGeneration?: number | undefined
}

/** Gives each condition the time at which its status last changed. */
export function withTransitions(options: {
  conditions: readonly Condition[]
  before: readonly KubeCondition[]
  generation: number
  now: EpochMs
}): readonly KubeCondition[] {
  return options.conditions.map((condition) => {
    const same = options.before.find((other) => other.type === condition.type && other.status === condition.status)
    return {
      ...condition,
      observedGeneration: options.generation,
      lastTransitionTime: same?.lastTransitionTime ?? rfc3339(options.now),
    }
  })
}

/** An instant as our objects keep it: to the millisecond where it has any, so that reading it back gives the same. */
export function instant(at: EpochMs | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString().replace('.000Z', 'Z')
}

/** `shop.example.com, +2`: names as a column shows them. */
export function summary(values: readonly string[]): string {
  return values.length > 1 ? `${values[0]}, +${values.length - 1}` : (values[0] ?? '')
}
