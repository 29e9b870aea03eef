import { AwsError } from '../../aws/errors.ts'
import { createServices, type Services } from '../../aws/services.ts'
import type { Settings } from '../../config.ts'
import { adopt, type Adoption, type Identity, problemOfRegion, takeOver } from '../../core/adoption.ts'
import type { Arn } from '../../core/certificate.ts'
import { ownerTag } from '../../core/owner.ts'
import { TAG } from '../../core/settings.ts'
import { SECOND } from '../../core/time.ts'
import { createKubeClient } from '../../kube/client.ts'
import { KubeError } from '../../kube/errors.ts'
import { NAMESPACES } from '../../loop/watches.ts'
import { VERSION } from '../../version.ts'
import type { World } from '../../world.ts'
import { UsageError } from '../usage-error.ts'
import { AdoptFailed } from './failure.ts'

export interface AdoptOptions {
  readonly world: World
  readonly settings: Pick<Settings, 'clusterName' | 'quotaShare'>
  readonly arns: readonly Arn[]
  /** The owner whose certificates are taken over; without ARNs all of them. Absent: the ARNs are adopted, whoever made them. */
  readonly owner: string | undefined
  /** May these be tagged? @throws UsageError where nobody can be asked. */
  readonly confirm: (question: string) => Promise<boolean>
  readonly say: (line: string) => void
}

/** Pauses before a call that ACM did not take for the moment is sent again. */
const PAUSES = [1 * SECOND, 2 * SECOND, 4 * SECOND, 8 * SECOND]

/**
 * Says what it would do, certificate by certificate, asks, and does it. Each certificate changes by one call, so that a run that ends in the
 * middle leaves each as it was or as it should be, and another run does the rest.
 * @throws UsageError for what the command line must say differently, AdoptFailed for all else.
 */
export async function runAdopt(options: AdoptOptions): Promise<void> {
  const { world, settings, say } = options
  const { region } = world.aws
  if (region === undefined)
    throw new UsageError('no AWS region is configured: add --region <region> or set AWS_REGION.')
  const { clock, random } = world
  const services = createServices({
    access: world.aws,
    region,
    version: VERSION,
    clock,
    random,
    quotaShare: settings.quotaShare,
  })
  try {
    const identity = { cluster: settings.clusterName, owner: await ownerOf(world) }
    say(`This is the cluster "${identity.cluster}" with the owner ${identity.owner}, in ${region}.`)
    if (options.owner === identity.owner)
      throw new UsageError(`--owner ${options.owner} is this very cluster: name the owner that is no more.`)
    await adoptAll(new Adopter({ ...options, identity, services }), options)
  } catch (error) {
    if (error instanceof AwsError || error instanceof KubeError) throw new AdoptFailed(`${error.message}.`, error)
    throw error
  } finally {
    services.destroy()
  }
}

async function adoptAll(adopter: Adopter, { arns, owner, confirm, say }: AdoptOptions): Promise<void> {
  const candidates = arns.length > 0 ? [...new Set(arns)] : await adopter.left()
  if (candidates.length === 0) say(`No certificate carries this cluster's name and the owner ${owner}.`)
  const planned = new Map<Arn, Adoption>()
  for (const arn of candidates) {
    const adoption = await adopter.examine(arn)
    planned.set(arn, adoption)
    say(`${arn}: ${adoption.kind === 'refused' ? 'refused. ' : ''}${adoption.sentence}`)
  }
  const refused = [...planned.values()].filter(({ kind }) => kind === 'refused').length
  // What was named must be right; of what was found, that which is not proven is none of our business.
  if (refused > 0 && arns.length > 0)
    throw new AdoptFailed(`${refused} of ${candidates.length} certificates cannot be adopted, so nothing was changed.`)
  const open = [...planned].flatMap(([arn, adoption]) => (adoption.kind === 'tag' ? [{ arn, adoption }] : []))
  if (open.length === 0) {
    say('Nothing is to be done.')
    return
  }
  if (owner !== undefined)
    say(`Should the cluster with the owner ${owner} still run, its Certwright would request all of them anew.`)
  if (!(await confirm(`Tag ${open.length === 1 ? 'this certificate' : `these ${open.length} certificates`}?`)))
    throw new AdoptFailed('nothing was changed, as you said.')
  for (const { arn, adoption } of open) {
    await adopter.tag(arn, adoption)
    say(`${arn}: tagged.`)
  }
  say('The controller reads tags once an hour: it knows of this within the hour, or at once when it is restarted.')
}

class Adopter {
  readonly #options: AdoptOptions & { readonly identity: Identity; readonly services: Services }

  constructor(options: AdoptOptions & { readonly identity: Identity; readonly services: Services }) {
    this.#options = options
  }

  /** What the owner left, as the tags tell of all certificates at once; each is looked at by itself afterwards. */
  async left(): Promise<readonly Arn[]> {
    const { services, identity, owner } = this.#options
    const tags = await this.#again(() => services.tagging.certificateTags({ cluster: identity.cluster }))
    return [...tags].flatMap(([arn, { [TAG.owner]: found }]) => (found === owner ? [arn] : [])).sort()
  }

  async examine(arn: Arn): Promise<Adoption> {
    const { services, world, identity, owner } = this.#options
    const elsewhere = problemOfRegion(arn, services.region)
    if (elsewhere !== undefined) return { kind: 'refused', sentence: elsewhere }
    const detail = await this.#again(() => services.acm.describeCertificate(arn))
    const tags = detail === 'notFound' ? detail : await this.#again(() => services.acm.listTags(arn))
    if (detail === 'notFound' || tags === 'notFound')
      return { kind: 'refused', sentence: 'There is no such certificate in this account; correct the ARN.' }
    const candidate = { detail, tags }
    return owner === undefined ? adopt(candidate, identity, world.clock.now()) : takeOver(candidate, identity, owner)
  }

  /** Whoever was asked may have taken his time: only what is still as it was said is done. */
  async tag(arn: Arn, planned: Extract<Adoption, { kind: 'tag' }>): Promise<void> {
    const { acm } = this.#options.services
    if (JSON.stringify(await this.examine(arn)) !== JSON.stringify(planned))
      throw new AdoptFailed(`${arn} has changed since it was looked at, and was left as it is; run the command again.`)
    const { set, remove } = planned
    if (Object.keys(set).length > 0) await this.#again(() => acm.addTags(arn, set))
    if (remove.length > 0) await this.#again(() => acm.removeTags(arn, remove))
  }

  /** All calls may be repeated: tags that are set twice are set. */
  async #again<T>(call: () => Promise<T>): Promise<T> {
    const { clock } = this.#options.world
    for (const pause of PAUSES) {
      try {
        return await call()
      } catch (error) {
        if (!(error instanceof AwsError && ['throttled', 'transient', 'ambiguous'].includes(error.kind))) throw error
      }
      await clock.sleepUntil(clock.now() + pause)
    }
    return await call()
  }
}

async function ownerOf({ kube, clock }: World): Promise<string> {
  const client = createKubeClient({ transport: kube, clock, version: VERSION })
  const { metadata } = await client.get({ resource: NAMESPACES, name: 'kube-system' })
  if (metadata.uid) return ownerTag(metadata.uid)
  throw new AdoptFailed('the namespace kube-system has no UID, so that it is not known which cluster this is.')
}
