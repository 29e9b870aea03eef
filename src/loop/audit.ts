import type { Violation } from '../core/policy.ts'
import type { EventRecorder } from '../kube/events.ts'

/** Says once of each object, and again when it changes, what `--policy-mode=enforce` would not request. */
export class Audit {
  readonly #events: EventRecorder
  #told = new Map<string, string>()

  constructor(events: EventRecorder) {
    this.#events = events
  }

  tell(violations: readonly Violation[]): void {
    const firsts = new Map<string, Violation>()
    for (const violation of violations) {
      const { uid } = violation.ingress.ref
      if (!firsts.has(uid)) firsts.set(uid, violation)
    }
    for (const [uid, { ingress, message }] of firsts) {
      if (this.#told.get(uid) === message) continue
      const { namespace, name } = ingress.ref
      this.#events.record({
        regarding: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', namespace, name, uid },
        type: 'Warning',
        reason: 'DomainNotAllowed',
        action: 'Audit',
        note: `It is requested all the same (--policy-mode=audit): ${message}`,
      })
    }
    this.#told = new Map([...firsts].map(([uid, { message }]) => [uid, message]))
  }
}
