import type { EmbeddedWorld } from '../../sim/embedded.ts'
import type { LedgerEntry } from '../../sim/kube/ledger.ts'
import type { CertificateNames } from './certificate-names.ts'
import type { Narration } from './narration.ts'

/** An object, as far as the story looks into it. */
interface Seen {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>>; readonly deletionTimestamp?: string }
  readonly spec?: { readonly rules?: readonly { readonly host?: string }[] }
  readonly status?: { readonly state?: string; readonly reason?: string; readonly message?: string }
}

const CERTIFICATE_ANNOTATION = 'alb.ingress.kubernetes.io/certificate-arn'

/** Of these a person wants the whole sentence. */
const TELLING = ['Held', 'Refused', 'Failed']

/** Tells of what people and the controller change in the cluster. Gives the function that ends it. */
export function narrateCluster(options: {
  embedded: EmbeddedWorld
  narration: Narration
  names: CertificateNames
}): () => void {
  const { embedded, narration, names } = options
  return embedded.kube.events.subscribe((entry) => {
    const told = sentenceOf(entry, names)
    if (told) narration.event(...told)
  })
}

function sentenceOf(entry: LedgerEntry, names: CertificateNames): [actor: string, sentence: string] | undefined {
  switch (entry.collection) {
    case 'ingresses.networking.k8s.io':
      return entry.manager === 'certwright' ? publication(entry, names) : edit(entry)
    case 'certificateclaims.certwright.dev':
      return standing(entry)
    default:
      return undefined
  }
}

function publication(entry: LedgerEntry, names: CertificateNames): [string, string] | undefined {
  const [before, after] = [listed(entry.before), listed(entry.after)]
  if (before === after) return undefined
  const arns = after.split(',').filter((arn) => arn !== '')
  return ['Certwright', `publishes ${names.list(arns)} on Ingress ${entry.namespace}/${entry.name}`]
}

/** What was done with kubectl. */
function edit(entry: LedgerEntry): [string, string] | undefined {
  const [before, after] = [entry.before, entry.after] as [Seen | undefined, Seen | undefined]
  const ingress = `Ingress ${entry.namespace}/${entry.name}`
  if (!after) return ['Kubernetes', `${ingress} is gone`]
  if (after.metadata.deletionTimestamp !== undefined) {
    return before?.metadata.deletionTimestamp === undefined ? ['you', `delete ${ingress}`] : undefined
  }
  if (!entry.manager.startsWith('kubectl')) return undefined
  const hosts = hostsOf(after)
  if (!before) return ['you', `create ${ingress} for ${hosts}`]
  return hosts === hostsOf(before) ? ['you', `edit ${ingress}`] : ['you', `edit ${ingress}: its hosts are now ${hosts}`]
}

function standing(entry: LedgerEntry): [string, string] | undefined {
  const [before, after] = [statusOf(entry.before), statusOf(entry.after)]
  if (!after?.state || (before?.state === after.state && before.reason === after.reason)) return undefined
  const ingress = `${entry.namespace}/${entry.name.replace(/^ingress-/, '')}`
  if (TELLING.includes(after.state)) return ['claim', `${ingress}: ${after.state} (${after.reason}): ${after.message}`]
  return ['claim', `${ingress}: ${after.state} (${after.reason})`]
}

function listed(object: unknown): string {
  return (object as Seen | undefined)?.metadata.annotations?.[CERTIFICATE_ANNOTATION] ?? ''
}

function hostsOf({ spec }: Seen): string {
  return (spec?.rules ?? []).map(({ host }) => host).join(', ')
}

function statusOf(object: unknown): Seen['status'] {
  return (object as Seen | undefined)?.status
}
