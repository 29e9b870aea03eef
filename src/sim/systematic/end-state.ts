import { statusOf } from '../aws/acm/certificate.ts'
import { certificatesOf } from '../aws/elbv2/load-balancer.ts'
import type { KubeObject } from '../kube/object.ts'
import { CONTROLLER_MANAGER, isController, standsFor, viewOf } from '../laws/view.ts'
import type { Stage } from './stage.ts'

/** What a run came to, with names of its own in the place of UIDs, ARNs and times, as lines that can be compared and read. */
export interface EndState {
  readonly lines: readonly string[]
}

const ARN = /arn:aws:acm:[^:]*:\d+:certificate\/[0-9a-f-]+/g
const LOAD_BALANCER = /arn:aws:elasticloadbalancing:[^"',\s]*/g

/** Objects, annotations, certificates, records and attachments. */
export function endStateOf(stage: Stage): EndState {
  const label = labels(stage)
  return {
    lines: [
      ...objects(stage, label),
      ...certificates(stage, label),
      ...records(stage),
      ...attachments(stage, label),
    ].sort(),
  }
}

/** What of `actual` is not in `expected`, and the other way round; empty where they are the same. */
export function differences(expected: EndState, actual: EndState): readonly string[] {
  return [
    ...expected.lines.filter((line) => !actual.lines.includes(line)).map((line) => `- ${line}`),
    ...actual.lines.filter((line) => !expected.lines.includes(line)).map((line) => `+ ${line}`),
  ]
}

/** How often the controller did to the world what must not be done twice. */
export interface Counts {
  readonly requests: readonly string[]
  readonly deletions: readonly string[]
  readonly records: readonly string[]
  readonly annotations: readonly string[]
}

/** Ends what is counted of a write with a certificate of another object of the group. */
export const LENT = ' (lent)'

/** From the worlds' ledgers: certificates made and deleted, records written, and what each annotation held after each write. */
export function countsOf({ world }: Stage): Counts {
  const namesOf = new Map<string, readonly string[]>()
  const requests: string[] = []
  const deletions: string[] = []
  const records: string[] = []
  for (const event of world.aws.events.all) {
    if (event.kind === 'certificateRequested') namesOf.set(event.arn, event.names)
    if (!isController(event.by)) continue
    if (event.kind === 'certificateRequested') requests.push(event.names.join('+'))
    if (event.kind === 'certificateDeleted') deletions.push(event.names.join('+'))
    if (event.kind === 'recordChanged') records.push(`${event.action} ${event.name}`)
  }
  const annotations = world.kube.events.entries
    .filter(({ collection, manager }) => collection === 'ingresses.networking.k8s.io' && manager === CONTROLLER_MANAGER)
    // A word for the load balancer's controller changes no list.
    .filter(({ before, after }) => !before || !after || listOf(before) !== listOf(after))
    .map(({ after }) => {
      if (!after) return 'gone'
      const { key, listed, hosts } = viewOf(after)
      const sets = listed.map((arn) => namesOf.get(arn) ?? [])
      const isLent = (names: readonly string[]) => !names.some((name) => hosts.some((host) => standsFor(name, host)))
      return `${key} lists ${sets.map((names) => names.join('+')).join(', ')}${sets.some(isLent) ? LENT : ''}`
    })
  return {
    requests: requests.sort(),
    deletions: deletions.sort(),
    records: records.sort(),
    annotations: annotations.sort(),
  }
}

function listOf(ingress: KubeObject): string {
  return viewOf(ingress).listed.join()
}

/** `a.example.com+b.example.com #1`: the first of that name, whatever its ARN. */
function labels({ world }: Stage): (arn: string) => string {
  const known = new Map<string, string>()
  const counts = new Map<string, number>()
  for (const event of world.aws.events.of('certificateRequested')) {
    const names = event.names.join('+')
    const count = (counts.get(names) ?? 0) + 1
    counts.set(names, count)
    known.set(event.arn, `${names} #${count}`)
  }
  return (arn) => known.get(arn) ?? arn
}

const KINDS = [
  { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' },
  { apiVersion: 'certwright.dev/v1alpha1', kind: 'ACMCertificate' },
  { apiVersion: 'certwright.dev/v1alpha1', kind: 'CertificateClaim' },
] as const

/** One line for each field, so that a difference is a short one. */
function objects({ world }: Stage, label: (arn: string) => string): string[] {
  return KINDS.flatMap((kind) =>
    world.kube.admin.list(kind).flatMap((object) => {
      const { metadata, spec, status } = object
      const { namespace = '', name = '', finalizers = [] } = metadata
      // How often a load balancer's controller had to be asked again depends on the way.
      const { 'certwright.dev/nudge': _, ...annotations } = metadata.annotations ?? {}
      const ours = kind.kind === 'Ingress' && viewOf(object).annotationIsOurs
      return fields({ annotations, finalizers, ours, spec, status }, `${kind.kind} ${namespace}/${name}`).map((line) =>
        line.replaceAll(ARN, label).replaceAll(LOAD_BALANCER, 'lb'),
      )
    }),
  )
}

/** Of what differs from run to run, only that it is there is kept: times, generated names, sentences that tell of times. */
const PRESENCE = /^(at|since)$|(At|Since|Time|[uU]id|hostname|message|observedGeneration|fingerprint)$/

function fields(value: unknown, path: string, key = ''): string[] {
  if (value === undefined) return []
  if (PRESENCE.test(key)) return [`${path} is there`]
  if (typeof value !== 'object' || value === null) return [`${path} = ${JSON.stringify(value)}`]
  // An empty list and none are the same to whoever reads it.
  return Object.entries(value).flatMap(([name, item]) => fields(item, `${path}.${name}`, name))
}

function certificates({ world, clock }: Stage, label: (arn: string) => string): string[] {
  return world.aws.certificates().map((certificate) => {
    const { arn, tags, usage } = certificate
    const now = clock.now()
    const users = [...usage.values()].filter(
      ({ since, until }) => since <= now && (until === undefined || until > now),
    ).length
    const written = Object.entries(tags)
      // What was stored as asked for, and never sent, counts as a request of the year.
      .filter(([key]) => key !== 'certwright.dev/requests')
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => `${key}=${value}`)
    return `certificate ${label(arn)} ${statusOf(certificate)}, used by ${users}, tagged ${written.join(' ')}`
  })
}

function records({ world }: Stage): string[] {
  return world.aws.hostedZones().flatMap((zone) =>
    zone
      .recordSets()
      .filter(({ type }) => type === 'CNAME')
      .map(({ name, values, ttl }) => `record ${zone.name} ${name} ${values.join()} ${ttl}`),
  )
}

function attachments({ world, court }: Stage, label: (arn: string) => string): string[] {
  const listed = new Set(court.view.ingresses.flatMap((ingress) => ingress.listed))
  return world.aws.loadBalancers.all.flatMap(({ name, listeners }) =>
    [...listeners.values()].map((listener) => {
      const standard = listener.defaultCertificate.latest ?? ''
      // What discovery puts first is not of our making.
      const first = listed.has(standard) ? label(standard) : 'as discovered'
      const all = [...certificatesOf(listener)].map(label).sort().join(', ')
      return `listener ${name} ${listener.protocol} ${listener.port} default ${first} serves ${all}`
    }),
  )
}
