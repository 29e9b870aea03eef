import type { Group, Member } from './groups.ts'
import { annotation, hostsOf, nameOf } from './objects.ts'

/** What one load balancer shall look like. */
export interface Model {
  readonly key: string
  readonly listeners: readonly ListenerModel[]
  readonly rules: readonly RuleModel[]
}

export interface ListenerModel {
  readonly port: number
  readonly protocol: Protocol
  /** The first is the listener's default; since LBC 3.4.1 all of them, the default too, are in its list. Empty for HTTP. */
  readonly certificates: readonly string[]
}

/** One path of one host, as a listener would route it. */
export interface RuleModel {
  readonly ingress: string
  readonly host: string
  readonly path: string
  readonly backend: unknown
}

export type Protocol = 'HTTP' | 'HTTPS'

interface Port {
  readonly port: number
  readonly protocol: Protocol
}

/** Why no model can be built: an event with reason `FailedBuildModel` says so on every member of the group. */
export class BuildFailure extends Error {}

/**
 * Members are merged in their order, port by port. One member that cannot be built fails its whole group.
 * @param discover the ARNs of all issued certificates that match these hosts, sorted.
 * @throws BuildFailure; and whatever `discover` throws.
 */
export async function buildModel(
  group: Group,
  discover: (hosts: readonly string[]) => Promise<string[]>,
): Promise<Model> {
  const listeners = new Map<number, { protocol: Protocol; certificates: string[] }>()
  for (const member of group.members) {
    const explicit = explicitCertificates(member)
    const ports = portsOf(member, explicit.length > 0)
    const secure = ports.some((port) => port.protocol === 'HTTPS')
    const certificates = secure && explicit.length === 0 ? await discover(hostsOf(member.ingress)) : explicit
    for (const { port, protocol } of ports) {
      const merged = listeners.get(port) ?? { protocol, certificates: [] }
      if (merged.protocol !== protocol) {
        throw new BuildFailure(`conflicting protocol on port ${port}: ${merged.protocol} | ${protocol}`)
      }
      if (protocol === 'HTTPS') {
        merged.certificates.push(...certificates.filter((arn) => !merged.certificates.includes(arn)))
      }
      listeners.set(port, merged)
    }
  }
  for (const [port, { protocol, certificates }] of listeners) {
    if (protocol === 'HTTPS' && certificates.length === 0) {
      throw new BuildFailure(`no certificate for the HTTPS listener on port ${port}`)
    }
  }
  return {
    key: group.key,
    listeners: [...listeners].map(([port, listener]) => ({ port, ...listener })).sort((a, b) => a.port - b.port),
    rules: group.members.flatMap(rulesOf),
  }
}

/** The class's parameters replace the annotation; they are not merged with it. */
function explicitCertificates({ ingress, params }: Member): readonly string[] {
  const fromClass = params?.spec?.certificateArn ?? []
  if (fromClass.length > 0) return fromClass
  return (annotation(ingress, 'certificate-arn') ?? '')
    .split(',')
    .map((arn) => arn.trim())
    .filter((arn) => arn !== '')
}

function portsOf({ ingress }: Member, hasCertificate: boolean): Port[] {
  const text = annotation(ingress, 'listen-ports')
  if (text === undefined) return hasCertificate ? [{ port: 443, protocol: 'HTTPS' }] : [{ port: 80, protocol: 'HTTP' }]
  const failure = `failed to parse listen-ports configuration of ${nameOf(ingress)}: ${text}`
  let entries: unknown
  try {
    entries = JSON.parse(text)
  } catch {
    throw new BuildFailure(failure)
  }
  if (!Array.isArray(entries) || entries.length === 0) throw new BuildFailure(failure)
  return entries.flatMap((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null) throw new BuildFailure(failure)
    return Object.entries(entry).map(([protocol, port]: [string, unknown]) => {
      if ((protocol !== 'HTTP' && protocol !== 'HTTPS') || typeof port !== 'number' || port < 1 || port > 65_535) {
        throw new BuildFailure(failure)
      }
      return { port, protocol }
    })
  })
}

function rulesOf({ ingress }: Member): RuleModel[] {
  return (ingress.spec.rules ?? []).flatMap((rule) =>
    (rule.http?.paths ?? []).map((path) => ({
      ingress: nameOf(ingress),
      host: rule.host ?? '*',
      path: path.path ?? '/*',
      backend: path.backend,
    })),
  )
}
