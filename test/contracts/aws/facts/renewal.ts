import { DeleteCertificateCommand, ListCertificatesCommand } from '@aws-sdk/client-acm'
import {
  AddListenerCertificatesCommand,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { expect } from 'vitest'
import { facts } from '../fact.ts'
import { api, guide, seen } from '../source.ts'
import type { AwsSettings } from '../../../../src/sim/aws/settings.ts'
import { validationRecord } from '../../../../src/sim/aws/acm/certificate.ts'
import { describeCertificate, failureOf, request, type AwsHarness, type Enter } from '../harness.ts'

const SECOND = 1_000
const HOUR = 3_600 * SECOND
const DAY = 24 * HOUR
const NAME = 'app.example.com'

const PROMPT: Partial<AwsSettings> = {
  listenerSeesCertificate: [0, 0],
  describeDelay: [0, 0],
  listDelay: [0, 0],
  inUseNotice: [0, 0],
  dnsPropagation: [0, 0],
  renewal: [60 * SECOND, 60 * SECOND],
}

/** A load balancer that serves `arn`. */
async function serve(world: AwsHarness, arn: string): Promise<void> {
  const { LoadBalancers } = await world.elbv2.send(new CreateLoadBalancerCommand({ Name: 'shop', Subnets: ['s-1'] }))
  const { Listeners } = await world.elbv2.send(
    new CreateListenerCommand({
      LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn ?? '',
      Port: 443,
      Protocol: 'HTTPS',
      DefaultActions: [{ Type: 'fixed-response' }],
      Certificates: [{ CertificateArn: world.aws.issueCertificate({ names: ['default.example.com'] }) }],
    }),
  )
  await world.elbv2.send(
    new AddListenerCertificatesCommand({
      ListenerArn: Listeners?.[0]?.ListenerArn ?? '',
      Certificates: [{ CertificateArn: arn }],
    }),
  )
}

/** A world with an issued certificate whose record is in public DNS. */
async function issued(enter: Enter, settings: Partial<AwsSettings> = {}) {
  const world = await enter({ ...PROMPT, ...settings })
  const zone = world.aws.createHostedZone({ name: 'example.com' })
  for (const name of [NAME, 'default.example.com']) {
    const { name: label, value } = validationRecord('111122223333', name)
    world.aws.putRecord(zone, { name: label, type: 'CNAME', values: [`${value}.`] })
  }
  const arn = world.aws.issueCertificate({ names: [NAME] })
  const record = { name: validationRecord('111122223333', NAME).name, type: 'CNAME' }
  const { NotAfter } = await describeCertificate(world, arn)
  const end = NotAfter?.getTime() ?? 0
  const renewalOf = async () => (await describeCertificate(world, arn)).RenewalSummary
  return { world, zone, arn, record, end, renewalOf }
}

export const renewalFacts = facts('Renewal', ({ simulated }) => {
  simulated(
    'a certificate in use is renewed 45 days before its end, under its ARN',
    guide.managedRenewal,
    'days or hours must pass',
    async (enter) => {
      const { world, arn, end, renewalOf } = await issued(enter)
      await serve(world, arn)
      const before = await describeCertificate(world, arn)
      await world.clock.advanceTo(end - 45 * DAY - 1)
      expect(await renewalOf()).toBeUndefined()
      await world.clock.advance(1)
      expect(await renewalOf()).toMatchObject({ RenewalStatus: 'PENDING_AUTO_RENEWAL' })
      await world.clock.advance(HOUR)
      const after = await describeCertificate(world, arn)
      expect(after).toMatchObject({
        CertificateArn: arn,
        Status: 'ISSUED',
        RenewalEligibility: 'ELIGIBLE',
        RenewalSummary: { RenewalStatus: 'SUCCESS', DomainValidationOptions: [{ ValidationStatus: 'SUCCESS' }] },
      })
      expect(after.RenewalSummary?.UpdatedAt).toBeInstanceOf(Date)
      expect(after.Serial).not.toBe(before.Serial)
      expect(Math.round(((after.NotAfter?.getTime() ?? 0) - world.clock.now()) / DAY)).toBe(198)
      expect(world.aws.events.of('certificateRenewed').map((event) => event.arn)).toContain(arn)
      expect(world.aws.events.of('certificateRequested').map((event) => event.arn)).toHaveLength(2)
    },
  )

  simulated(
    'after a renewal other files are served, for the same names',
    guide.managedRenewal,
    'days or hours must pass',
    async (enter) => {
      const { world, arn, end } = await issued(enter)
      await serve(world, arn)
      const old = world.aws.pem(arn)
      expect(world.aws.pem(arn)).toBe(old)
      await world.clock.advanceTo(end - 44 * DAY)
      expect(world.aws.pem(arn).certificatePem).not.toBe(old.certificatePem)
    },
  )

  simulated(
    'a certificate is renewed again and again as long as it is used',
    guide.managedRenewal,
    'days or hours must pass',
    async (enter) => {
      const { world, arn } = await issued(enter)
      await serve(world, arn)
      await world.clock.advance(3 * 365 * DAY)
      expect(world.aws.events.of('certificateRenewed').filter((event) => event.arn === arn)).toHaveLength(7)
      expect(await describeCertificate(world, arn)).toMatchObject({ Status: 'ISSUED' })
    },
  )

  simulated(
    'a certificate that no service uses is not renewed, and expires at its end',
    guide.managedRenewal,
    'days or hours must pass',
    async (enter) => {
      const { world, arn, end, renewalOf } = await issued(enter)
      await world.clock.advanceTo(end - 1)
      expect(await describeCertificate(world, arn)).toMatchObject({
        Status: 'ISSUED',
        RenewalEligibility: 'INELIGIBLE',
      })
      expect(await renewalOf()).toBeUndefined()
      await world.clock.advance(1)
      expect((await describeCertificate(world, arn)).Status).toBe('EXPIRED')
      expect(world.aws.events.of('certificateRenewalFailed')).toMatchObject([{ arn, reason: 'NOT_IN_USE' }])
      expect(world.aws.events.of('certificateExpired')).toMatchObject([{ arn, at: end }])
      await world.acm.send(new DeleteCertificateCommand({ CertificateArn: arn }))
    },
  )

  simulated(
    'a certificate that comes into use late in its term is renewed then',
    guide.managedRenewal,
    'days or hours must pass',
    async (enter) => {
      const { world, arn, end, renewalOf } = await issued(enter)
      await world.clock.advanceTo(end - 3 * DAY)
      await serve(world, arn)
      await world.clock.advance(2 * HOUR)
      expect(await renewalOf()).toMatchObject({ RenewalStatus: 'SUCCESS' })
    },
  )

  simulated(
    'where a record is missing the renewal is PENDING_VALIDATION and says which, and goes on within the hour that it is back',
    guide.managedRenewal,
    'days or hours must pass',
    async (enter) => {
      const { world, zone, arn, record, end, renewalOf } = await issued(enter)
      await serve(world, arn)
      world.aws.deleteRecord(zone, record)
      await world.clock.advanceTo(end - 40 * DAY)
      const summary = await renewalOf()
      expect(summary).toMatchObject({
        RenewalStatus: 'PENDING_VALIDATION',
        DomainValidationOptions: [{ DomainName: NAME, ValidationStatus: 'PENDING_VALIDATION' }],
      })
      const { Name = '', Value = '' } = summary?.DomainValidationOptions?.[0]?.ResourceRecord ?? {}
      expect(Name).toBe(`${record.name}.`)
      expect(await describeCertificate(world, arn)).toMatchObject({ Status: 'ISSUED' })
      expect(world.aws.events.of('certificateRenewalFailed')).toMatchObject([
        { arn, reason: 'PENDING_DOMAIN_VALIDATION' },
      ])
      world.aws.putRecord(zone, { name: Name, type: 'CNAME', values: [Value] })
      await world.clock.advance(HOUR)
      expect(await renewalOf()).toMatchObject({ RenewalStatus: 'SUCCESS' })
    },
  )

  simulated(
    'where the record never comes back the certificate expires and its renewal is FAILED',
    guide.managedRenewal,
    'days or hours must pass',
    async (enter) => {
      const { world, zone, arn, record, end, renewalOf } = await issued(enter)
      await serve(world, arn)
      world.aws.deleteRecord(zone, record)
      await world.clock.advanceTo(end)
      expect((await describeCertificate(world, arn)).Status).toBe('EXPIRED')
      expect(await renewalOf()).toMatchObject({ RenewalStatus: 'FAILED' })
      expect(await failureOf(world.acm.send(new DeleteCertificateCommand({ CertificateArn: arn })))).toMatchObject({
        name: 'ResourceInUseException',
      })
    },
  )

  simulated('CAA is asked at renewal too', guide.caa, 'days or hours must pass', async (enter) => {
    const { world, zone, arn, end, renewalOf } = await issued(enter)
    await serve(world, arn)
    const caa = { name: 'example.com', type: 'CAA' }
    world.aws.putRecord(zone, { ...caa, values: ['0 issue "other.test"'] })
    await world.clock.advanceTo(end - 40 * DAY)
    expect(await renewalOf()).toMatchObject({ RenewalStatus: 'PENDING_VALIDATION', RenewalStatusReason: 'CAA_ERROR' })
    world.aws.deleteRecord(zone, caa)
    await world.clock.advance(HOUR)
    expect(await renewalOf()).toMatchObject({ RenewalStatus: 'SUCCESS' })
  })

  simulated(
    'a zone that is no longer delegated stands in the way of renewal as a missing record does',
    guide.managedRenewal,
    'days or hours must pass',
    async (enter) => {
      const { world, zone, arn, end, renewalOf } = await issued(enter)
      await serve(world, arn)
      world.aws.setDelegated(zone.id, false)
      await world.clock.advanceTo(end - 40 * DAY)
      expect(await renewalOf()).toMatchObject({ RenewalStatus: 'PENDING_VALIDATION' })
      world.aws.setDelegated(zone.id, true)
      await world.clock.advance(HOUR)
      expect(await renewalOf()).toMatchObject({ RenewalStatus: 'SUCCESS' })
    },
  )

  simulated(
    'the list shows the new end of a renewed certificate later than the description',
    seen.recording,
    'days or hours must pass',
    async (enter) => {
      const { world, arn, end } = await issued(enter, { listDelay: [600_000, 600_000] })
      await serve(world, arn)
      const listed = async () =>
        (await world.acm.send(new ListCertificatesCommand({}))).CertificateSummaryList?.find(
          ({ CertificateArn }) => CertificateArn === arn,
        )?.NotAfter?.getTime()
      await world.clock.advanceTo(end - 45 * DAY + 61 * SECOND)
      expect((await describeCertificate(world, arn)).NotAfter?.getTime()).toBeGreaterThan(end)
      expect(await listed()).toBe(end)
      await world.clock.advance(600_000)
      expect(await listed()).toBeGreaterThan(end)
    },
  )

  simulated(
    'a pending certificate has no end, and nothing expires that was revoked or deleted',
    api.acm('CertificateDetail'),
    'days or hours must pass',
    async (enter) => {
      const { world, arn, end } = await issued(enter)
      const other = world.aws.issueCertificate({ names: ['default.example.com'] })
      const pending = await request(world, { DomainName: 'pending.example.com' })
      world.aws.end(arn, 'REVOKED')
      world.aws.deleteCertificate(other)
      await world.clock.advanceTo(end + DAY)
      expect(world.aws.events.of('certificateExpired')).toEqual([])
      expect((await describeCertificate(world, arn)).Status).toBe('REVOKED')
      expect((await describeCertificate(world, pending)).NotAfter).toBeUndefined()
    },
  )
})
