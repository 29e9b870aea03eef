import { HOUR, MINUTE, SECOND } from '../../core/time.ts'
import { validationRecord } from './acm.ts'
import type { Move } from './moves.ts'
import type { Run } from './run.ts'
import type { Manifest, Scope } from './scope.ts'
import { manifest, scopeOf, SETTINGS } from './scope.ts'
import type { Edit } from './users.ts'
import type { Holds } from './world.ts'

/** A row of the list of lost handshakes, as a run: every law must hold on the way and in the end. */
export interface Story {
  readonly row: number
  readonly name: string
  readonly run: Run
}

const user = (edit: Edit): Move => ({ do: 'user', edit })
const change = (name: string, to: Partial<Manifest>): Move => user({ kind: 'change', name, to })
const hosts = (name: string, letters: string): Move => change(name, { hosts: letters })
const remove = (name: string): Move => user({ kind: 'delete', name })
const create = (of: Manifest): Move => user({ kind: 'create', manifest: of })
const annotate = (name: string, value: 'empty' | 'foreign' | 'own'): Move => user({ kind: 'annotate', name, value })
const calm = (seconds: number): Move => ({ do: 'calm', ms: seconds * SECOND })
const hold = (what: Partial<Holds>): Move => ({ do: 'hold', what })
const lbc = (group = 'group/g'): Move => ({ do: 'lbc', group })
const until = (key: string, step: 'read' | 'send' | 'look'): Move => ({ do: 'until', key, step })
const task = (key: string): Move => ({ do: 'task', key })
const served = (name: string, letters: string): Move => ({ do: 'served', name, letters })
const certificate = (label: string) => `arn:aws:acm:eu-west-1:111122223333:certificate/${label}`

function story(row: number, name: string, scope: Scope, moves: readonly Move[]): Story {
  return { row, name, run: { scope, moves } }
}

const I = manifest

const MANY = ['a', 'b', 'c', 'd', 'e'].map((letter, index) => I(`I${index + 1}`, letter))

/** More calls than a reconcile of the stories takes. */
const RECONCILED = Array.from({ length: 6 }, () => lbc())

const SOON: Move = { do: 'tick', ms: 4 * SECOND }

/** Long enough for everything to be issued, published, settled and for what is not needed to have left. */
const SETTLED = calm(400)

