import { type AwsSettings, defaultSettings } from '../aws/settings.ts'
import { forkRandom } from '../random.ts'
import { Draw } from './draw.ts'
import { FAULTS, type FaultName, type Rates, ratesOf } from './faults.ts'
import type { Hindrance } from './hindrance.ts'
import { type Ask, type Deed, type Flag, PLACES, REASONS, SINGLE_HOSTS, type Step, ZONES } from './steps.ts'
import { dress } from './themes.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** All that a seed decides. A scenario can be made smaller and played again. */
export interface Scenario {
  readonly seed: number
  readonly replicas: 1 | 2
  readonly leaseMs: number
  readonly retireAfter: number
  readonly namesPerCertificate: number
  readonly certificatesPerLoadBalancer: number
  readonly retireBrake: boolean
  readonly aws: Partial<AwsSettings>
  readonly lbcDelays: { readonly reconcile: number; readonly call: number }
  /** Hosts of certificates that somebody else has. */
  readonly foreign: readonly (readonly number[])[]
  /** A host that never validates, in the end either. */
  readonly bad: number | undefined
  readonly rates: Rates
  readonly steps: readonly Step[]
  readonly stormMs: number
  readonly quietMs: number
  /** What follows the quiet time: 400 days in some seeds, in which certificates are renewed twice. */
  readonly longMs: number
  /** What befalls a host before that. */
  readonly hindrance: Hindrance | undefined
  /** Whether, at rest, a leader dies and a colleague deletes a record. */
  readonly mischief: boolean
  /** Settings of the program beside those above, as its flags: `{ 'default-tags': 'team=shop' }`. */
  readonly flags: Readonly<Record<string, Flag>>
  /** Tags of those certificates of somebody else's. */
  readonly foreignTags: Readonly<Record<string, string>>
  /** Whether all watches begin anew when the storm is over. */
  readonly relists: boolean
  /** The names of the themes that the seed drew. */
  readonly themes: readonly string[]
}

export function drawScenario(seed: number): Scenario {
  return dress(drawPlain(seed))
}

/** What a seed decides without its themes. */
export function drawPlain(seed: number): Scenario {
  const random = forkRandom(seed, 'scenario')
  const draw = new Draw(random)
  const crowded = draw.chance(0.15)
  const rates = drawRates(draw)
  const kinds = drawKinds(draw)
  const most = draw.chance(0.1) ? 3 : 25
  const bad = draw.chance(0.3) ? draw.pick([1, 2, 5]) : undefined
  const steps: Step[] = []
  let at = 0
  const count = crowded ? PLACES.length : draw.whole(1, 4)
  for (let ingress = 0; ingress < count; ingress++) {
    steps.push({
      at,
      ...drawApply(draw, ingress, crowded ? [ingress] : undefined),
      ...(ingress === 0 || crowded ? { asks: 'true' } : {}),
    })
    if (draw.chance(0.7)) at += draw.pick([SECOND, 5 * SECOND, 30 * SECOND])
  }
  const more = draw.whole(4, 24)
  for (let index = 0; index < more; index++) {
    at += Math.round(draw.pick([0.2, 2, 8, 30, 61, 130, 300, 700, 1_500]) * SECOND * (0.5 + random.next()))
    const deed = drawDeed(draw, draw.pick(kinds))
    if (deed) steps.push({ at, ...deed })
  }
  const replicas = draw.chance(0.4) ? 2 : 1
  const leaseMs = draw.chance(0.12) ? 30 * SECOND : 5 * MINUTE
  const retireAfter = draw.pick([0, 10 * MINUTE, 10 * MINUTE, HOUR])
  const namesPerCertificate = draw.chance(0.1) ? 2 : 10
  return {
    seed,
    replicas,
    leaseMs,
    retireAfter,
    namesPerCertificate,
    certificatesPerLoadBalancer: most,
    retireBrake: draw.chance(0.9),
    aws: {
      ...drawAws(draw),
      quotas: { ...defaultSettings.quotas, namesPerCertificate, certificatesPerLoadBalancer: most },
    },
    lbcDelays: { reconcile: draw.pick([0, SECOND, 15 * SECOND]), call: draw.pick([0, 100, 800]) },
    foreign: draw.chance(0.5) ? [] : [draw.pick([[0], [0, 1], [4], [1, 2], [5]])],
    bad,
    rates,
    steps,
    stormMs: at + 2 * MINUTE,
    // ACM gives up after 72 h.
    quietMs: draw.chance(bad === undefined ? 0 : 0.06) ? 80 * HOUR : draw.chance(0.03) ? 24 * HOUR : 2 * HOUR,
    mischief: draw.chance(0.5),
    // Each day costs a second or so. Drawn apart, so that it may change without the rest.
    longMs: forkRandom(seed, 'years').next() < 0.002 ? 400 * DAY : 0,
    hindrance: undefined,
    flags: {},
    foreignTags: {},
    relists: true,
    themes: [],
  }
}

