import type { LedgerEntry } from '../kube/ledger.ts'
import { isObject } from '../kube/json.ts'
import type { KubeObject } from '../kube/object.ts'

const ASKS = 'certwright.dev/certificate'

/** What namespaces and classes ask for in the name of those objects that say nothing themselves. */
export class Defaults {
  readonly #namespaces = new Map<string, string | undefined>()
  readonly #classes = new Map<string, string | undefined>()

  /** Takes up a write. @returns whether it may change what objects ask for. */
  follow({ collection, name, after }: LedgerEntry): boolean {
    const asks = ((): Map<string, string | undefined> | undefined => {
      if (collection === 'namespaces') return this.#namespaces
      return collection === 'ingressclasses.networking.k8s.io' ? this.#classes : undefined
    })()
    if (!asks) return false
    const metadata = after?.metadata
    const said = (collection === 'namespaces' ? metadata?.labels : metadata?.annotations)?.[ASKS]
    const changed = asks.get(name) !== said
    asks.set(name, said)
    return changed
  }

  /** A namespace goes before a class. */
  for({ metadata, spec }: KubeObject): string | undefined {
    const className = isObject(spec) && typeof spec.ingressClassName === 'string' ? spec.ingressClassName : ''
    return this.#namespaces.get(metadata.namespace ?? '') ?? this.#classes.get(className)
  }
}