export const STORIES: readonly Story[] = [
  story(
    0,
    'a name that never validates holds up nobody, and is asked for again after 72 hours and one more',
    scopeOf([I('I1', 'ab'), I('I2', 'c')], { bad: 'b' }),
    [
      calm(900),
      served('I1', 'a'),
      served('I2', 'c'),
      { do: 'tick', ms: 72 * HOUR + 10 * MINUTE },
      calm(7200),
      served('I1', 'a'),
    ],
  ),
  story(0, 'a mass deletion stops at the brake until somebody approves', scopeOf(MANY), [
    SETTLED,
    ...MANY.map(({ name }) => remove(name)),
    calm(3 * 3600),
    { do: 'approve' },
    calm(3600),
  ]),
  story(0, 'lists that come back empty prove nothing', scopeOf([I('I1', 'b'), I('I2', 'a')], { bad: 'b' }), [
    calm(4400),
    hold({ lists: true }),
    { do: 'loseLedger' },
    calm(3600),
    served('I2', 'a'),
  ]),
  story(0, 'a typo in an annotation loses no certificate that is on its way', scopeOf([I('I1', 'a')]), [
    SETTLED,
    hold({ names: 'b' }),
    hosts('I1', 'ab'),
    calm(100),
    change('I1', { asks: 'ture' }),
    calm(2400),
    served('I1', 'a'),
  ]),
  story(0, 'a refused object keeps its certificate, and its records', scopeOf([I('I1', 'a')]), [
    SETTLED,
    change('I1', { asks: 'ture' }),
    calm(600),
    { do: 'record', name: `Z1/${validationRecord('a.example.com').name}`, value: undefined },
    calm(2 * 3600),
    served('I1', 'a'),
  ]),
  story(
    1,
    'a host moves to another object, and the old one keeps listing its certificate until the new one is served',
    scopeOf([I('I1', 'c'), I('I2', 'ab'), I('I3', 'a')]),
    [
      SETTLED,
      hold({ names: 'b' }),
      change('I1', { hosts: 'bc', paused: true }),
      hosts('I2', 'a'),
      SETTLED,
      served('I1', 'b'),
    ],
  ),
  story(
    2,
    'two objects list the certificate of a third, and do not drop it both at once',
    scopeOf([I('I1', 'a'), I('I2', 'a'), I('I3', 'a')], { foreign: ['d'] }),
    [SETTLED, annotate('I3', 'foreign'), hosts('I1', 'b'), hosts('I2', 'c'), SETTLED, served('I3', 'a')],
  ),
  story(3, 'an edit overtakes a write that was planned before it', scopeOf([I('I1', 'ab'), I('I2', 'a')]), [
    SETTLED,
    hosts('I1', 'a'),
    until('object:I1.1', 'send'),
    hold({ names: 'b' }),
    until('object:I1.1', 'read'),
    task('object:I1.1'),
    hosts('I1', 'b'),
    task('object:I1.1'),
    SETTLED,
    served('I1', 'b'),
  ]),
  story(
    4,
    'an edit of a neighbour comes before the fresh read of a write that takes an ARN out',
    scopeOf([I('I1', 'ab'), I('I2', 'a')]),
    [
      SETTLED,
      hosts('I1', 'a'),
      hold({ names: 'b' }),
      until('object:I1.1', 'send'),
      until('object:I1.1', 'read'),
      hosts('I2', 'b'),
      task('object:I1.1'),
      task('object:I1.1'),
      SETTLED,
      served('I2', 'b'),
    ],
  ),
  story(
    5,
    'the load balancer controller is still at work on an older state when our look finds the certificate',
    scopeOf([I('I1', 'ab'), I('I2', 'a')]),
    [
      SETTLED,
      hold({ lbc: true }),
      remove('I1'),
      lbc(),
      hosts('I2', 'ab'),
      calm(30),
      hold({ lbc: false }),
      SETTLED,
      served('I2', 'ab'),
    ],
  ),
  story(6, 'the first write carries over what discovery serves', scopeOf([I('I1', 'ab')], { foreign: ['ab'] }), [
    SETTLED,
    served('I1', 'ab'),
  ]),
  story(
    6,
    'hosts that ours do not cover keep what discovery found, for good',
    scopeOf([I('I1', 'an')], { foreign: ['n'] }),
    [SETTLED, served('I1', 'an'), calm(3000), served('I1', 'an')],
  ),
  story(
    7,
    'an annotation is emptied after a takeover, and discovery has begun to serve',
    scopeOf([I('I1', 'ac')], { foreign: ['ab'] }),
    [
      calm(800),
      hold({ lbc: true }),
      annotate('I1', 'foreign'),
      ...RECONCILED,
      annotate('I1', 'empty'),
      SOON,
      SOON,
      calm(20),
      hold({ lbc: false }),
      SETTLED,
      served('I1', 'ac'),
    ],
  ),
  story(
    8,
    'an object is deleted and created again, and the last look is older than the new one',
    scopeOf([I('I1', 'a'), I('I2', 'c')], { foreign: ['ab'] }),
    [
      calm(800),
      hold({ lbc: true }),
      annotate('I1', 'foreign'),
      ...RECONCILED,
      remove('I1'),
      ...RECONCILED,
      create(I('I1', 'a')),
      lbc(),
      lbc(),
      SOON,
      SOON,
      calm(20),
      hold({ lbc: false }),
      SETTLED,
      served('I1', 'a'),
    ],
  ),
  story(9, 'what was issued and never published serves as cover when the wish has grown', scopeOf([I('I1', 'a')]), [
    calm(15),
    { do: 'tick', ms: 4 * SECOND },
    hold({ names: 'b' }),
    { do: 'tick', ms: 4 * SECOND },
    hosts('I1', 'ab'),
    calm(120),
    served('I1', 'a'),
    calm(3000),
    served('I1', 'a'),
  ]),
  story(10, 'a restart in the middle of a replacement keeps what serves meanwhile', scopeOf([I('I1', 'a')]), [
    SETTLED,
    hold({ names: 'b' }),
    hosts('I1', 'ab'),
    calm(700),
    { do: 'crash' },
    { do: 'turn' },
    { do: 'turn' },
    { do: 'turn' },
    calm(3000),
    served('I1', 'a'),
  ]),
  story(
    11,
    'a listener still carries it though ACM says that nothing uses it',
    scopeOf([I('I1', 'a', { group: 'h' }), I('I2', 'a', { asks: undefined })], { foreign: ['c'] }),
    [
      hold({ inUse: true }),
      SETTLED,
      calm(700),
      hold({ lbc: true }),
      hosts('I1', 'b'),
      hosts('I2', 'c'),
      calm(300),
      hold({ lbc: true }),
      lbc('group/h'),
      lbc('group/h'),
      lbc('group/h'),
      lbc('group/h'),
      lbc('group/h'),
      calm(1500),
    ],
  ),
  story(12, 'a listed certificate that somebody deleted leaves at once', scopeOf([I('I1', 'a'), I('I2', 'c')]), [
    hold({ lbc: true }),
    calm(60),
    { do: 'acm', arn: certificate('a-1'), step: 'vanish' },
    hold({ lbc: false }),
    calm(1800),
    served('I1', 'a'),
    served('I2', 'c'),
  ]),
  story(13, 'a backup is played back: the annotation is still ours', scopeOf([I('I1', 'a')]), [
    SETTLED,
    user({ kind: 'restore', name: 'I1' }),
    SETTLED,
    hosts('I1', 'ab'),
    SETTLED,
    served('I1', 'ab'),
  ]),
  story(
    13,
    'a backup is played back, and then the object opts out',
    scopeOf([I('I1', 'a'), I('I2', 'a', { group: 'h' })]),
    [SETTLED, user({ kind: 'restore', name: 'I1' }), change('I1', { asks: undefined }), SETTLED],
  ),
  story(
    14,
    'an object opts out, and another wishes the certificate that covers it',
    scopeOf([I('I1', 'a'), I('I2', 'ab', { group: 'h' })]),
    [SETTLED, hosts('I1', 'ab'), calm(20), change('I1', { asks: undefined, hosts: 'a' }), SETTLED],
  ),
  story(15, 'a new member without any certificate does not freeze its group', scopeOf([I('I1', 'a')]), [
    SETTLED,
    create(I('I2', 'n')),
    SETTLED,
    hosts('I1', 'ab'),
    SETTLED,
    served('I1', 'ab'),
  ]),
  story(
    17,
    'discovery has attached a certificate that the list still calls pending',
    scopeOf([I('I1', 'ab'), I('I2', 'a', { group: 'h' })]),
    [
      hold({ names: 'ab', lbc: true }),
      calm(40),
      hold({ names: '' }),
      { do: 'acm', arn: certificate('ab-1'), step: 'validate' },
      hold({ lbc: false }),
      ...Array.from({ length: 6 }, () => lbc()),
      { do: 'deliver' },
      { do: 'deliver' },
      { do: 'turn' },
      { do: 'tick', ms: 3 * SECOND },
      { do: 'turn' },
      { do: 'tick', ms: 4 * SECOND },
      { do: 'acm', arn: certificate('a-1'), step: 'validate' },
      { do: 'acm', arn: certificate('a-1'), step: 'status' },
      { do: 'turn' },
      { do: 'turn' },
      task('object:I1.1'),
      task('object:I1.1'),
      SETTLED,
      served('I1', 'ab'),
    ],
  ),
  story(18, 'a user sets the very certificate that was carried over', scopeOf([I('I1', 'a')], { foreign: ['a'] }), [
    calm(40),
    annotate('I1', 'foreign'),
    SETTLED,
  ]),
  story(19, 'a zone goes, and a host with a zone is added', scopeOf([I('I1', 'd')]), [
    SETTLED,
    { do: 'zone', name: 'other.example', there: false },
    calm(400),
    hosts('I1', 'ad'),
    calm(300),
    served('I1', 'ad'),
  ]),
  story(
    20,
    'the wish comes back while its certificate is being deleted',
    scopeOf([I('I1', 'a'), I('I2', 'b')], { settings: { ...SETTINGS, retireAfter: MINUTE } }),
    [
      SETTLED,
      remove('I1'),
      until(`arn:${certificate('a-1')}`, 'send'),
      create(I('I1', 'a')),
      task(`arn:${certificate('a-1')}`),
      SETTLED,
      served('I1', 'a'),
    ],
  ),
]
