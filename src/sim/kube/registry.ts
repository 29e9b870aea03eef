import { resourcesOf } from './crd.ts'
import { configMap, namespace, secret, service, serviceAccount } from './kinds/core.ts'
import { customResourceDefinition } from './kinds/custom-resource-definition.ts'
import { endpointSlice } from './kinds/endpoint-slice.ts'
import { coreEvent, event } from './kinds/event.ts'
import { lease } from './kinds/lease.ts'
import { ingress, ingressClass } from './kinds/networking.ts'
import type { KubeObject } from './object.ts'
import { nameOf } from './object.ts'
import type { Resource } from './resource.ts'
import { apiVersionOf } from './resource.ts'

const BUILT_IN: readonly Resource[] = [
  configMap,
  coreEvent,
  namespace,
  secret,
  serviceAccount,
  service,
  customResourceDefinition,
  lease,
  endpointSlice,
  event,
  ingress,
  ingressClass,
]

/** Which kinds are served: the built-in ones, and those that CustomResourceDefinitions define. */
export class Registry {
  readonly #custom = new Map<string, readonly Resource[]>()
  #resources = BUILT_IN

  /** In the order of discovery: the core group, the built-in groups, the custom ones by name. */
  get resources(): readonly Resource[] {
    return this.#resources
  }

  get collections(): readonly string[] {
    return [...new Set(this.#resources.map(({ collection }) => collection))]
  }

  define(definition: KubeObject): void {
    this.#custom.set(nameOf(definition), resourcesOf(definition))
    this.#order()
  }

  undefine(name: string): readonly Resource[] {
    const gone = this.#custom.get(name) ?? []
    this.#custom.delete(name)
    this.#order()
    return gone
  }

  #order(): void {
    const custom = [...this.#custom.entries()].sort(([left], [right]) => (left < right ? -1 : 1))
    this.#resources = [...BUILT_IN, ...custom.flatMap(([, resources]) => resources)]
  }

  byPath(group: string, version: string, plural: string): Resource | undefined {
    return this.#resources.find((each) => each.group === group && each.version === version && each.plural === plural)
  }

  byKind(apiVersion: string, kind: string): Resource | undefined {
    return this.#resources.find((each) => apiVersionOf(each) === apiVersion && each.kind === kind)
  }

  /** Any version of a collection: for what works on stored objects. */
  byCollection(collection: string): Resource | undefined {
    return this.#resources.find((each) => each.collection === collection)
  }
}
