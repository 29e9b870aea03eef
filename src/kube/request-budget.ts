import type { RequestRecord } from '../core/request-record.ts'
import { GROUP, VERSION } from './crds.ts'
import type { KubeObject, Resource } from './resource.ts'

export const REQUEST_BUDGETS: Resource = { group: GROUP, version: VERSION, plural: 'requestbudgets' }

/** The record of requests in one region, with what only Kubernetes knows of its object, whose name is the region. */
export interface StoredRequests {
  readonly region: string
  readonly uid: string
  readonly resourceVersion: string
  readonly record: RequestRecord
}

interface Shape {
  readonly status?: {
    readonly days?: readonly { readonly day?: string; readonly requests?: number }[]
    readonly namespaces?: readonly {
      readonly namespace?: string
      readonly period?: string
      readonly requests?: number
    }[]
    readonly open?: readonly string[]
  }
}

/** What is applied: the whole object without status. */
export function toRequestBudget(region: string): KubeObject {
  return { apiVersion: `${GROUP}/${VERSION}`, kind: 'RequestBudget', metadata: { name: region }, spec: { region } }
}

/** What is applied to its status, if it is still of that version. */
export function toRequestBudgetStatus(options: {
  region: string
  resourceVersion: string
  record: RequestRecord
  used: number
  budget: number
}): KubeObject {
  const { region, resourceVersion, record, used, budget } = options
  return {
    apiVersion: `${GROUP}/${VERSION}`,
    kind: 'RequestBudget',
    metadata: { name: region, resourceVersion },
    status: { used, budget, ...record },
  }
}

/** Reads a record back. What somebody else wrote into it is read as far as it makes sense. */
export function fromRequestBudget(raw: KubeObject): StoredRequests | undefined {
  const { metadata, status } = raw as KubeObject & Shape
  if (!metadata.name) return undefined
  return {
    region: metadata.name,
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    record: {
      days: (status?.days ?? []).flatMap(({ day, requests }) =>
        day !== undefined && /^\d{4}-\d\d-\d\d$/.test(day) ? [{ day, requests: requests ?? 0 }] : [],
      ),
      namespaces: (status?.namespaces ?? []).flatMap(({ namespace, period, requests }) =>
        namespace && period !== undefined && /^\d{4}-\d\d(-\d\d)?$/.test(period)
          ? [{ namespace, period, requests: requests ?? 0 }]
          : [],
      ),
      open: status?.open ?? [],
    },
  }
}
