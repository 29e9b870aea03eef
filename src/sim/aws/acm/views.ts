import type { EpochMs } from '../../../clock.ts'
import type { Readings } from '../readings.ts'
import { seconds } from '../wire/json.ts'
import { inUseBy, statusOf, type Certificate, type CertificateStatus } from './certificate.ts'

/** ListCertificates shows at most so many of a certificate's names. */
const MOST_SUMMARY_NAMES = 100

/** A CertificateDetail as DescribeCertificate shows it at `now`; bare, or without its records, where it is too young. */
export function describe(certificate: Certificate, now: EpochMs, readings: Readings): Record<string, unknown> {
  const options = {
    CertificateTransparencyLoggingPreference: 'ENABLED',
    Export: certificate.exportable ? 'ENABLED' : 'DISABLED',
  }
  if (now < certificate.describedAt) return { CertificateArn: certificate.arn, Options: options }
  const status = statusOf(certificate)
  const users = inUseBy(certificate, now)
  return {
    CertificateArn: certificate.arn,
    DomainName: certificate.domainName,
    SubjectAlternativeNames: certificate.names,
    DomainValidationOptions: certificate.domains.length === 0 ? undefined : domainValidations(certificate, now),
    Subject: `CN=${certificate.domainName}`,
    Issuer: certificate.type === 'PRIVATE' ? 'Simulated private CA' : 'Amazon',
    Serial: certificate.serial,
    CreatedAt: certificate.type === 'IMPORTED' ? undefined : seconds(certificate.createdAt),
    ImportedAt: certificate.type === 'IMPORTED' ? seconds(certificate.createdAt) : undefined,
    IssuedAt: seconds(certificate.issuedAt),
    RevokedAt: seconds(certificate.revokedAt),
    NotBefore: seconds(certificate.notBefore),
    NotAfter: seconds(certificate.notAfter),
    Status: status,
    FailureReason: certificate.failureReason,
    KeyAlgorithm: wireKeyAlgorithm(certificate),
    SignatureAlgorithm: 'SHA256WITHRSA',
    InUseBy: users,
    Type: certificate.type,
    KeyUsages: keyUsages(certificate).map((Name) => ({ Name })),
    ExtendedKeyUsages: hasBeenIssued(certificate) ? extendedKeyUsages(readings) : [],
    CertificateAuthorityArn: certificate.certificateAuthorityArn,
    RenewalEligibility: eligibility(certificate, status, users.length > 0),
    RenewalSummary: renewalSummary(certificate, now),
    Options: options,
  }
}

/** A CertificateSummary as ListCertificates shows it at `asOf`, which is earlier than now. */
export function summarise(certificate: Certificate, asOf: EpochMs, readings: Readings): Record<string, unknown> {
  const status = statusAsOf(certificate, asOf)
  const issued = certificate.issuedAt !== undefined && certificate.issuedAt <= asOf
  const inUse = inUseBy(certificate, asOf).length > 0
  const { superseded } = certificate
  const { notBefore, notAfter } = superseded && superseded.at > asOf ? superseded.term : certificate
  return {
    CertificateArn: certificate.arn,
    DomainName: certificate.domainName,
    SubjectAlternativeNameSummaries: certificate.names.slice(0, MOST_SUMMARY_NAMES),
    HasAdditionalSubjectAlternativeNames: certificate.names.length > MOST_SUMMARY_NAMES,
    Status: status,
    Type: certificate.type,
    KeyAlgorithm: wireKeyAlgorithm(certificate),
    KeyUsages: issued ? keyUsages(certificate) : [],
    ExtendedKeyUsages: issued ? extendedKeyUsages(readings).map(({ Name }) => Name) : [],
    ExportOption: certificate.exportable ? 'ENABLED' : 'DISABLED',
    InUse: inUse,
    Exported: false,
    RenewalEligibility: eligibility(certificate, status, inUse),
    NotBefore: issued ? seconds(notBefore) : undefined,
    NotAfter: issued ? seconds(notAfter) : undefined,
    CreatedAt: certificate.type === 'IMPORTED' ? undefined : seconds(certificate.createdAt),
    IssuedAt: issued && certificate.type !== 'IMPORTED' ? seconds(certificate.issuedAt) : undefined,
    ImportedAt: certificate.type === 'IMPORTED' ? seconds(certificate.createdAt) : undefined,
    RevokedAt: seconds(certificate.revokedAt),
  }
}

/** The status that a list shows at `asOf`. */
export function statusAsOf(certificate: Certificate, asOf: EpochMs): CertificateStatus {
  return certificate.status.at(asOf) ?? 'PENDING_VALIDATION'
}

/** "This field exists only when the certificate type is AMAZON_ISSUED", and once a renewal was begun (CertificateDetail). */
function renewalSummary(certificate: Certificate, now: EpochMs): Record<string, unknown> | undefined {
  const { renewal, type } = certificate
  if (!renewal || type !== 'AMAZON_ISSUED') return undefined
  return {
    RenewalStatus: renewal.status,
    RenewalStatusReason: renewal.reason,
    UpdatedAt: seconds(renewal.updatedAt),
    DomainValidationOptions: domainValidations(certificate, now).map((option) => ({
      ...option,
      ValidationStatus: renewal.unproven.has(String(option.DomainName)) ? 'PENDING_VALIDATION' : 'SUCCESS',
    })),
  }
}

function domainValidations(certificate: Certificate, now: EpochMs): Record<string, unknown>[] {
  return certificate.domains.map(({ name, record, recordAt, status }) => ({
    DomainName: name,
    ValidationDomain: name,
    ValidationStatus: status,
    ValidationMethod: certificate.validationMethod,
    ValidationEmails: record ? undefined : [`admin@${name.replace(/^\*\./, '')}`],
    ResourceRecord:
      record && now >= recordAt ? { Name: `${record.name}.`, Type: 'CNAME', Value: `${record.value}.` } : undefined,
  }))
}

/** Answers spell key algorithms with a hyphen where requests have an underscore (recorded). */
function wireKeyAlgorithm({ keyAlgorithm }: Certificate): string {
  return keyAlgorithm.replace('_', '-')
}

function keyUsages(certificate: Certificate): string[] {
  return hasBeenIssued(certificate) ? ['DIGITAL_SIGNATURE', 'KEY_ENCIPHERMENT'] : []
}

function extendedKeyUsages({ extendedKeyUsage }: Readings): { Name: string; OID: string }[] {
  const server = { Name: 'TLS_WEB_SERVER_AUTHENTICATION', OID: '1.3.6.1.5.5.7.3.1' }
  const client = { Name: 'TLS_WEB_CLIENT_AUTHENTICATION', OID: '1.3.6.1.5.5.7.3.2' }
  return extendedKeyUsage === 'server only' ? [server] : [server, client]
}

function hasBeenIssued({ notAfter }: Certificate): boolean {
  return notAfter !== undefined
}

/** A certificate is renewed only while something uses it; imported ones never are. */
function eligibility({ type }: Certificate, status: CertificateStatus, inUse: boolean): string {
  return status === 'ISSUED' && inUse && type !== 'IMPORTED' ? 'ELIGIBLE' : 'INELIGIBLE'
}