/** How AWS behaves: each lag is left out by half of the seeds. */
function drawAws(draw: Draw): Partial<AwsSettings> {
  const scale = draw.pick([1, 1, 4])
  const lag = (shortest: number, longest: number): readonly [number, number] =>
    draw.chance(0.5) ? [shortest, longest * scale] : [0, 0]
  return {
    issuance: draw.pick([
      [5 * SECOND, 20 * SECOND],
      [90 * SECOND, 150 * SECOND],
      [60 * SECOND, 12 * MINUTE],
    ] as const),
    describeDelay: lag(0, 2 * SECOND),
    recordsDelay: lag(2 * SECOND, 15 * SECOND),
    listDelay: lag(SECOND, 15 * SECOND),
    inUseRelease: draw.pick([
      [0, 0],
      [10 * SECOND, 4 * MINUTE],
      [10 * SECOND, 30 * MINUTE],
    ] as const),
    inUseNotice: lag(0, 5 * SECOND),
    deletedInList: lag(0, 5 * SECOND),
    deletedInTagging: draw.chance(0.5) ? [MINUTE, HOUR] : [0, 0],
    taggingDelay: lag(SECOND, MINUTE),
    listenerSeesCertificate: draw.chance(0.5) ? [0, 10 * SECOND] : [0, 0],
    dnsPropagation: draw.pick([
      [0, 0],
      [5 * SECOND, MINUTE],
      [MINUTE, 10 * MINUTE],
    ] as const),
    tokenOutlivesCertificate: draw.chance(0.5),
    latency: draw.pick([
      [0, 0],
      [20, 200],
      [50, 1_500],
    ] as const),
  }
}

/** Each seed leaves out a random half of the faults; one in five has none of those that come by chance. */
function drawRates(draw: Draw): Rates {
  const rates: Partial<Record<FaultName, number>> = {}
  const none = draw.chance(0.2)
  for (const name of FAULTS) {
    const rate = draw.pick(ratesOf(name))
    if (draw.chance(0.5) && !none) rates[name] = rate
  }
  return rates
}

/** Without these there is nothing to do for anybody. */
const BASIC_DEEDS = ['apply', 'hosts'] as const
const USER_DEEDS = [
  'move',
  'ask',
  'delete',
  'empty',
  'recreate',
  'steal',
  'flap',
  'manyHosts',
  'corrupt',
  'badName',
] as const
const OTHER_DEEDS = [
  'takeOver',
  'pause',
  'group',
  'class',
  'massDelete',
  'kill',
  'terminate',
  'freeze',
  'jump',
  'apiDown',
  'compact',
  'resetWatches',
  'lbcPause',
  'lbcRestart',
  'lbcSlow',
  'balancerGone',
  'failDomain',
  'failDomain',
  'neverValidates',
  'neverValidates',
  'zoneGone',
  'zoneTwin',
  'zoneBusy',
  'manyZones',
  'lowerQuota',
  'deleteRecord',
  'overwriteRecord',
  'deleteCertificate',
  'detach',
  'retag',
  'duplicate',
  'revoke',
  'expire',
  'loseLedger',
  'approve',
] as const

type DeedKind = (typeof BASIC_DEEDS | typeof USER_DEEDS | typeof OTHER_DEEDS)[number]

/** Each seed leaves out a random half of what people, machines and AWS may do, as it does of the faults. */
function drawKinds(draw: Draw): DeedKind[] {
  const users = USER_DEEDS.filter(() => draw.chance(0.5))
  const others = OTHER_DEEDS.filter((kind, index) => draw.chance(0.5) && OTHER_DEEDS.indexOf(kind) <= index)
  return [...BASIC_DEEDS, ...BASIC_DEEDS, ...users, ...users, ...others]
}

function drawHosts(draw: Draw): readonly number[] {
  if (draw.chance(0.06)) return draw.pick([[7], [0, 7], [1, 7], []])
  return draw.pick([
    [0],
    [0],
    [1],
    [0, 1],
    [0, 1],
    [0, 2],
    [1, 2],
    [0, 1, 2],
    [3],
    [4],
    [4, 0],
    [5],
    [0, 5],
    [5, 6],
    [2, 3],
  ])
}

