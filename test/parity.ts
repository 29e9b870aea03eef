import { SITUATIONS } from '../src/sim/contestant/situations.ts'
import { REFERENCE_DEFECTS, storiesOf } from './laws/reference-defects.ts'

/** A check of the reference's own tests, in our words, and the story or test of ours that shows the same, or why there is none. */
interface Check {
  readonly says: string
  /** `file: title`. */
  readonly shownBy?: string
  readonly except?: string
}

const LIFE = 'test/stories/life.test.ts'
const ZONES = 'test/stories/zones.test.ts'
const CLAIMS = 'test/stories/claims.test.ts'
const SERVING = 'test/stories/serving.test.ts'
const FAILURES = 'test/stories/failures.test.ts'
const AUTHORITY = 'test/stories/authority.test.ts'
const STANDBY = 'test/stories/standby.test.ts'
const NAMES = 'src/core/names.test.ts: %s covers %s: %s'

const SERVED = `${LIFE}: an annotated Ingress is served with a verified certificate, and says so`
const ADDED = `${LIFE}: a host that is added is served beside the old certificate before the old one goes`
const PENDING = `${FAILURES}: a certificate that nobody can validate is requested once in 72 h, then given up by ACM, and backed off`
const LONGEST = `${ZONES}: the zone with the longest suffix of a name gets its record, and a wildcard’s goes where its base belongs`
const SHARED = `${SERVING}: a second Ingress that wishes the same certificate shares it, across namespaces`
const DEFAULTS = `${AUTHORITY}: the default CA signs unless an Ingress names another, or amazon; an empty value says nothing`
const DISCOVERY =
  "does not apply: which certificates it finds by itself is the load balancer controller's own affair, before and after us"

