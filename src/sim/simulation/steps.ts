import type { FailureReason } from '../aws/acm/certificate.ts'
import type { ObjectReference } from '../kube/admin.ts'
import type { JsonObject } from '../kube/json.ts'

/** An Ingress by its place in {@link PLACES}, a host by its place in {@link HOSTS}: so that any step can be left out of a scenario. */
export const PLACES = [
  { namespace: 'default', name: 'one' },
  { namespace: 'default', name: 'two' },
  { namespace: 'team', name: 'three' },
  { namespace: 'team', name: 'four' },
  { namespace: 'other', name: 'five' },
  { namespace: 'other', name: 'six' },
] as const

const HOSTS_OF_FEW = [
  'a.example.com',
  'b.example.com',
  'c.example.com',
  'd.example.com',
  '*.example.com',
  'x.second.example',
  'y.second.example',
  // No hosted zone is there for it, ever.
  'n.nowhere.example',
  // Only of tenants with many.
  ...Array.from({ length: 12 }, (_, index) => `m${index}.example.com`),
]

export const HOSTS: readonly string[] = [
  ...HOSTS_OF_FEW,
  ...Array.from({ length: 60 }, (_, index) => `k${index}.example.com`),
]

/** Of those that come in a crowd. */
export const CROWD_HOST = HOSTS_OF_FEW.length
/** Where places begin that only a crowd has. */
export const CROWD_PLACE = PLACES.length

/** How many of {@link HOSTS} anything may befall one by one. */
export const SINGLE_HOSTS = 7
/** Where those of tenants with many begin. */
export const FIRST_OF_MANY = 8

/** Never validates, for ever, where a scenario says so. */
export const ZONES = ['example.com', 'second.example'] as const

/** The value of a flag of the program, or those of one that may be given more than once. */
export type Flag = string | readonly string[]

/** Why ACM may fail a name. */
export const REASONS: readonly FailureReason[] = [
  'CAA_ERROR',
  'OTHER',
  'DOMAIN_NOT_ALLOWED',
  'ADDITIONAL_VERIFICATION_REQUIRED',
  'INVALID_PUBLIC_DOMAIN',
  'DOMAIN_VALIDATION_DENIED',
  'SLR_NOT_FOUND',
]

export type Ask = 'true' | 'false' | 'ture' | null