function drawAsk(draw: Draw): Ask {
  return draw.pick(['true', 'true', 'true', 'true', 'true', 'false', 'ture', null])
}

function drawGroup(draw: Draw): string | null {
  return draw.pick(['shared', 'shared', 'shared', 'second', null])
}

function drawApply(draw: Draw, ingress: number, hosts?: readonly number[]): Extract<Deed, { do: 'apply' }> {
  return {
    do: 'apply',
    ingress,
    hosts: hosts ?? drawHosts(draw),
    group: drawGroup(draw),
    ports: draw.pick([[443], [443], [443], [443], [443], [443], [443], [443, 8443], [443, 8443], []]),
    asks: drawAsk(draw),
  }
}

function drawDeed(draw: Draw, kind: DeedKind): Deed | undefined {
  const ingress = draw.whole(0, 3)
  const host = draw.whole(0, SINGLE_HOSTS - 1)
  const zone = draw.whole(0, ZONES.length - 1)
  const replica = draw.whole(1, 2)
  const index = draw.whole(0, 5)
  const short = Math.round(draw.pick([20, 90, 400, 1_200]) * SECOND * (0.5 + draw.random.next()))
  switch (kind) {
    case 'apply':
      return drawApply(draw, ingress)
    case 'hosts':
      return { do: kind, ingress, hosts: drawHosts(draw) }
    case 'move':
      return { do: kind, host, from: ingress, to: (ingress + draw.whole(1, 3)) % 4 }
    case 'ask':
      return { do: kind, ingress, value: drawAsk(draw) }
    case 'pause':
      return { do: kind, ingress, value: draw.chance(0.5) }
    case 'group':
      return { do: kind, ingress, group: drawGroup(draw) }
    case 'class':
      return { do: kind, ingress, value: draw.chance(0.5) ? 'alb' : 'nginx' }
    case 'empty':
      return { do: kind, ingress, remove: draw.chance(0.5) }
    case 'recreate':
      return { do: kind, ingress, backup: draw.chance(0.4) }
    case 'delete':
    case 'takeOver':
      return { do: kind, ingress }
    case 'massDelete':
      return { do: kind, restoreAfter: draw.chance(0.6) ? short : null }
    case 'kill':
    case 'terminate':
      return { do: kind, replica, downMs: draw.pick([SECOND, 10 * SECOND, 2 * MINUTE, 20 * MINUTE]) }
    case 'freeze':
      return { do: kind, replica, forMs: short }
    case 'jump':
      return { do: kind, replica, ms: draw.pick([-HOUR, -MINUTE, 10 * SECOND, 5 * MINUTE, 2 * HOUR]) }
    case 'apiDown':
      // Now and then for hours.
      return { do: kind, forMs: draw.chance(0.1) ? 4 * HOUR : short }
    case 'lbcPause':
    case 'lbcSlow':
    case 'manyZones':
      return { do: kind, forMs: short }
    case 'corrupt':
    case 'badName':
      return { do: kind, ingress, forMs: short }
    case 'steal':
      return { do: kind, host, to: ingress }
    case 'flap':
      return { do: kind, ingress, host, times: draw.pick([2, 4, 12]) }
    case 'manyHosts':
      return { do: kind, ingress, count: draw.pick([3, 9, 10, 12]) }
    case 'zoneBusy':
      return { do: kind, zone, forMs: short }
    case 'lowerQuota':
      return { do: kind, of: draw.pick(['certificates', 'requests']), forMs: short }
    case 'retag':
      return { do: kind, index, disowns: draw.chance(0.4) }
    case 'duplicate':
      return { do: kind, index, tagged: draw.chance(0.5), forMs: short }
    case 'detach':
      return { do: kind, index, forMs: short }
    case 'lbcRestart':
      return { do: kind, downMs: short }
    case 'failDomain':
      return { do: kind, host, reason: draw.pick(REASONS), forMs: short }
    case 'neverValidates':
      return { do: kind, host, forMs: short * 2 }
    case 'zoneGone':
      return { do: kind, zone, forMs: short }
    case 'zoneTwin':
      return { do: kind, zone, isPrivate: draw.chance(0.5), forMs: short }
    case 'deleteRecord':
      return { do: kind, host }
    case 'overwriteRecord':
      return { do: kind, host, forMs: short }
    case 'deleteCertificate':
    case 'revoke':
    case 'expire':
      return { do: kind, index }
    case 'balancerGone':
    case 'compact':
    case 'resetWatches':
    case 'loseLedger':
    case 'approve':
      return { do: kind }
  }
}
