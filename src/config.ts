import type { z } from 'zod'
import { closest } from './cli/closest.ts'
import type { ConfigurationFile } from './cli/configuration-file.ts'
import { quoted, UsageError } from './cli/usage-error.ts'
import {
  duration,
  hostedZones,
  type ListenAddress,
  listenAddress,
  listOf,
  objectName,
  oneOf,
  regionName,
  share,
  tagValue,
  text,
  toggle,
  wholeNumber,
} from './cli/values.ts'
import { SECOND } from './core/time.ts'

/** Everything that `certwright run` can be told. Durations are milliseconds. The sentences stand in {@link SETTINGS}. */
export interface Settings {
  readonly clusterName: string
  readonly kubeconfig: string | undefined
  readonly context: string | undefined
  /** Empty: all. */
  readonly watchNamespaces: readonly string[]
  /** Empty: all that the AWS Load Balancer Controller owns. */
  readonly ingressClasses: readonly string[]
  readonly region: string | undefined
  readonly lbcAnnotations: boolean
  readonly retireAfter: number
  readonly retireBrake: boolean
  readonly recordCheckInterval: number
  readonly settle: number
  /** In (0, 1]. */
  readonly quotaShare: number
  readonly maxNamesPerCertificate: number
  readonly certificatesPerLoadBalancer: number
  /** The id of the zone to use for a zone's name. */
  readonly hostedZones: ReadonlyMap<string, string>
  readonly logLevel: LogLevel
  readonly logFormat: LogFormat
  readonly metricsAddress: ListenAddress
  readonly healthAddress: ListenAddress
  readonly leaderElect: boolean
  readonly leaderElectionId: string
  readonly leaderElectionNamespace: string
  readonly leaseDuration: number
  readonly leaseRenewInterval: number
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export type LogFormat = 'json' | 'text'

/** One setting: the flag's name without `--`, which is also its key in the configuration file. */
export interface Setting<T> {
  readonly flag: string
  /** What stands for the value in the help; absent for a switch, which may come without one. */
  readonly argument?: string
  /** As a person would write it. Absent: none, or none needed. */
  readonly default?: string
  readonly sentence: string
  readonly check: z.ZodType<T>
  readonly required?: true
  /** May be given more than once; a list in the configuration file. */
  readonly many?: true
}

const oneSecond = { milliseconds: SECOND, written: '1s' }

/** Every setting, in the order of the help: its one name, default, sentence and check. */
export const SETTINGS: { readonly [K in keyof Settings]: Setting<Settings[K]> } = {
  clusterName: {
    flag: 'cluster-name',
    argument: '<name>',
    required: true,
    sentence: 'The name that the tags of the certificates carry; no two clusters of an account may share one.',
    check: tagValue,
  },
  kubeconfig: {
    flag: 'kubeconfig',
    argument: '<file>',
    sentence: 'The kubeconfig file; without it KUBECONFIG, the pod’s service account, then ~/.kube/config.',
    check: text,
  },
  context: {
    flag: 'context',
    argument: '<name>',
    sentence: 'The context of the kubeconfig file; without it the current one.',
    check: text,
  },
  watchNamespaces: {
    flag: 'watch-namespace',
    argument: '<namespace>',
    many: true,
    sentence: 'Look after this namespace only (repeatable); what stands elsewhere is left alone, never retired.',
    check: listOf(objectName),
  },
  ingressClasses: {
    flag: 'ingress-class',
    argument: '<name>',
    many: true,
    sentence: 'Look after this ingress class only (repeatable); without it all of the AWS Load Balancer Controller’s.',
    check: listOf(objectName),
  },
  region: {
    flag: 'region',
    argument: '<region>',
    sentence: 'The AWS region of the load balancers; without it AWS_REGION, then the AWS configuration file.',
    check: regionName,
  },
  lbcAnnotations: {
    flag: 'lbc-annotations',
    default: 'false',
    sentence: 'Read create-acm-cert of the AWS Load Balancer Controller as an alias of certwright.dev/certificate.',
    check: toggle('true or false'),
  },
  retireAfter: {
    flag: 'retire-after',
    argument: '<duration>',
    default: '24h',
    sentence: 'How long a certificate that nobody wants any more is kept.',
    check: duration(),
  },
  retireBrake: {
    flag: 'retire-brake',
    argument: '<on|off>',
    default: 'on',
    sentence: 'Stop and ask when many certificates become unwanted at once; off for throw-away clusters.',
    check: toggle('on or off'),
  },
  recordCheckInterval: {
    flag: 'record-check-interval',
    argument: '<duration>',
    default: '1h',
    sentence: 'How often validation records are looked at, and put back where they are missing.',
    check: duration(oneSecond),
  },
  settle: {
    flag: 'settle',
    argument: '<duration>',
    default: '60s',
    sentence: 'How long a successor must have been seen served before the certificate that it replaces leaves.',
    check: duration(),
  },
  quotaShare: {
    flag: 'quota-share',
    argument: '<share>',
    default: '80%',
    sentence: 'The share of the documented AWS request rates that this controller uses at most.',
    check: share,
  },
  maxNamesPerCertificate: {
    flag: 'max-names-per-certificate',
    argument: '<count>',
    default: '10',
    sentence: 'The account’s ACM quota of names on one certificate.',
    check: wholeNumber(1, 100),
  },
  certificatesPerLoadBalancer: {
    flag: 'certificates-per-load-balancer',
    argument: '<count>',
    default: '25',
    sentence: 'The account’s quota of certificates on one Application Load Balancer.',
    check: wholeNumber(1, 1_000),
  },
  hostedZones: {
    flag: 'hosted-zone',
    argument: '<name=id>',
    many: true,
    sentence: 'The hosted zone to use for a name of which there are several (repeatable): example.com=Z0123456789.',
    check: hostedZones,
  },
  logLevel: {
    flag: 'log-level',
    argument: '<level>',
    default: 'info',
    sentence: 'The least grave messages that are logged: debug, info, warn or error.',
    check: oneOf('debug', 'info', 'warn', 'error'),
  },
  logFormat: {
    flag: 'log-format',
    argument: '<format>',
    default: 'json',
    sentence: 'How the log is written: json for machines, text for people.',
    check: oneOf('json', 'text'),
  },
  metricsAddress: {
    flag: 'metrics-address',
    argument: '<address>',
    default: ':8080',
    sentence: 'Where /metrics is served; 0 for nowhere.',
    check: listenAddress,
  },
  healthAddress: {
    flag: 'health-address',
    argument: '<address>',
    default: ':8081',
    sentence: 'Where /healthz and /readyz are served; 0 for nowhere.',
    check: listenAddress,
  },
  leaderElect: {
    flag: 'leader-elect',
    default: 'true',
    sentence: 'Act only while holding the lease; false where there will never be a second process.',
    check: toggle('true or false'),
  },
  leaderElectionId: {
    flag: 'leader-election-id',
    argument: '<name>',
    default: 'certwright',
    sentence: 'The name of the Lease.',
    check: objectName,
  },
  leaderElectionNamespace: {
    flag: 'leader-election-namespace',
    argument: '<namespace>',
    default: 'kube-system',
    sentence: 'The namespace of the Lease: the same for all processes of a cluster, wherever they run.',
    check: objectName,
  },
  leaseDuration: {
    flag: 'lease-duration',
    argument: '<duration>',
    default: '30s',
    sentence: 'How long a lease that is not renewed stays its holder’s.',
    check: duration(oneSecond),
  },
  leaseRenewInterval: {
    flag: 'lease-renew-interval',
    argument: '<duration>',
    default: '5s',
    sentence: 'How often the leader renews its lease.',
    check: duration(oneSecond),
  },
}

/** The longest that one write may take: a lease that could end before it does not fence it. */
const WRITE_TIMEOUT = 8 * SECOND

export const FLAGS: readonly string[] = Object.values(SETTINGS).map(({ flag }) => flag)

/**
 * Settles every setting: from its flag, else from the configuration file, else its default. `flags` holds what was given on the command
 * line, by the flag's name.
 * @throws UsageError for the first setting that is wrong.
 */
export function resolveSettings(given: {
  flags: Readonly<Record<string, unknown>>
  file?: ConfigurationFile | undefined
}): Settings {
  const { flags, file } = given
  if (file) refuseUnknownFields(file)
  const settled = Object.fromEntries(
    Object.entries(SETTINGS).map(([key, setting]) => [key, settle(setting as Setting<unknown>, flags, file)]),
  ) as unknown as Settings
  refuseShortLease(settled)
  return settled
}

function settle(
  setting: Setting<unknown>,
  flags: Readonly<Record<string, unknown>>,
  file: ConfigurationFile | undefined,
): unknown {
  const { flag } = setting
  const fromFile = file?.fields[flag]
  const written = flags[flag] ?? fromFile ?? setting.default ?? (setting.many ? [] : undefined)
  if (written === undefined) {
    if (!setting.required) return undefined
    throw new UsageError(`--${flag} is missing, and there is no default for it: add --${flag} ${setting.argument}.`)
  }
  const checked = setting.check.safeParse(written)
  if (checked.success) return checked.data
  const [issue] = checked.error.issues
  const at = issue?.path[0]
  const value = Array.isArray(written) && typeof at === 'number' ? (written as readonly unknown[])[at] : written
  const place = flags[flag] === undefined && file ? `the field ${flag} of ${file.path}` : `--${flag}`
  throw new UsageError(`${place} has the value ${quoted(value)}, which ${issue?.message}.`)
}

function refuseUnknownFields(file: ConfigurationFile): void {
  for (const field of Object.keys(file.fields)) {
    if (FLAGS.includes(field)) continue
    const near = closest(field, FLAGS)
    const cure = near
      ? `did you mean ${near}?`
      : "remove it, or see 'certwright help run' for the names (those of the flags)."
    throw new UsageError(`${file.path} has a field ${quoted(field)}, which is no setting: ${cure}`)
  }
}

function refuseShortLease({ leaseDuration, leaseRenewInterval }: Settings): void {
  if (leaseDuration > leaseRenewInterval + WRITE_TIMEOUT) return
  throw new UsageError(
    `--lease-duration is ${leaseDuration / SECOND}s, too short for a renewal every ${leaseRenewInterval / SECOND}s and a write of up to ${WRITE_TIMEOUT / SECOND}s: give more than ${(leaseRenewInterval + WRITE_TIMEOUT) / SECOND}s, or shorten --lease-renew-interval.`,
  )
}
