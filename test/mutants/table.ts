import { MUTANTS as CORE } from '../model/mutants.ts'
import { CAPABILITIES } from './capabilities.ts'
import { FRESH_EYES } from './fresh-eyes.ts'
import { LEADING } from './leading.ts'
import type { Mutant } from './mutant.ts'
import { POLICIES } from './policies.ts'
import { PUBLISHING } from './publishing.ts'
import { READING } from './reading.ts'
import { RECORDS } from './records.ts'
import { REQUESTS } from './requests.ts'
import { RETIRING } from './retiring.ts'

/** Every bug that the laws must notice. */
export const TABLE: readonly Mutant[] = [
  ...CORE,
  ...REQUESTS,
  ...READING,
  ...PUBLISHING,
  ...RETIRING,
  ...RECORDS,
  ...LEADING,
  ...CAPABILITIES,
  ...POLICIES,
  ...FRESH_EYES,
]
