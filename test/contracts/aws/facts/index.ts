import type { Fact } from '../fact.ts'
import { describeFacts } from './acm-describe.ts'
import { idempotencyFacts } from './acm-idempotency.ts'
import { listFacts } from './acm-list.ts'
import { requestFacts } from './acm-request.ts'
import { tagFacts } from './acm-tags.ts'
import { loadBalancerFacts } from './elbv2.ts'
import { identityFacts } from './identity.ts'
import { issuanceFacts } from './issuance.ts'
import { openAcmFacts } from './open-acm.ts'
import { openOtherFacts } from './open-others.ts'
import { rateFacts } from './rates.ts'
import { renewalFacts } from './renewal.ts'
import { recordFacts } from './route53-records.ts'
import { zoneFacts } from './route53-zones.ts'
import { taggingFacts } from './tagging.ts'

/** Everything that Certwright relies on in AWS, and what it must do without knowing. */
export const FACTS: readonly Fact[] = [
  ...requestFacts,
  ...idempotencyFacts,
  ...describeFacts,
  ...listFacts,
  ...tagFacts,
  ...issuanceFacts,
  ...renewalFacts,
  ...zoneFacts,
  ...recordFacts,
  ...loadBalancerFacts,
  ...taggingFacts,
  ...identityFacts,
  ...rateFacts,
  ...openAcmFacts,
  ...openOtherFacts,
]