/** What happens in a storm, besides faults by chance. */
export type Deed =
  // People with kubectl
  | {
      readonly do: 'apply'
      readonly ingress: number
      readonly hosts: readonly number[]
      readonly group: string | null
      readonly ports: readonly number[]
      readonly asks: Ask
    }
  | { readonly do: 'hosts'; readonly ingress: number; readonly hosts: readonly number[] }
  | { readonly do: 'move'; readonly host: number; readonly from: number; readonly to: number }
  | { readonly do: 'ask'; readonly ingress: number; readonly value: Ask }
  | { readonly do: 'pause'; readonly ingress: number; readonly value: boolean }
  | { readonly do: 'group'; readonly ingress: number; readonly group: string | null }
  | { readonly do: 'class'; readonly ingress: number; readonly value: 'alb' | 'nginx' }
  | { readonly do: 'takeOver'; readonly ingress: number }
  | { readonly do: 'empty'; readonly ingress: number; readonly remove: boolean }
  | { readonly do: 'delete'; readonly ingress: number }
  /** Deleted and created again as it was, annotations included where a backup is played back. */
  | { readonly do: 'recreate'; readonly ingress: number; readonly backup: boolean }
  | { readonly do: 'massDelete'; readonly restoreAfter: number | null }
  /** Written by some script that mangles it. */
  | { readonly do: 'corrupt'; readonly ingress: number; readonly forMs: number }
  /** `certwright.dev/names` with what is no name. */
  | { readonly do: 'badName'; readonly ingress: number; readonly forMs: number }
  /** One that has it loses nothing, and another has it too. */
  | { readonly do: 'steal'; readonly host: number; readonly to: number }
  /** Comes and goes, minute by minute. */
  | { readonly do: 'flap'; readonly ingress: number; readonly host: number; readonly times: number }
  | { readonly do: 'manyHosts'; readonly ingress: number; readonly count: number }
  | { readonly do: 'approve' }
  /** `null` takes an annotation away. */
  | { readonly do: 'annotate'; readonly ingress: number; readonly annotations: Readonly<Record<string, string | null>> }
  /** One of the private CAs of the account, counted from 0, or Amazon where it is `null`. */
  | { readonly do: 'signer'; readonly ingress: number; readonly authority: number | null }
  /** Applies any object, by force: fields that were applied before and are not there any more go. */
  | { readonly do: 'administer'; readonly object: JsonObject }
  /** Deletes any object. */
  | { readonly do: 'withdraw'; readonly object: ObjectReference }
  /** All replicas, with other flags of the program; `null` takes one away. */
  | {
      readonly do: 'restart'
      readonly flags: Readonly<Record<string, Flag | null>>
      readonly downMs: number
    }
  // Machines
  | { readonly do: 'kill'; readonly replica: number; readonly downMs: number }
  | { readonly do: 'terminate'; readonly replica: number; readonly downMs: number }
  | { readonly do: 'freeze'; readonly replica: number; readonly forMs: number }
  | { readonly do: 'jump'; readonly replica: number; readonly ms: number }
  /** At its next write, once it was sent. */
  | { readonly do: 'freezeInWrite'; readonly replica: number; readonly forMs: number }
  /** No edit of an Ingress reaches the program. */
  | { readonly do: 'deaf'; readonly forMs: number }
  | { readonly do: 'apiDown'; readonly forMs: number }
  | { readonly do: 'compact' }
  | { readonly do: 'resetWatches' }
  | { readonly do: 'lbcPause'; readonly forMs: number }
  | { readonly do: 'lbcRestart'; readonly downMs: number }
  | { readonly do: 'lbcSlow'; readonly forMs: number }
  | { readonly do: 'balancerGone' }
  // ACM, DNS
  | { readonly do: 'failDomain'; readonly host: number; readonly reason: FailureReason; readonly forMs: number }
  | { readonly do: 'neverValidates'; readonly host: number; readonly forMs: number }
  | { readonly do: 'zoneGone'; readonly zone: number; readonly forMs: number }
  | { readonly do: 'zoneTwin'; readonly zone: number; readonly isPrivate: boolean; readonly forMs: number }
  /** A zone whose name is a host, and which answers for it where it is public. */
  | { readonly do: 'subZone'; readonly host: number; readonly isPrivate: boolean; readonly forMs: number }
  | { readonly do: 'zoneBusy'; readonly zone: number; readonly forMs: number }
  /** So many that a list of them takes two pages. */
  | { readonly do: 'manyZones'; readonly forMs: number }
  /** To what is there now. */
  | { readonly do: 'lowerQuota'; readonly of: 'certificates' | 'requests'; readonly forMs: number }
  // A colleague with the console
  | { readonly do: 'deleteRecord'; readonly host: number }
  | { readonly do: 'overwriteRecord'; readonly host: number; readonly forMs: number }
  | { readonly do: 'deleteCertificate'; readonly index: number }
  /** Attached again by the load balancer's controller after some minutes, if at all. */
  | { readonly do: 'detach'; readonly index: number; readonly port?: number; readonly forMs: number }
  /** Adds a tag, or takes away the one that says that it is ours. */
  | { readonly do: 'retag'; readonly index: number; readonly disowns: boolean }
  /** A certificate of somebody else's with the same names; with our tags too where another cluster has our name. */
  | { readonly do: 'duplicate'; readonly index: number; readonly tagged: boolean; readonly forMs: number }
  | { readonly do: 'expire'; readonly index: number }
  | { readonly do: 'revoke'; readonly index: number }
  | { readonly do: 'loseLedger' }

export type Step = Deed & {
  /** Milliseconds since the storm began. */
  readonly at: number
}

const asked = (ask: Ask) => (ask === null ? 'asking nothing' : `asking "${ask}"`)
const named = (ingress: number) => `${placeOf(ingress).namespace}/${placeOf(ingress).name}`
const hostsIn = (hosts: readonly number[]) => hosts.map((host) => HOSTS[host]).join(', ')
const within = (ms: number) => `for ${Math.round(ms / 1_000)} s`

/** Where the Ingress of this number is. */
export function placeOf(ingress: number): { readonly namespace: string; readonly name: string } {
  return PLACES[ingress] ?? { namespace: 'other', name: `crowd-${ingress}` }
}