/** The 45 checks of the reference's tests, in their order. */
export const CHECKS: readonly Check[] = [
  { says: 'from nothing to an issued certificate with its record', shownBy: SERVED },
  {
    says: 'a certificate that is there already is taken, and nothing is requested',
    shownBy: `${LIFE}: at rest a restart writes nothing and requests nothing`,
  },
  { says: 'a host more is another certificate, with records in each zone', shownBy: ADDED },
  {
    says: 'a certificate that stays pending is given up and requested again (we keep it for the 72 h that ACM tries)',
    shownBy: PENDING,
  },
  {
    says: 'what nobody wants any more goes',
    shownBy: `${LIFE}: the certificate of a deleted Ingress is retired after its grace period, and its record stays`,
  },
  {
    says: 'without a hosted zone nothing is requested for the name',
    shownBy: `${ZONES}: a name without a zone is left out and said, and the rest is requested and served`,
  },
  { says: 'equal certificates match', shownBy: SHARED },
  { says: 'one with fewer names does not match', shownBy: ADDED },
  {
    says: 'a young pending certificate matches',
    shownBy:
      'test/stories/failures.test.ts: the claim of a pending certificate says since when, until when, and which names are late',
  },
  { says: 'an old pending certificate matches as well', shownBy: PENDING },
  {
    says: 'a public certificate is none of a private CA, nor the other way round',
    shownBy: `${AUTHORITY}: another CA re-issues, make before break, and so does going back to a public certificate`,
  },
  {
    says: 'another domain name is another certificate',
    shownBy: `${SERVING}: a host that moves to an Ingress in another namespace is served without a gap`,
  },
  {
    says: 'tags tell whose a certificate is',
    shownBy: `${AUTHORITY}: a restart knows its private certificates by their tags, and the ledger is not needed`,
  },
  {
    says: 'other tags are somebody else’s',
    shownBy:
      'test/stories/tags.test.ts: a certificate from which somebody takes our tags is ours no more: another serves, and it stays untouched',
  },
  {
    says: 'an empty list is one',
    shownBy:
      'test/stories/absent-world.test.ts: a list of certificates as it was before there were any reduces nothing and requests nothing',
  },
  { says: 'without a host there is nothing to certify', shownBy: 'src/sources/ingress.test.ts: are missing where %s' },
  { says: 'one host, one name', shownBy: SERVED },
  {
    says: 'several hosts are sorted',
    shownBy: `${CLAIMS}: case, a trailing dot, doubles and order make no other certificate`,
  },
  {
    says: 'a wildcard may be the domain name',
    shownBy: 'test/stories/records.test.ts: a wildcard and its base share one record',
  },
  {
    says: 'an explicit ARN wants none of ours',
    shownBy: `${SERVING}: a user who writes the annotation himself takes over at once`,
  },
  { says: 'a default CA signs', shownBy: DEFAULTS },
  { says: 'a CA of the object signs', shownBy: DEFAULTS },
  { says: "the object's CA wins over the default", shownBy: DEFAULTS },
  { says: 'no wildcard stands in a tag', except: 'does not apply: our tags hold a hash of the names, never a name' },
  {
    says: 'without TLS there is no certificate',
    shownBy: `${CLAIMS}: once an HTTPS port is added to an Ingress that had none, it is served`,
  },
  {
    says: 'an explicit ARN is served',
    shownBy: `${STANDBY}: a certificate is issued beside an explicit ARN, and takes over when that is removed, without a handshake lost`,
  },
  {
    says: 'an explicit ARN wins over a managed one',
    shownBy: `${STANDBY}: a certificate is issued beside an explicit ARN, and takes over when that is removed, without a handshake lost`,
  },
  { says: 'a managed certificate is served on 443', shownBy: SERVED },
  {
    says: 'explicit ARNs of two members are both served',
    shownBy: `${SERVING}: what discovery serves is carried over at the first publication, and leaves once ours is served`,
  },
  {
    says: 'managed certificates of two members are both served',
    shownBy: `${SERVING}: a host that moves between Ingresses of one group is served without a gap`,
  },
  {
    says: 'explicit and managed ones of three members are all served',
    shownBy: `${SERVING}: an Ingress of a group that is Held is lent a certificate, and a path change on another is live`,
  },
  { says: 'discovery reads all certificates', except: DISCOVERY },
  { says: 'discovery leaves managed ones out', except: `${DISCOVERY}; ours never carry its tags` },
  { says: 'discovery leaves out those of other clusters', except: `${DISCOVERY}; ours never carry its tags` },
  { says: 'an exact name covers its host', shownBy: NAMES },
  { says: 'an exact name covers no other host', shownBy: NAMES },
  { says: 'a wildcard covers one label', shownBy: NAMES },
  { says: 'a wildcard does not cover its base', shownBy: NAMES },
  { says: 'a wildcard does not cover two labels', shownBy: NAMES },
  { says: 'a zone answers for its apex', shownBy: LONGEST },
  { says: 'a zone answers for a wildcard two labels below it', shownBy: LONGEST },
  { says: 'the zone with the longest suffix wins', shownBy: LONGEST },
  { says: 'end to end: a public certificate', shownBy: SERVED },
  { says: 'end to end: a wildcard', shownBy: LONGEST },
  {
    says: 'end to end: a private CA',
    shownBy: `${AUTHORITY}: a private CA signs without DNS, for a name that no public zone knows, within seconds`,
  },
]

/** docs/parity.md, whole. */
export function parityPage(): string {
  const checks = CHECKS.map(({ says, shownBy, except }, index) =>
    row([String(index + 1), says, shownBy ?? except ?? '']),
  )
  const defects = REFERENCE_DEFECTS.map((defect) => {
    const stories = storiesOf(defect).map(
      (story) => `${story} (it: ${SITUATIONS.find((one) => one.story === story)?.outcome})`,
    )
    return row([defect.id, defect.sentence, stories.join('; ') || `no story: ${defect.unshown}`])
  })
  return [
    '# Parity with the AWS Load Balancer Controller’s own certificates',
    '',
    'Version 3.3 of that controller brought a certificate feature of its own (`create-acm-cert`). This page is made by `test/parity.test.ts`, which fails',
    'where it names a test that does not exist; `node_modules/.bin/vitest run test/parity.test.ts -u` writes it anew.',
    '',
    '## What its tests check',
    '',
    row(['', 'check', 'shown by']),
    row(['---', '---', '---']),
    ...checks,
    '',
    '## Its defects',
    '',
    'Each story is played twice (`test/laws/reference.test.ts`): with the reference’s algorithm the laws name the defect, with Certwright they all hold.',
    '',
    row(['', 'defect', 'story']),
    row(['---', '---', '---']),
    ...defects,
    '',
  ].join('\n')
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}
