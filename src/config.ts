import type { ConfigurationFile } from './cli/configuration-file.ts'
import { type GivenFlags, type SettingTable, settleAll } from './cli/setting.ts'
import { UsageError } from './cli/usage-error.ts'
import {
  authorities,
  authority,
  certificateArn,
  duration,
  hostedZones,
  type ListenAddress,
  listenAddress,
  objectName,
  oneOf,
  regionName,
  share,
  shareOrCount,
  tagList,
  tagValue,
  text,
  toggle,
  wholeNumber,
  zoneRoles,
} from './cli/values.ts'
import type { PolicyMode } from './core/policy.ts'
import type { RequestBudget } from './core/settings.ts'
import { ACCOUNT_SHARE } from './core/settings.ts'
import { SECOND, duration as written } from './core/time.ts'
import type { ZoneRole } from './core/zone-role.ts'

/** Everything that `certwright run` can be told. Durations are milliseconds. The sentences stand in {@link SETTINGS}. */
export interface Settings {
  readonly clusterName: string
  readonly kubeconfig: string | undefined
  readonly context: string | undefined
  /** Absent: all. */
  readonly watchNamespace: string | undefined
  /** Absent: all that the AWS Load Balancer Controller owns. */
  readonly ingressClass: string | undefined
  readonly region: string | undefined
  readonly lbcAnnotations: boolean
  readonly policyMode: PolicyMode
  readonly defaultTags: Readonly<Record<string, string>>
  /** Absent: Amazon signs where an object names no private CA. */
  readonly defaultCertificateAuthority: string | undefined
  /** Empty: any. */
  readonly allowedCertificateAuthorities: readonly string[]
  readonly rotationConcurrency: number
  readonly retireAfter: number
  readonly retireBrake: boolean
  readonly recordCheckInterval: number
  readonly settle: number
  /** In (0, 1]. */
  readonly quotaShare: number
  readonly maxNamesPerCertificate: number
  readonly yearlyRequestsQuota: number
  readonly certificatesQuota: number
  readonly requestBudget: RequestBudget
  /** In (0, 1]. */
  readonly namespaceRequestShare: number
  readonly certificatesPerLoadBalancer: number
  readonly fallbackCertificate: string | undefined
  /** The id of the zone to use for a zone's name. */
  readonly hostedZones: Readonly<Record<string, string>>
  readonly zoneRoles: readonly ZoneRole[]
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

const oneSecond = { milliseconds: SECOND, written: '1s' }

/** Every setting, in the order of the help: its one name, default, sentence and check. */
export const SETTINGS: SettingTable<Settings> = {
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
  watchNamespace: {
    flag: 'watch-namespace',
    argument: '<namespace>',
    sentence: 'Look after this namespace only; what stands elsewhere is left alone, never retired.',
    check: objectName,
  },
  ingressClass: {
    flag: 'ingress-class',
    argument: '<name>',
    sentence: 'Look after this ingress class only; without it all of the AWS Load Balancer Controller’s.',
    check: objectName,
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
  policyMode: {
    flag: 'policy-mode',
    argument: '<mode>',
    default: 'off',
    sentence: 'What CertificatePolicy objects do: nothing (off), warn (audit), or decide what is requested (enforce).',
    check: oneOf('off', 'audit', 'enforce'),
  },
  defaultTags: {
    flag: 'default-tags',
    argument: '<k=v,k=v>',
    default: '',
    sentence: 'Tags of every certificate; those that an Ingress asks for win over them.',
    check: tagList,
  },
  defaultCertificateAuthority: {
    flag: 'default-certificate-authority',
    argument: '<arn>',
    sentence: 'The private CA that signs unless an Ingress names another, or amazon; without it Amazon does.',
    check: authority,
  },
  allowedCertificateAuthorities: {
    flag: 'allowed-certificate-authorities',
    argument: '<arn,arn>',
    default: '',
    sentence: 'The private CAs that an Ingress may name, beside the default one; without it any.',
    check: authorities,
  },
  rotationConcurrency: {
    flag: 'rotation-concurrency',
    argument: '<count>',
    default: '5',
    sentence: 'How many certificates are replaced at a time where the CA that signs them changed.',
    check: wholeNumber(1, 1_000),
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
  yearlyRequestsQuota: {
    flag: 'yearly-requests-quota',
    argument: '<count>',
    default: '5000',
    sentence: 'The account’s ACM quota of certificates requested in 365 days, deleted ones included.',
    check: wholeNumber(1, 10_000_000),
  },
  certificatesQuota: {
    flag: 'certificates-quota',
    argument: '<count>',
    default: '2500',
    sentence: 'The account’s ACM quota of certificates at a time; at 90% of it no more are requested.',
    check: wholeNumber(1, 10_000_000),
  },
  requestBudget: {
    flag: 'request-budget',
    argument: '<share or count>',
    default: '80%',
    sentence: 'At which share of the yearly quota to stop, or how many requests of a year are this cluster’s.',
    check: shareOrCount,
  },
  namespaceRequestShare: {
    flag: 'namespace-request-share',
    argument: '<share>',
    default: '50%',
    sentence: 'The part of this cluster’s yearly requests that one namespace may have.',
    check: share,
  },
  certificatesPerLoadBalancer: {
    flag: 'certificates-per-load-balancer',
    argument: '<count>',
    default: '25',
    sentence: 'The account’s quota of certificates on one Application Load Balancer.',
    check: wholeNumber(1, 1_000),
  },
  fallbackCertificate: {
    flag: 'fallback-certificate-arn',
    argument: '<arn>',
    sentence:
      'An issued certificate that is published where a group has none yet, so that its load balancer is built at once.',
    check: certificateArn,
  },
  hostedZones: {
    flag: 'hosted-zone',
    argument: '<name=id>',
    many: true,
    sentence: 'The hosted zone to use for a name of which there are several (repeatable): example.com=Z0123456789.',
    check: hostedZones,
  },
  zoneRoles: {
    flag: 'zone-roles',
    argument: '<suffix=arn>',
    many: true,
    sentence:
      'The role through which the hosted zones of a domain are reached that are in another account, with its external id after a comma (repeatable).',
    check: zoneRoles,
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

/**
 * Settles every setting of `certwright run`: from its flag, else from the configuration file, else its default.
 * @throws UsageError for the first that is wrong.
 */
export function resolveSettings(given: { flags: GivenFlags; file?: ConfigurationFile | undefined }): Settings {
  const settings = settleAll<Settings>(SETTINGS, given)
  const { leaseDuration, leaseRenewInterval, requestBudget, yearlyRequestsQuota } = settings
  const most = Math.floor(ACCOUNT_SHARE * yearlyRequestsQuota)
  if (requestBudget.kind === 'count' && requestBudget.count > most) {
    throw new UsageError(
      `--request-budget has the value "${requestBudget.count}", which is more than the ${most} (80%) of --yearly-requests-quota that are ever used: give less, or the quota that AWS granted.`,
    )
  }
  const least = leaseRenewInterval + WRITE_TIMEOUT
  if (leaseDuration > least) return settings
  throw new UsageError(
    `--lease-duration has the value "${written(leaseDuration)}", which is too short for a renewal every ${written(leaseRenewInterval)} and a write of up to ${written(WRITE_TIMEOUT)}: give more than ${written(least)}.`,
  )
}
