import { z } from 'zod'
import { problemOfAuthority } from '../core/authority.ts'
import type { Tags } from '../core/certificate.ts'
import { normaliseName, normaliseNames, problemOf } from '../core/names.ts'
import type { RequestBudget } from '../core/settings.ts'
import { parseTagList } from '../core/tag-list.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../core/time.ts'
import type { ZoneRole } from '../core/zone-role.ts'

/**
 * The kinds of value that a setting can have, each a check from what a person wrote (a flag's text, or a YAML scalar) to what the
 * program uses. An issue's message completes the sentence "… has the value X, which …" and holds the cure.
 */

export const text = z
  .string({ error: 'is not text: put it in quotes' })
  .refine((value) => value.trim() !== '', 'is empty: give a value or leave the setting out')

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY }

/** Milliseconds of `24h`, `90s`, `1h30m`, `500ms`, `3d`; `undefined` for anything else. */
export function parseDuration(written: string): number | undefined {
  const parts = [...written.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== written) return undefined
  return Math.round(parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit as string] as number), 0))
}

const DURATION = 'is not a duration: write it like 24h, 90s or 1h30m'

/** A duration in milliseconds, of at least `least`. */
export function duration(least: { milliseconds: number; written: string } = { milliseconds: 0, written: '0s' }) {
  return z
    .string({ error: DURATION })
    .transform((written, context) => {
      const milliseconds = parseDuration(written.trim())
      if (milliseconds === undefined) context.addIssue({ code: 'custom', message: DURATION })
      return milliseconds ?? z.NEVER
    })
    .refine((value) => value >= least.milliseconds, `is too short: give at least ${least.written}`)
}

const SHARE = 'is not a share: write it like 80% or 0.8, above 0 and at most 1'

/** A share in (0, 1]. */
export const share = z.union([z.string(), z.number()], { error: SHARE }).transform((written, context) => {
  const match = typeof written === 'string' ? /^(\d+(?:\.\d+)?)(%?)$/.exec(written.trim()) : [written, written, '']
  const value = Number(match?.[1]) / (match?.[2] === '%' ? 100 : 1)
  if (value > 0 && value <= 1) return value
  context.addIssue({ code: 'custom', message: SHARE })
  return z.NEVER
})

const SHARE_OR_COUNT = 'is neither a share nor a count: write it like 80%, 0.8 or 4000'

/** A share in (0, 1], or a whole number: `80%` and `0.8` are shares, `4000` is a count. */
export const shareOrCount = z
  .union([z.string(), z.number()], { error: SHARE_OR_COUNT })
  .transform((written, context): RequestBudget => {
    const text = String(written).trim()
    if (/^[1-9]\d{0,9}$/.test(text)) return { kind: 'count', count: Number(text) }
    const read = share.safeParse(text)
    if (read.success) return { kind: 'share', share: read.data }
    context.addIssue({ code: 'custom', message: SHARE_OR_COUNT })
    return z.NEVER
  })

const SWITCHES: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  [true, true],
  ['true', true],
  ['on', true],
  [false, false],
  ['false', false],
  ['off', false],
])

/** A boolean; a flag without a value is true. */
export function toggle(words: 'true or false' | 'on or off') {
  return z.unknown().transform((written, context) => {
    const value = SWITCHES.get(written)
    if (value === undefined) context.addIssue({ code: 'custom', message: `is neither: write ${words}` })
    return value ?? z.NEVER
  })
}

export function wholeNumber(from: number, to: number) {
  const message = `is not a whole number from ${from} to ${to}: give one`
  return z
    .union([z.number(), z.string().regex(/^\d+$/, message).transform(Number)], { error: message })
    .refine((value) => Number.isInteger(value) && value >= from && value <= to, message)
}

export function oneOf<const T extends string>(...words: readonly T[]) {
  return z.enum(words, {
    error: `is not one of ${words.slice(0, -1).join(', ')} or ${words.at(-1)}: give one of these`,
  })
}

/**
 * A value that ACM takes for a tag: https://docs.aws.amazon.com/acm/latest/APIReference/API_Tag.html (256 characters; letters, white
 * space, digits and `_.:/=+-@`).
 */
export const tagValue = text
  .refine((value) => Array.from(value).length <= 256, 'is longer than the 256 characters of an ACM tag: shorten it')
  .refine((value) => /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(value), {
    error: 'is not a legal value of an ACM tag: use letters, digits, spaces and _ . : / = + - @ only',
  })

/** `key=value,key=value`: tags that ACM can hold. */
export const tagList = z
  .string({ error: 'is not a list of tags: write it like team=shop,stage=prod' })
  .transform((written, context): Tags => {
    const read = parseTagList(written)
    if ('tags' in read) return read.tags
    context.addIssue({ code: 'custom', message: `is not a list of tags for ACM: ${read.problem}` })
    return z.NEVER
  })

/** The ARN of a private CA. Whether it is of the right region is judged once that is known. */
export const authority = text.transform((written, context): string => {
  const problem = problemOfAuthority(written.trim(), undefined)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  return written.trim()
})

