import type { Operation } from './operation.ts'

/** Sequences in which the two servers once differed, played first. */
export const EXAMPLES: readonly { readonly title: string; readonly operations: readonly Operation[] }[] = []
