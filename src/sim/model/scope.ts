import type { Settings } from '../../core/settings.ts'
import { MINUTE, SECOND } from '../../core/time.ts'

/** Hosts of the model, by the letter that stories call them by. `w` is the wildcard over `a`, `b` and `c`; `d` and `e` are in another zone; `n` has none. */
export const HOSTS: Readonly<Record<string, string>> = {
  a: 'a.example.com',
  b: 'b.example.com',
  c: 'c.example.com',
  w: '*.example.com',
  d: 'd.other.example',
  e: 'e.other.example',
  n: 'n.nowhere.example',
}

/** `ab` → `['a.example.com', 'b.example.com']`. */
export function hostsOf(letters: string): readonly string[] {
  return letters.split('').map((letter) => HOSTS[letter] ?? letter)
}

/** The other way round, for stories. */
export function lettersOf(names: readonly string[]): string {
  const letters = Object.entries(HOSTS)
  return names.map((name) => letters.find(([, host]) => host === name)?.[0] ?? name).join('')
}

/** An Ingress as its user writes it. */
export interface Manifest {
  readonly name: string
  readonly namespace: string
  readonly hosts: string
  readonly group: string
  /** The value of `certwright.dev/certificate`; undefined: the annotation is absent. */
  readonly asks: string | undefined
  readonly ports: readonly number[]
  readonly paused: boolean
}

export interface Scope {
  readonly ingresses: readonly Manifest[]
  /** Certificates of somebody else that are issued from the beginning, by their hosts. */
  readonly foreign: readonly string[]
  /** Names that never validate, by their letters. */
  readonly bad: string
  readonly settings: Settings
  /** Looks take no time: what lies between reading and merging is not explored. */
  readonly atomicLooks: boolean
}

export const SETTINGS: Settings = {
  cluster: 'model',
  owner: '0123456789ab',
  region: 'eu-west-1',
  maxNamesPerCertificate: 10,
  certificatesPerLoadBalancer: 25,
  retireAfter: 10 * MINUTE,
  retireBrake: true,
  recordCheckInterval: 60 * MINUTE,
  settle: 60 * SECOND,
  hostedZones: {},
  zoneRoles: [],
  watchNamespace: undefined,
  ingressClass: undefined,
  lbcAnnotations: false,
  defaultTags: {},
  defaultAuthority: undefined,
  allowedAuthorities: [],
  rotationConcurrency: 5,
  fallbackCertificate: undefined,
}

export function manifest(name: string, hosts: string, more: Partial<Manifest> = {}): Manifest {
  return { name, hosts, namespace: 'shop', group: 'g', asks: 'true', ports: [443], paused: false, ...more }
}

export function scopeOf(ingresses: readonly Manifest[], more: Partial<Scope> = {}): Scope {
  return { ingresses, foreign: [], bad: '', settings: SETTINGS, atomicLooks: true, ...more }
}