/** `arn,arn`: private CAs; empty is none. */
export const authorities = z
  .string({ error: 'is not a list of ARNs: write it like ARN,ARN' })
  .transform((written, context): readonly string[] => {
    const arns = written
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
    for (const arn of arns) {
      const problem = problemOfAuthority(arn, undefined)
      if (problem !== undefined) context.addIssue({ code: 'custom', message: `has "${arn}", which ${problem}` })
    }
    return arns
  })

/** A name of a Kubernetes object: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names */
export const objectName = text.refine(
  (value) => value.length <= 253 && /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(value),
  {
    error: 'is not a name of a Kubernetes object: use lower-case letters, digits, dots and hyphens only',
  },
)

export const regionName = text.regex(/^[a-z]{2,}(-[a-z]+)+-\d+$/, 'is not an AWS region: write it like eu-central-1')

/** https://docs.aws.amazon.com/acm/latest/APIReference/API_CertificateDetail.html, CertificateArn */
export const certificateArn = text.regex(
  /^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[\w-]+$/,
  'is not the ARN of a certificate: write it like arn:aws:acm:eu-central-1:111122223333:certificate/…',
)

/** Where a server listens; `undefined` is nowhere. */
export type ListenAddress = { readonly host: string | undefined; readonly port: number } | undefined

const ADDRESS = 'is not an address to listen on: write it like :8080, 127.0.0.1:8080 or [::1]:8080, or 0 for none'

/** `:8080` (all interfaces), `127.0.0.1:0` (any free port), `[::1]:8080`; `0` and `off` are none. */
export const listenAddress = z
  .union([z.string(), z.number()], { error: ADDRESS })
  .transform((written, context): ListenAddress => {
    const address = String(written).trim()
    if (address === '0' || address === 'off') return undefined
    const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(address)
    const port = Number(match?.[3])
    if (match && port <= 65_535) return { host: match[1] ?? (match[2] || undefined), port }
    context.addIssue({ code: 'custom', message: ADDRESS })
    return z.NEVER
  })

/** One value, or a list of them. */
export function listOf<T extends z.ZodType>(item: T) {
  return z.preprocess((written) => (Array.isArray(written) ? written : [written]), z.array(item))
}

const ZONE = 'is not a hosted zone: write it like example.com=Z0123456789'

const hostedZone = z.string({ error: ZONE }).transform((written, context): readonly [string, string] => {
  const [name = '', id = ''] = written.split('=').map((part) => part.trim())
  const zone = normaliseName(name)
  const bare = id.replace(/^\/hostedzone\//, '')
  if (isZoneName(zone) && /^Z[A-Z0-9]{1,31}$/.test(bare)) return [zone, bare]
  context.addIssue({ code: 'custom', message: ZONE })
  return z.NEVER
})

/** `example.com=Z123`, once a zone, as a map from the zone's name to its id. */
export const hostedZones = listOf(hostedZone).transform((zones, context): Readonly<Record<string, string>> => {
  const byName = new Map<string, string>()
  for (const [name, id] of zones) {
    const other = byName.get(name)
    if (other !== undefined && other !== id) {
      context.addIssue({
        code: 'custom',
        message: `names two zones for ${name} (${other} and ${id}): keep one of them`,
      })
    }
    byName.set(name, id)
  }
  return Object.fromEntries(byName)
})

const ZONE_ROLE =
  'is not a role for hosted zones: write it like example.org=arn:aws:iam::111122223333:role/dns, and its external id after a comma'

const zoneRole = z.string({ error: ZONE_ROLE }).transform((written, context): ZoneRole => {
  const match = /^\s*([^=\s]+)\s*=\s*(arn:[\w-]+:iam::\d{12}:role\/[\w+=.@/-]+)(?:,([\w+=,.@:/-]{2,1224}))?\s*$/.exec(
    written,
  )
  const suffix = normaliseName(match?.[1] ?? '')
  if (match?.[2] !== undefined && isZoneName(suffix)) return { suffix, arn: match[2], externalId: match[3] }
  context.addIssue({ code: 'custom', message: ZONE_ROLE })
  return z.NEVER
})

/** `example.org=ROLE-ARN` or `example.org=ROLE-ARN,EXTERNAL-ID`, once a suffix. */
export const zoneRoles = listOf(zoneRole).transform((roles, context): readonly ZoneRole[] => {
  const bySuffix = new Map(roles.map((role) => [role.suffix, role]))
  const twice = roles.find((role) => bySuffix.get(role.suffix) !== role)
  if (twice) context.addIssue({ code: 'custom', message: `names ${twice.suffix} twice: keep one of the roles` })
  return roles
})

const NAMES = 'is not a list of DNS names: write it like example.com,example.org'

/** `example.com,example.org`, normalised. */
export const dnsNames = z.string({ error: NAMES }).transform((written, context): readonly string[] => {
  const names = normaliseNames(written.split(','))
  if (names.length > 0 && names.every(isZoneName)) return names
  context.addIssue({ code: 'custom', message: NAMES })
  return z.NEVER
})

/** A zone may be a single label, which no certificate's name can be; a wildcard it cannot be. */
function isZoneName(name: string): boolean {
  return !name.startsWith('*') && problemOf(`zone.${name}`) === undefined
}
