import { AwsError } from '../aws/errors.ts'
import type { FailureKind } from '../core/observation.ts'
import { HOUR, MINUTE, SECOND } from '../core/time.ts'
import { KubeError, type KubeErrorKind } from '../kube/errors.ts'

/** Why something failed, in the core's words, and how long its lane rests: `first`, then twice that, up to `most` milliseconds. */
export interface ClassifiedFailure {
  readonly kind: FailureKind
  readonly code: string
  readonly message: string
  readonly first: number
  readonly most: number
}

/** Classifies what a call threw; `undefined` for what is a defect of ours. */
export function classifyFailure(error: unknown): ClassifiedFailure | undefined {
  if (error instanceof AwsError)
    return { kind: error.kind, code: error.code, message: error.message, ...pauseFor(error.kind) }
  if (error instanceof KubeError) {
    const kind = fromKube(error.kind)
    return { kind, code: error.reason ?? error.kind, message: error.message, ...pauseFor(kind) }
  }
  return undefined
}

function fromKube(kind: KubeErrorKind): FailureKind {
  switch (kind) {
    case 'forbidden':
    case 'unauthorized':
      return 'denied'
    case 'unreachable':
    case 'expired':
    case 'transient':
      return 'transient'
    case 'alreadyExists':
    case 'conflict':
      return 'conflict'
    case 'notFound':
      return 'notFound'
    case 'invalid':
      return 'invalid'
    case 'throttled':
      return 'throttled'
    case 'ambiguous':
      return 'ambiguous'
  }
}

/** What a person must mend is tried again within five minutes of being mended, without a restart. */
function pauseFor(kind: FailureKind): { first: number; most: number } {
  switch (kind) {
    case 'throttled':
    case 'transient':
    case 'ambiguous':
      return { first: SECOND, most: MINUTE }
    case 'conflict':
      return { first: SECOND, most: 5 * MINUTE }
    case 'denied':
    case 'credentials':
    case 'notFound':
    case 'unsupported':
      return { first: 5 * SECOND, most: 4 * MINUTE }
    case 'quota':
      return { first: MINUTE, most: 30 * MINUTE }
    case 'invalid':
      return { first: MINUTE, most: HOUR }
  }
}
