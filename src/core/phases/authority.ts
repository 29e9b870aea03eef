import type { Authority } from '../authority.ts'
import { familyOf, isRenewalAllowed } from '../authority.ts'
import type { OwnCertificate } from '../inventory.ts'
import type { Situation } from '../situation.ts'
import type { DueLook, Step } from '../step.ts'
import { DAY, HOUR, MINUTE, rfc3339 } from '../time.ts'
import type { Verdict } from '../verdict.ts'
import { listed } from '../verdict.ts'
import type { Wish } from '../wish.ts'

/** What ACM asks a private CA for: 13 months (https://docs.aws.amazon.com/acm/latest/userguide/private-certificates.title.html). */
const VALIDITY = 395 * DAY

/** What a CA in this state needs: https://docs.aws.amazon.com/privateca/latest/APIReference/API_CertificateAuthority.html, Status. */
const CURES: Readonly<Record<string, string>> = {
  CREATING: 'wait until it is created',
  PENDING_CERTIFICATE: 'install its own certificate',
  DELETED: 'restore it while that is possible, or name another',
  DISABLED: 'enable it, or name another',
  EXPIRED: 'install a new certificate of its own, or name another',
  FAILED: 'create another and name that',
}

/** What keeps the private CA of a wish from signing; nothing where it can, or where nobody may know. Unknown never refuses. */
export function authorityObstacle(wish: Wish, situation: Situation): Step | undefined {
  if (wish.issuer.kind !== 'private') return undefined
  const { authority: arn } = wish.issuer
  const { observation, now } = situation
  const seen = observation.authorities.get(arn)
  const names = listed(wish.names)
  if (seen) {
    const verdict = problemOf(seen.value, { arn, names, keyAlgorithm: wish.keyAlgorithm, now })
    return verdict && { verdict }
  }
  if (observation.failures.has(`look:authority:${arn}`)) return undefined
  return {
    verdict: {
      state: 'Requesting',
      reason: 'ReadingCertificateAuthority',
      message: `The private CA ${arn} is looked at before it is asked to sign a certificate for ${names}.`,
    },
  }
}

function problemOf(
  { status, usageMode, notAfter, keyAlgorithm }: Authority,
  wanted: { arn: string; names: string; keyAlgorithm: string; now: number },
): Verdict | undefined {
  const { arn, names, now } = wanted
  const held = (reason: string, why: string): Verdict => ({
    state: 'Held',
    reason,
    message: `The private CA ${arn}, which is to sign the certificate for ${names}, ${why}.`,
  })
  if (status === undefined) return undefined
  if (status === 'NOT_FOUND') return held('CertificateAuthorityNotFound', 'does not exist; create it, or name another')
  if (status !== 'ACTIVE')
    return held('CertificateAuthorityInactive', `is ${status}; ${CURES[status] ?? 'make it active, or name another'}`)
  if (usageMode === 'SHORT_LIVED_CERTIFICATE')
    return held(
      'CertificateAuthorityShortLived',
      'is in the usage mode SHORT_LIVED_CERTIFICATE, and ACM asks for 13 months; name one of general purpose',
    )
  if (notAfter !== undefined && notAfter < now + VALIDITY)
    return held(
      'CertificateAuthorityEndsTooSoon',
      `is valid until ${rfc3339(notAfter)}, which is before the end of the 13 months that ACM asks for; renew its own certificate, or name another`,
    )
  if (keyAlgorithm !== undefined && familyOf(keyAlgorithm) !== familyOf(wanted.keyAlgorithm))
    return held(
      'CertificateAuthorityKeyMismatch',
      `has a key of ${keyAlgorithm}, and the certificate's is to be ${wanted.keyAlgorithm}; choose one of the same family with certwright.dev/key-algorithm, or name another`,
    )
  return undefined
}

/**
 * Why ACM will not be able to renew a certificate that a private CA signed. Only where both are of one account: a CA that is shared lets ACM
 * renew by its policy, and by ACM's service-linked role (https://docs.aws.amazon.com/acm/latest/userguide/ca-access.html).
 */
export function authorityRisk(
  { certificate, issuer }: OwnCertificate,
  { observation }: Situation,
): Verdict | undefined {
  if (issuer.kind !== 'private') return undefined
  const { authority } = issuer
  const seen = observation.authorities.get(authority)?.value
  if (!seen?.renewalActions || certificate.arn.split(':')[4] !== authority.split(':')[4]) return undefined
  if (isRenewalAllowed(seen.renewalActions)) return undefined
  return {
    state: 'RenewalAtRisk',
    reason: 'RenewalPermissionMissing',
    message: `The certificate is served, and ACM will not be able to renew it: the private CA ${authority} does not allow acm.amazonaws.com to; grant it with "aws acm-pca create-permission --certificate-authority-arn ${authority} --principal acm.amazonaws.com --actions IssueCertificate GetCertificate ListPermissions".`,
  }
}

/** Each CA that signs for us, or is to, is looked at hourly, and each minute while a certificate waits for it. */
export function authorityLooks(waiting: Iterable<Wish>, { observation, inventory, now }: Situation): DueLook[] {
  const pauses = new Map<string, number>()
  for (const { issuer } of inventory.own.values()) if (issuer.kind === 'private') pauses.set(issuer.authority, HOUR)
  for (const { issuer } of waiting) if (issuer.kind === 'private') pauses.set(issuer.authority, MINUTE)
  return [...pauses].map(([authority, pause]) => {
    const seen = observation.authorities.get(authority)
    return { look: { kind: 'authority', authority }, dueAt: seen ? seen.at + pause : now }
  })
}