/** A deed in one sentence. */
export function describe(deed: Deed): string {
  switch (deed.do) {
    case 'apply':
      return `somebody applies ${named(deed.ingress)} with ${hostsIn(deed.hosts)}${deed.group === null ? '' : ` in group ${deed.group}`} on ${deed.ports.join()}, ${asked(deed.asks)}`
    case 'hosts':
      return `somebody gives ${named(deed.ingress)} the hosts ${hostsIn(deed.hosts)}`
    case 'move':
      return `somebody moves ${HOSTS[deed.host]} from ${named(deed.from)} to ${named(deed.to)}`
    case 'ask':
      return `somebody makes ${named(deed.ingress)} one ${asked(deed.value)}`
    case 'pause':
      return `somebody ${deed.value ? 'pauses' : 'resumes'} ${named(deed.ingress)}`
    case 'group':
      return `somebody moves ${named(deed.ingress)} to group ${deed.group ?? 'of its own'}`
    case 'class':
      return `somebody gives ${named(deed.ingress)} the class ${deed.value}`
    case 'takeOver':
      return `somebody writes a foreign ARN on ${named(deed.ingress)}`
    case 'empty':
      return `somebody ${deed.remove ? 'removes' : 'empties'} the ARNs of ${named(deed.ingress)}`
    case 'delete':
      return `somebody deletes ${named(deed.ingress)}`
    case 'recreate':
      return `somebody deletes ${named(deed.ingress)} and creates it again${deed.backup ? ' from a backup' : ''}`
    case 'massDelete':
      return `somebody deletes everything${deed.restoreAfter === null ? '' : `, and restores it after ${Math.round(deed.restoreAfter / 1_000)} s`}`
    case 'corrupt':
      return `a script mangles the ARNs of ${named(deed.ingress)}, which somebody sees ${within(deed.forMs).replace('for', 'after')}`
    case 'badName':
      return `somebody gives ${named(deed.ingress)} a name that is none ${within(deed.forMs)}`
    case 'steal':
      return `somebody gives ${HOSTS[deed.host]} to ${named(deed.to)} as well`
    case 'flap':
      return `${HOSTS[deed.host]} comes to and goes from ${named(deed.ingress)} every minute, ${deed.times} times`
    case 'manyHosts':
      return `somebody gives ${named(deed.ingress)} ${deed.count} hosts`
    case 'approve':
      return 'somebody releases the brake'
    case 'annotate':
      return `somebody annotates ${named(deed.ingress)} with ${JSON.stringify(deed.annotations)}`
    case 'signer':
      return `somebody asks for ${named(deed.ingress)} to be signed by ${deed.authority === null ? 'Amazon' : `private CA ${deed.authority}`}`
    case 'administer':
      return `an administrator applies ${JSON.stringify(deed.object)}`
    case 'withdraw':
      return `an administrator deletes ${deed.object.kind} ${deed.object.name}`
    case 'restart':
      return `all replicas are stopped, and started ${Math.round(deed.downMs / 1_000)} s later with ${JSON.stringify(deed.flags)}`
    case 'kill':
    case 'terminate':
      return `replica ${deed.replica} is ${deed.do === 'kill' ? 'killed' : 'told to stop'}, and started again after ${Math.round(deed.downMs / 1_000)} s`
    case 'freeze':
      return `replica ${deed.replica} stands still ${within(deed.forMs)}`
    case 'freezeInWrite':
      return `replica ${deed.replica} will stand still at its next write ${within(deed.forMs)}`
    case 'deaf':
      return `no edit of an Ingress reaches the program ${within(deed.forMs)}`
    case 'subZone':
      return `there is a ${deed.isPrivate ? 'private' : 'public'} zone ${HOSTS[deed.host]} ${within(deed.forMs)}`
    case 'jump':
      return `the clock of replica ${deed.replica} jumps by ${deed.ms / 1_000} s`
    case 'apiDown':
      return `the API server is down ${within(deed.forMs)}`
    case 'compact':
      return 'the API server forgets its history, and all watches break'
    case 'resetWatches':
      return 'all watches break'
    case 'lbcPause':
      return `the load balancer controller does nothing ${within(deed.forMs)}`
    case 'lbcRestart':
      return `the load balancer controller is down ${within(deed.downMs)}`
    case 'lbcSlow':
      return `the load balancer controller is slow ${within(deed.forMs)}`
    case 'balancerGone':
      return 'somebody deletes a load balancer'
    case 'zoneBusy':
      return `somebody else changes the zone ${ZONES[deed.zone]}, slowly, ${within(deed.forMs)}`
    case 'manyZones':
      return `the account has 120 more zones ${within(deed.forMs)}`
    case 'lowerQuota':
      return `AWS allows no more ${deed.of} than there are ${within(deed.forMs)}`
    case 'failDomain':
      return `ACM fails ${HOSTS[deed.host]} with ${deed.reason} ${within(deed.forMs)}`
    case 'neverValidates':
      return `ACM does not see the record of ${HOSTS[deed.host]} ${within(deed.forMs)}`
    case 'zoneGone':
      return `the zone ${ZONES[deed.zone]} is gone ${within(deed.forMs)}`
    case 'zoneTwin':
      return `there is a second ${deed.isPrivate ? 'private' : 'public'} zone ${ZONES[deed.zone]} ${within(deed.forMs)}`
    case 'deleteRecord':
      return `a colleague deletes the record of ${HOSTS[deed.host]}`
    case 'overwriteRecord':
      return `a colleague gives the record of ${HOSTS[deed.host]} another value ${within(deed.forMs)}`
    case 'deleteCertificate':
      return `a colleague deletes certificate ${deed.index} of ours`
    case 'detach':
      return `a colleague detaches certificate ${deed.index} of ours${deed.port === undefined ? '' : ` from port ${deed.port}`} ${within(deed.forMs)}`
    case 'retag':
      return `a colleague ${deed.disowns ? 'takes our tags from' : 'adds a tag to'} certificate ${deed.index} of ours`
    case 'duplicate':
      return `somebody else has a certificate with the names of certificate ${deed.index} of ours${deed.tagged ? ', and its tags but for the owner,' : ''} ${within(deed.forMs)}`
    case 'expire':
      return `certificate ${deed.index} of ours expires`
    case 'revoke':
      return `certificate ${deed.index} of ours is revoked`
    case 'loseLedger':
      return 'somebody deletes the whole ledger'
  }
}
