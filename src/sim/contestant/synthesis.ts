import { createHash } from 'node:crypto'
import type { Issuing } from './issuing.ts'
import type { TaggedCertificate, TaggedCertificates, Tags } from './tagged-certificates.ts'

/** A pending certificate older than this is deleted and requested again. */
const REISSUE_MS = 5 * 60_000

export const TAGS = {
  cluster: 'elbv2.k8s.aws/cluster',
  stack: 'ingress.k8s.aws/stack',
  resource: 'ingress.k8s.aws/resource',
} as const

/** The one certificate of an Ingress. */
export interface DesiredCertificate {
  /** What the tag `ingress.k8s.aws/resource` says. */
  readonly id: string
  /** Sorted; the first becomes the common name. */
  readonly names: readonly string[]
}

/** @param ingress `namespace/name`. @param names sorted, at least one. */
export function desiredCertificate(ingress: string, names: readonly string[]): DesiredCertificate {
  const [first = ''] = names
  const hash = createHash('sha256').update(ingress).digest('hex').slice(0, 8)
  return { id: `amazon_issued/${first.replace('*', 'wildcard')}-${hash}`, names }
}

/** The certificates of one stack in one reconcile: brought about before its load balancer, cleaned up after it. */
export class Synthesis {
  readonly #certificates: TaggedCertificates
  readonly #issuing: Issuing
  readonly #clusterName: string
  readonly #stack: string
  readonly #now: () => number
  #orphans: readonly TaggedCertificate[] = []

  constructor(options: {
    certificates: TaggedCertificates
    issuing: Issuing
    clusterName: string
    stack: string
    now: () => number
  }) {
    this.#certificates = options.certificates
    this.#issuing = options.issuing
    this.#clusterName = options.clusterName
    this.#stack = options.stack
    this.#now = options.now
  }

  /** @returns the ARN of each desired certificate, by its ID; all of them are issued then. @throws at the first that fails. */
  async synthesize(desired: readonly DesiredCertificate[]): Promise<Map<string, string>> {
    const owned = await this.#certificates.list({
      [TAGS.cluster]: this.#clusterName,
      [TAGS.stack]: this.#stack,
    })
    const { matched, missing, orphans } = match(desired, owned)
    this.#orphans = orphans
    const arns = new Map<string, string>()
    for (const certificate of missing) arns.set(certificate.id, await this.#create(certificate))
    for (const { certificate, found } of matched) {
      if (found.status === 'ISSUED') arns.set(certificate.id, found.arn)
      else arns.set(certificate.id, await this.#finish(certificate, found))
    }
    return arns
  }

  /** What no desired certificate matched goes, once the listeners let go of it. */
  async clean(): Promise<void> {
    for (const { arn } of this.#orphans) await this.#issuing.delete(arn)
  }

  async #create({ id, names }: DesiredCertificate): Promise<string> {
    const tags: Tags = { [TAGS.cluster]: this.#clusterName, [TAGS.stack]: this.#stack, [TAGS.resource]: id }
    const arn = await this.#issuing.create(names, tags)
    await this.#issuing.untilIssued(arn)
    return arn
  }

  /** Any status but issued counts as pending. */
  async #finish(certificate: DesiredCertificate, found: TaggedCertificate): Promise<string> {
    if (found.createdAt + REISSUE_MS < this.#now()) {
      await this.#issuing.delete(found.arn)
      return await this.#create(certificate)
    }
    await this.#issuing.untilIssued(found.arn)
    return found.arn
  }
}

interface Match {
  readonly certificate: DesiredCertificate
  readonly found: TaggedCertificate
}

/** For each certificate of the same ID with other names one more is missing, even where yet another has the right names. */
export function match(
  desired: readonly DesiredCertificate[],
  owned: readonly TaggedCertificate[],
): { matched: Match[]; missing: DesiredCertificate[]; orphans: TaggedCertificate[] } {
  const matched: Match[] = []
  const missing = desired.filter(({ id }) => owned.every(({ tags }) => tags[TAGS.resource] !== id))
  const orphans: TaggedCertificate[] = []
  for (const found of owned) {
    const id = found.tags[TAGS.resource]
    if (id === undefined) throw new Error(`${found.arn} has no tag ${TAGS.resource}`)
    const certificate = desired.find((candidate) => candidate.id === id)
    if (certificate && setOf(certificate.names) === setOf(found.names)) {
      matched.push({ certificate, found })
      continue
    }
    orphans.push(found)
    if (certificate) missing.push(certificate)
  }
  return { matched, missing, orphans }
}

function setOf(names: readonly string[]): string {
  return [...new Set(names)].sort().join()
}
