/** Who is on trial: what the laws have to know of its ways, and no more. */
export interface Subject {
  /** Whether it holds Certwright's Lease while it writes: S5. */
  readonly leads: boolean
  /** How it says which certificates an Ingress gets: in the annotation, or by the tags of the certificate alone. */
  readonly publishes: 'annotation' | 'tags'
  /** The tag whose value is a function of the wish: S4. */
  readonly keyTag: string | undefined
  /** Whether it may delete a record that no certificate carries any more: D1. */
  readonly deletesRecords: boolean
}

export const CERTWRIGHT: Subject = {
  leads: true,
  publishes: 'annotation',
  keyTag: 'certwright.dev/key',
  deletesRecords: false,
}

/** The AWS Load Balancer Controller's own certificates. */
export const REFERENCE: Subject = { leads: false, publishes: 'tags', keyTag: undefined, deletesRecords: true }
