import type { OwnCertificate } from '../inventory.ts'
import { describedAt } from '../observation.ts'
import type { Situation } from '../situation.ts'
import type { Step } from '../step.ts'
import { MINUTE, rfc3339 } from '../time.ts'
import { listed } from '../verdict.ts'
import type { Wish } from '../wish.ts'

/** A private CA signs within seconds: the list tells. Where it takes longer, the certificate is asked for by name. */
const PATIENCE = MINUTE

/** A certificate is pending at a private CA: nothing is to be proven, and nothing to be done. */
export function sign(wish: Wish, authority: string, { certificate }: OwnCertificate, { observation }: Situation): Step {
  const { arn, createdAt } = certificate
  const last = describedAt(observation, arn)
  const dueAt = last === undefined ? createdAt + PATIENCE : last + 5 * MINUTE
  return {
    verdict: {
      state: 'Issuing',
      reason: 'PendingSignature',
      message: `The private CA ${authority} is signing the certificate for ${listed(wish.names)} since ${rfc3339(createdAt)}; where it takes long, see the CA's state and ACM's permission to issue by it.`,
    },
    looks: [{ look: { kind: 'describe', arn }, dueAt }],
  }
}
