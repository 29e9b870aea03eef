import { type Mutant, patch } from './mutant.ts'
import { deed } from './needs.ts'
import { applied, at, IN_FLIGHT, MINUTE, QUICK, script, scripts, takenOverInFlight } from './stages.ts'

/** Make before break: what is listed, when it comes and when it goes, and whose it is. */
export const PUBLISHING: readonly Mutant[] = [
  {
    name: 'the old certificate leaves in the write that brings the new one',
    breaks: 'Between the two the load balancer serves nothing for the host.',
    expected: ['S1'],
    world: 'program',
    patches: [
      patch(
        'core/publish.ts',
        'action: write(context, [...alive, ...admitted]) }',
        'action: write(context, admitted) }',
      ),
    ],
  },
  {
    name: 'the old certificate leaves as soon as the new one is listed',
    first: 10,
    breaks: 'The load balancer has not attached the new one yet when the old one goes.',
    expected: ['S1'],
    world: 'program',
    patches: [
      patch(
        'core/situation.ts',
        'return since !== undefined && since > group.changedAt && looks.at - since >= settings.settle',
        'return since === undefined || since > 0 || settings.settle < 0',
      ),
    ],
  },
  {
    name: 'served is what one listener of two serves',
    stage: script(
      [
        at(0, applied(0, [0])),
        at(20, { do: 'lbcPause', forMs: 60 * MINUTE }),
        at(20.1, applied(0, [0], { ports: [443, 8443] })),
      ],
      { aws: QUICK },
    ),
    breaks: 'A certificate leaves though its successor is missing on the second port.',
    expected: ['S1', 'O1'],
    because: 'Ready is said by the same rule',
    world: 'program',
    patches: [
      patch(
        'core/situation.ts',
        'ports.every((port) => {\n        const since',
        'ports.some((port) => {\n        const since',
      ),
      patch('core/situation.ts', 'ports.every((port) => carriedBy(looks)', 'ports.some((port) => carriedBy(looks)'),
    ],
  },
  {
    name: 'a write has no precondition and takes every conflict',
    first: 7,
    stage: scripts(takenOverInFlight, IN_FLIGHT),
    breaks: 'What somebody wrote a moment before is overwritten.',
    expected: ['S2', 'S1'],
    because: 'what is overwritten may be the only cover of a host',
    world: 'program',
    patches: [
      patch(
        'loop/perform.ts',
        'const metadata = { namespace, name, uid, resourceVersion: ingress.resourceVersion }',
        'const metadata = { namespace, name, uid }',
      ),
      patch(
        'loop/perform.ts',
        'fieldManager: FIELD_MANAGER, force, object',
        'fieldManager: FIELD_MANAGER, force: true, object',
      ),
    ],
  },
  {
    name: 'departures rest on the cache',
    stage: script([at(0, applied(0, [0])), at(10, { do: 'hosts', ingress: 0, hosts: [0, 1] })], { aws: QUICK }),
    breaks: 'An edit that the watch has not told yet loses its host.',
    expected: ['S5', 'S1'],
    because: 'the departure rests on an old read, whether or not a host loses by it',
    world: 'program',
    patches: [patch('loop/perform.ts', 'if (action.dropped.length > 0) await confirmGroup(action, hands, signal)', '')],
  },
  {
    name: 'what is published is not asked for right before',
    stage: scripts(
      (seed) => [
        at(0, applied(0, [0])),
        at(10, { do: 'hosts', ingress: 0, hosts: [0, 1] }),
        at(10.7 + (seed % 20) / 6, { do: 'revoke', index: 1 }),
      ],
      { aws: QUICK },
    ),
    breaks: 'A certificate that somebody deleted or revoked is listed, and the load balancer is not built any more.',
    expected: ['S1', 'L1'],
    world: 'program',
    patches: [
      patch('loop/perform.ts', 'for (const arn of action.confirm) await confirmIssued(arn, hands, signal)', ''),
    ],
  },
  {
    name: 'a certificate is published before it is issued',
    breaks: 'The load balancer does not take it, and stops building the whole group.',
    expected: ['S1'],
    world: 'program',
    patches: [
      patch(
        'core/inventory.ts',
        'const healthy = inventory.byKey.get(key)?.filter((entry) => isHealthy(entry.certificate, now)) ?? []',
        "const healthy = inventory.byKey.get(key)?.filter((entry) => isHealthy(entry.certificate, now) || entry.certificate.status === 'PENDING_VALIDATION') ?? []",
      ),
      patch('loop/perform.ts', "if (recent() !== 'ISSUED') throw new Outdated(`${arn} is not issued`)", ''),
    ],
  },
  {
    name: 'what somebody took over is taken back',
    stage: script([at(0, applied(0, [0])), at(10, { do: 'takeOver', ingress: 0 })], { foreign: [[0]] }),
    breaks: 'A user who writes an ARN of their own is overruled.',
    expected: ['S2'],
    world: 'program',
    patches: [
      patch(
        'core/situation.ts',
        ": { kind: 'foreign' }\n  const carries",
        ": { kind: 'ours', restored: true }\n  const carries",
      ),
    ],
  },
  {
    name: 'paused objects are written',
    first: 20,
    needs: deed('pause', { which: ({ value }) => value }),
    breaks: 'An administrator who pauses an object to mend it finds it changed.',
    expected: ['S2'],
    world: 'program',
    patches: [patch('core/publish.ts', 'if (claim.paused) return { ...NOTHING, additions }', '')],
  },
  {
    name: 'opting out withdraws at once',
    stage: script([at(0, applied(0, [0])), at(20, { do: 'ask', ingress: 0, value: 'false' })], { aws: QUICK }),
    breaks: 'An object that opts out loses its TLS before anything else can serve it.',
    expected: ['S1'],
    world: 'program',
    patches: [
      patch(
        'core/publish.ts',
        'if (!covered || othersLose({ from: member, group, situation })) return { ...NOTHING, stuck: true }',
        'if (!covered && now < 0) return { ...NOTHING, stuck: true }',
      ),
    ],
  },
  {
    name: 'opting out looks at its own hosts only',
    stage: script(
      [
        at(0, applied(0, [1])),
        at(0.1, applied(1, [2])),
        // Its own annotation is not touched, and the other's is what it is served by.
        at(19, { do: 'pause', ingress: 1, value: true }),
        at(20, { do: 'hosts', ingress: 1, hosts: [1] }),
        at(22, { do: 'hosts', ingress: 0, hosts: [0] }),
        at(40, { do: 'ask', ingress: 0, value: 'false' }),
      ],
      { aws: QUICK, foreign: [[0]] },
    ),
    breaks: 'Another object of the load balancer was served by the ARN that is withdrawn.',
    expected: ['S1'],
    world: 'program',
    patches: [
      patch('core/publish.ts', 'if (!covered || othersLose({ from: member, group, situation }))', 'if (!covered)'),
    ],
  },
  {
    name: 'the first write lists only ours (whole program)',
    stage: script([at(0, applied(0, [0], { asks: 'false' })), at(20, { do: 'ask', ingress: 0, value: 'true' })], {
      foreign: [[0]],
    }),
    breaks: 'What discovery serves is gone before ours is attached.',
    expected: ['S1'],
    world: 'program',
    patches: [
      patch(
        'core/publish.ts',
        'const carried = admit(context, discovered(context, group, first))',
        'const carried = { admitted: [] as readonly Arn[], full: false }',
      ),
    ],
  },
  {
    name: 'the newest ARN comes first (whole program)',
    breaks: 'Clients without SNI get another certificate at each replacement.',
    expected: ['S9'],
    world: 'program',
    patches: [
      patch('core/publish.ts', 'write(context, [...alive, ...admitted])', 'write(context, [...admitted, ...alive])'),
    ],
  },
  {
    name: 'Ready is said once the certificate is listed',
    stage: script(
      [
        at(0, { do: 'neverValidates', host: 0, forMs: 20 * MINUTE }),
        at(0.1, applied(0, [0])),
        at(15, { do: 'lbcPause', forMs: 60 * MINUTE }),
      ],
      { aws: QUICK },
    ),
    breaks: 'A pipeline that waits for Ready goes on while the load balancer has nothing.',
    expected: ['O1'],
    world: 'program',
    patches: [
      patch(
        'core/phases/attach.ts',
        'if (!group || !isAttached(group, member.claim.httpsPorts, arn)) {',
        'if (!group) {',
      ),
    ],
  },
]
