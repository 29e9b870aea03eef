import { ACCESS_KEYS, type EmbeddedWorld } from '../../sim/embedded.ts'
import type { AwsEvent } from '../../sim/aws/ledger.ts'
import type { CertificateNames } from './certificate-names.ts'
import type { Narration } from './narration.ts'
import { short } from './steps.ts'

/** Tells of everything that happens in AWS and that somebody following the story wants to know. */
export function narrateAws(options: {
  embedded: EmbeddedWorld
  narration: Narration
  names: CertificateNames
}): () => void {
  const { embedded, narration, names } = options
  return embedded.aws.events.subscribe((event) => {
    const told = sentenceOf(event, names)
    if (told) narration.event(...told)
  })
}

function sentenceOf(event: AwsEvent, names: CertificateNames): [actor: string, sentence: string] | undefined {
  switch (event.kind) {
    case 'certificateRequested':
      if (event.by === 'world') return undefined
      return ['Certwright', `requests certificate ${names.of(event.arn)} for ${event.names.join(', ')}`]
    case 'certificateIssued':
      return ['ACM', `issues ${names.of(event.arn)}`]
    case 'certificateFailed':
      return ['ACM', `gives up on ${names.of(event.arn)}: ${event.reason}`]
    case 'certificateDeleted':
      return [actorOf(event.by), `deletes certificate ${names.of(event.arn)}`]
    case 'recordChanged':
      if (event.type !== 'CNAME' || event.action === 'DELETE') return undefined
      return [actorOf(event.by), `writes the record ${short(event.name)} into ${event.zoneName}`]
    case 'loadBalancerCreated':
      return ['LBC', 'creates a load balancer']
    case 'loadBalancerDeleted':
      return ['LBC', 'deletes the load balancer']
    case 'listenerCertificateAdded':
      if (event.isDefault) return ['LBC', `makes ${names.of(event.certificateArn)} the default of the HTTPS listener`]
      return ['LBC', `attaches ${names.of(event.certificateArn)} to the HTTPS listener`]
    case 'listenerCertificateRemoved':
      if (event.isDefault) return undefined
      return [actorOf(event.by), `removes ${names.of(event.certificateArn)} from the HTTPS listener`]
    case 'certificateImported':
    case 'certificateTimedOut':
    case 'certificateRevoked':
    case 'certificateExpired':
    case 'certificateRenewed':
    case 'certificateRenewalFailed':
    case 'tagsChanged':
    case 'hostedZoneCreated':
    case 'hostedZoneDeleted':
    case 'listenerCreated':
    case 'listenerDeleted':
    case 'call':
      return undefined
  }
}

function actorOf(by: string): string {
  switch (by) {
    case ACCESS_KEYS.controller:
      return 'Certwright'
    case ACCESS_KEYS.loadBalancerController:
      return 'LBC'
    case ACCESS_KEYS.colleague:
      return 'a colleague'
    default:
      return 'AWS'
  }
}
