import type { AwsEvent } from '../aws/ledger.ts'
import { isController, type View } from '../laws/view.ts'

/** What happened in AWS, as a line of a story; `undefined` for what is of no interest there. */
export function lineOf(event: AwsEvent, view: View): string | undefined {
  const who = isController(event.by)
    ? `we (${event.by.slice(-1)})`
    : event.by === 'AKIDLOADBALANCERCTL'
      ? 'LBC'
      : event.by
  switch (event.kind) {
    case 'certificateRequested':
      return `${who}: request ${event.names.join('+')} ${event.arn.slice(-6)}`
    case 'certificateIssued':
    case 'certificateFailed':
    case 'certificateTimedOut':
    case 'certificateRevoked':
      return `ACM: ${view.label(event.arn)} ${event.arn.slice(-6)} ${event.kind.slice(11)}`
    case 'certificateDeleted':
      return `${who}: delete ${view.label(event.arn)}`
    case 'listenerCertificateAdded':
    case 'listenerCertificateRemoved':
      return `${who}: ${event.kind.slice(19)} ${view.label(event.certificateArn)} ${event.isDefault ? '(default) ' : ''}${event.listenerArn.slice(-6)}`
    case 'recordChanged':
      return `${who}: ${event.action} ${event.name} in ${event.zoneName}`
    case 'hostedZoneCreated':
    case 'hostedZoneDeleted':
    case 'loadBalancerCreated':
    case 'loadBalancerDeleted':
    case 'listenerDeleted':
      return `${who}: ${event.kind}`
    case 'call':
    case 'certificateExpired':
    case 'certificateRenewed':
    case 'certificateRenewalFailed':
    case 'certificateImported':
    case 'listenerCreated':
    case 'tagsChanged':
      return undefined
  }
}

/** Hours, minutes, seconds and thousandths since the storm began. */
export function stamp(elapsed: number): string {
  const seconds = elapsed / 1_000
  const whole = Math.floor(seconds)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(Math.floor(whole / 3_600))}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}.${String(Math.floor(elapsed % 1_000)).padStart(3, '0')}`
}
