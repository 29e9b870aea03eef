import { SECOND } from '../../core/time.ts'
import type { Exploration } from './explore.ts'
import { manifest, scopeOf } from './scope.ts'
import type { Edit } from './users.ts'

const I = manifest
const SETTLED = { do: 'calm', ms: 400 * SECOND } as const
const hosts = (name: string, letters: string): Edit => ({ kind: 'change', name, to: { hosts: letters } })

const SMALL = { crashes: 0, deletions: 0, ticks: 3, depth: 14, most: 20_000, ends: false }
const TWO = { ...SMALL, takeovers: 1 }

/** Small scopes in which handshakes were lost once, each to be explored whole up to its depth. */
export const EXPLORATIONS: Readonly<Record<string, Exploration>> = {
  'a host moves between two objects': {
    ...SMALL,
    from: { scope: scopeOf([I('I1', 'a'), I('I2', 'ab')]), moves: [SETTLED] },
    edits: [hosts('I1', 'ab'), hosts('I2', 'a')],
  },
  'a host leaves while the other object changes': {
    ...SMALL,
    from: { scope: scopeOf([I('I1', 'ab'), I('I2', 'a')]), moves: [SETTLED] },
    edits: [hosts('I1', 'a'), hosts('I2', 'b')],
  },
  'an edit overtakes a write': {
    ...SMALL,
    from: {
      scope: scopeOf([I('I1', 'ab'), I('I2', 'a')]),
      moves: [
        SETTLED,
        { do: 'hold', what: { names: 'b' } },
        { do: 'user', edit: hosts('I1', 'a') },
        { do: 'until', key: 'object:I1.1', step: 'send' },
        { do: 'calm', ms: 50 * SECOND },
      ],
    },
    edits: [hosts('I1', 'b')],
  },
  'the object that published goes': {
    ...SMALL,
    from: { scope: scopeOf([I('I1', 'a'), I('I2', 'ab')]), moves: [SETTLED] },
    edits: [{ kind: 'delete', name: 'I1' }, hosts('I2', 'a')],
  },
  'an object begins beside discovery': {
    ...SMALL,
    from: { scope: scopeOf([I('I1', 'ab')], { foreign: ['ab'] }), moves: [] },
    edits: [hosts('I1', 'a')],
  },
  'an annotation is taken over and emptied': {
    ...SMALL,
    from: { scope: scopeOf([I('I1', 'a')], { foreign: ['ab'] }), moves: [SETTLED] },
    edits: [
      { kind: 'annotate', name: 'I1', value: 'foreign' },
      { kind: 'annotate', name: 'I1', value: 'empty' },
    ],
  },
  'a crash in a replacement': {
    ...SMALL,
    crashes: 1,
    from: { scope: scopeOf([I('I1', 'a')]), moves: [SETTLED] },
    edits: [hosts('I1', 'ab')],
  },
  'somebody deletes in ACM while an object begins': {
    ...SMALL,
    deletions: 1,
    from: { scope: scopeOf([I('I1', 'a'), I('I2', 'b')]), moves: [{ do: 'calm', ms: 15 * SECOND }] },
    edits: [],
  },
  'of three objects one goes, and another takes its host': {
    ...SMALL,
    from: { scope: scopeOf([I('I1', 'a'), I('I2', 'b'), I('I3', 'a')]), moves: [SETTLED] },
    edits: [{ kind: 'delete', name: 'I1' }, hosts('I2', 'ab')],
  },
  'a host wanders through three objects': {
    ...SMALL,
    from: { scope: scopeOf([I('I1', 'ab'), I('I2', 'b'), I('I3', 'a')]), moves: [SETTLED] },
    edits: [hosts('I2', 'ab'), hosts('I1', 'b')],
  },
  'one of three objects leaves the group': {
    ...SMALL,
    from: { scope: scopeOf([I('I1', 'a'), I('I2', 'a'), I('I3', 'b')]), moves: [SETTLED] },
    edits: [{ kind: 'change', name: 'I1', to: { group: 'h' } }],
  },
  'a crash while three objects change': {
    ...SMALL,
    crashes: 1,
    from: { scope: scopeOf([I('I1', 'a'), I('I2', 'b'), I('I3', 'b')]), moves: [SETTLED] },
    edits: [hosts('I1', 'b'), hosts('I2', 'a')],
  },
  'a crash while an object begins': {
    ...SMALL,
    everyStep: true,
    crashes: 1,
    from: { scope: scopeOf([I('I1', 'ab')]), moves: [] },
    edits: [hosts('I1', 'a')],
  },
  'an object begins, and the lease passes': {
    ...TWO,
    everyStep: true,
    from: { scope: scopeOf([I('I1', 'a'), I('I2', 'a')]), moves: [] },
    edits: [],
  },
  'the lease passes in a replacement': {
    ...TWO,
    from: { scope: scopeOf([I('I1', 'a')]), moves: [SETTLED] },
    edits: [hosts('I1', 'ab')],
  },
  'the lease passes while a host moves': {
    ...TWO,
    from: { scope: scopeOf([I('I1', 'a'), I('I2', 'ab')]), moves: [SETTLED] },
    edits: [hosts('I1', 'ab'), hosts('I2', 'a')],
  },
  'the lease passes while the object that published goes': {
    ...TWO,
    from: { scope: scopeOf([I('I1', 'a'), I('I2', 'ab'), I('I3', 'b')]), moves: [SETTLED] },
    edits: [{ kind: 'delete', name: 'I2' }],
  },
  'the lease passes back and forth beside discovery': {
    ...TWO,
    takeovers: 2,
    from: { scope: scopeOf([I('I1', 'ab')], { foreign: ['ab'] }), moves: [] },
    edits: [hosts('I1', 'a')],
  },
  'the lease passes while an annotation is emptied': {
    ...TWO,
    from: { scope: scopeOf([I('I1', 'a'), I('I2', 'b')]), moves: [SETTLED] },
    edits: [{ kind: 'annotate', name: 'I1', value: 'empty' }],
  },
}
