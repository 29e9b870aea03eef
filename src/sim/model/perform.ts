import type { Action, DeleteAction, NudgeAction, PublishAction } from '../../core/action.ts'
import type { Certificate } from '../../core/certificate.ts'
import { fingerprintOf, listedArns } from '../../core/ingress.ts'
import { mergeDeleted, mergeRecords, mergeRequested, mergeTagged } from '../../core/observe.ts'
import type { LedgerEntry } from '../../core/ledger.ts'
import type { FailureKind, RecordState } from '../../core/observation.ts'
import { plan } from '../../core/plan.ts'
import { tagsOf } from '../../core/tags.ts'
import { idempotencyToken } from '../../core/wish.ts'
import { removeCertificate, requestCertificate } from './acm.ts'
import { groupOf } from './asked.ts'
import { applyAnnotation, applyNudge } from './cluster.ts'
import type { Decide } from './controller.ts'
import { auditServed } from './law-served.ts'
import { attachedReason, auditDelete, auditPublish, auditRecord, auditRequest } from './law-writes.ts'
import { neededReason } from './law-retire.ts'
import { readLook } from './looks.ts'
import { backOff, claimIn, failed, groupChanged, inputOf, setIngress, succeeded } from './memory.ts'
import type { Memory, Task } from './memory.ts'
import { lettersOf } from './scope.ts'
import type { World } from './world.ts'
import { short, shorts, tell } from './world.ts'

/** How old a read may be on which a destructive write rests. */
export const FRESH = 10_000

export function wouldConfirm(action: PublishAction): boolean {
  return action.confirm.length > 0
}

/** What a mutant may leave out of performing. */
export interface Omissions {
  readonly resourceVersion?: boolean
  readonly freshGroup?: boolean
  readonly listenersBeforeDelete?: boolean
  readonly replanBeforeDelete?: boolean
  readonly confirm?: boolean
}

export interface Hands {
  readonly decide?: Decide
  readonly omit?: Omissions
}

/** Takes what is under way one step further: `loop/perform.ts`, cut where the world may change in between. */
export function stepTask(world: World, key: string, hands: Hands = {}): boolean {
  const task = world.memory.tasks.get(key)
  if (!task) return false
  world.memory.wakeAt = 0
  if (task.merge) {
    end(world, task)
    task.merge(world)
    return true
  }
  if (task.action) perform(world, task, task.action, hands)
  return true
}

/** The answer does not come in time: of a call that was sent, or was not even sent. */
export function loseAnswer(world: World, key: string): boolean {
  const task = world.memory.tasks.get(key)
  if (!task) return false
  tell(world, () => `no answer for ${key}`)
  // What became of the ledger the watch tells.
  if (task.step === 'answer' && /^(ledger|claim):/.test(key)) task.merge?.(world)
  fail(world, task, task.step === 'answer' ? 'ambiguous' : 'transient')
  return true
}

function perform(world: World, task: Task, action: Action, hands: Hands): void {
  switch (action.kind) {
    case 'publish':
      return publish(world, task, action, hands)
    case 'deleteCertificate':
      return deleteCertificate(world, task, action, hands)
    case 'requestCertificate':
      return request(world, task, action)
    case 'createRecord':
      return createRecord(world, task, action)
    case 'remember': {
      const { entry } = action
      const approved = world.ledger.get(entry.key)?.retireApproved ?? entry.retireApproved
      const stored = { ...entry, retireApproved: approved }
      return write(world, task, {
        send: () => {
          tell(world, () => `we remember ${lettersOf(entry.names)}: attempt ${entry.attempt}, ${rememberedOf(entry)}`)
          world.ledger.set(entry.key, stored)
        },
        answer: (memory) => memory.ledger.set(entry.key, stored),
      })
    }
    case 'nudge':
      return nudge(world, task, action)
    case 'tag':
      return write(world, task, {
        send: () => {
          const certificate = world.certificates.get(action.arn)
          const kept = Object.entries(certificate?.tags ?? {}).filter(([key]) => !action.remove.includes(key))
          if (certificate)
            world.certificates.set(action.arn, { ...certificate, tags: { ...Object.fromEntries(kept), ...action.set } })
        },
        answer: (memory, now) => (memory.observation = mergeTagged(memory.observation, action, now)),
      })
    case 'forget':
      return write(world, task, {
        send: () => world.ledger.delete(action.key),
        answer: (memory) => memory.ledger.delete(action.key),
      })
    case 'report': {
      const { entry } = action

      return write(world, task, {
        send: () => {
          const { state, reason } = entry.verdict
          tell(world, () => `we show ${action.ingress.ref.name}: ${state}, ${reason}`)
          world.claims.set(entry.uid, entry)
        },
        answer: (memory) => memory.claims.set(entry.uid, entry),
      })
    }
    case 'countRequests':
    case 'reportPolicy':
      throw new Error('the model has neither budgets nor policies')
    case 'unreport':
      return write(world, task, {
        send: () => world.claims.delete(action.uid),
        answer: (memory) => memory.claims.delete(action.uid),
      })
  }
}

function rememberedOf(entry: LedgerEntry): string {
  const { verdict } = entry.shown
  const certificates = entry.certificates.map(
    ({ arn, unwanted }) =>
      `${short(arn)}${unwanted ? ` unwanted (${unwanted.because}${unwanted.braked ? ', braked' : ''})` : ''}`,
  )
  return [...certificates, `${verdict.state} ${verdict.reason}`].join(', ')
}

function end(world: World, task: Task): void {
  world.memory.tasks.delete(task.key)
  succeeded(world.memory, task)
}

function fail(world: World, task: Task, kind: FailureKind): void {
  world.memory.tasks.delete(task.key)
  world.memory.wakeAt = 0
  backOff(world.memory, task.lanes, kind, world.now)
  if (!(kind === 'conflict' && task.action?.kind === 'publish')) failed(world.memory, task.key, kind, world.now)
}

function outdated(world: World, task: Task): void {
  world.memory.tasks.delete(task.key)
  backOff(world.memory, task.lanes, 'outdated', world.now)
}

function move(world: World, task: Task, change: Partial<Task>): void {
  world.memory.tasks.set(task.key, { ...task, ...change })
}

/** A write in two steps: its effect, and its answer. */
function write(
  world: World,
  task: Task,
  { send, answer }: { send: () => unknown; answer: (memory: Memory, now: number) => unknown },
): void {
  world.law.writes++
  send()
  answerWith(world, task, answer)
}

/** The effect is there; the answer, when it comes, tells the controller. */
function answerWith(world: World, task: Task, merge: (memory: Memory, now: number) => unknown): void {
  move(world, task, { step: 'answer', merge: ({ memory, now }) => void merge(memory, now) })
}

function request(world: World, task: Task, action: Extract<Action, { kind: 'requestCertificate' }>): void {
  const { wish, attempt } = action
  const { owner } = world.scope.settings
  const tags = tagsOf(action, world.scope.settings)
  const token = idempotencyToken({ owner, key: wish.key, attempt })
  world.law.writes++
  const before = world.certificates.size
  const arn = requestCertificate(world, { names: wish.names, token, tags })
  const isNew = world.certificates.size > before
  tell(world, () => `we request ${lettersOf(wish.names)}, attempt ${attempt}: ${short(arn)}`)
  const certificate = world.certificates.get(arn)
  if (certificate) auditRequest(world, { certificate, token, key: wish.key, isNew, attempt })
  const sent: Certificate = {
    arn,
    status: 'PENDING_VALIDATION',
    type: 'AMAZON_ISSUED',
    names: wish.names,
    namesComplete: true,
    keyAlgorithm: wish.keyAlgorithm,
    inUse: false,
    createdAt: task.begun,
    renewalEligible: false,
  }
  answerWith(world, task, (memory) => {
    memory.observation = mergeRequested(memory.observation, sent, tags, task.begun)
  })
}

function createRecord(world: World, task: Task, action: Extract<Action, { kind: 'createRecord' }>): void {
  const place = `${action.zone}/${action.name}`
  if (![...world.zones.values()].includes(action.zone)) return fail(world, task, 'notFound')
  write(world, task, {
    send: () => {
      auditRecord(world, action)
      if (world.records.has(place)) return
      world.records.set(place, action.value)
      tell(world, () => `we write ${action.name}`)
    },
    answer: (memory, then) => {
      const found = world.records.get(place)
      const state: RecordState = found === undefined ? { kind: 'absent' } : { kind: 'cname', value: found, plain: true }
      memory.observation = mergeRecords(memory.observation, action.zone, new Map([[action.name, state]]), then)
    },
  })
}

function publish(world: World, task: Task, action: PublishAction, hands: Hands): void {
  const { memory, now } = world
  const { settings } = world.scope
  const uid = action.ingress.ref.uid
  switch (task.step) {
    case 'confirm': {
      for (const arn of hands.omit?.confirm ? [] : action.confirm) {
        const known = memory.observation.details.get(arn)
        if (!known || now - known.at > FRESH) readLook(world, { kind: 'describe', arn })(world)
        if (memory.observation.details.get(arn)?.value.status !== 'ISSUED') return outdated(world, task)
      }
      return move(world, task, { step: action.members.size > 0 ? 'read' : 'send' })
    }
    case 'read': {
      const fresh = [...world.objects.values()]
        .map((object) => object.ingress)
        .filter((ingress) => groupOf(world, ingress) === action.group && claimIn(ingress, settings).loadBalanced)
      const same =
        fresh.length === action.members.size &&
        fresh.every((ingress) => action.members.get(ingress.ref.uid) === fingerprintOf(ingress))
      if (!same && !hands.omit?.freshGroup) {
        for (const ingress of fresh) setIngress(memory, ingress, settings, now)
        groupChanged(memory, action.group, now)
        return outdated(world, task)
      }
      return move(world, task, { step: 'send', readAt: now, readVersion: world.version })
    }
    case 'send': {
      const before = world.objects.get(uid)
      const outcome = applyAnnotation(world, {
        uid,
        resourceVersion: hands.omit?.resourceVersion ? undefined : action.ingress.resourceVersion,
        arns: action.arns,
        force: action.force,
      })
      world.law.writes++
      if (outcome === 'conflict' || outcome === 'notFound') return fail(world, task, outcome)
      tell(world, () => `we write ${shorts(action.arns)} on ${action.ingress.ref.name}`)
      if (before) auditPublish(world, { task, action, before, readAt: task.readAt })
      const moved = action.members.size > 0 && editedSince(world, task, uid)
      auditServed(world, moved ? 'others' : 'us', before !== undefined && listedArns(before.ingress).length === 0)
      return answerWith(world, task, (known, then) => {
        setIngress(known, outcome, settings, then)
        groupChanged(known, action.group, then)
      })
    }
    case 'look':
    case 'answer':
      throw new Error(`publishing has no step ${task.step}`)
  }
}

/** The load balancer's controller is asked again. */
function nudge(world: World, task: Task, { ingress, count }: NudgeAction): void {
  const { settings } = world.scope
  const outcome = applyNudge(world, { ingress, count })
  world.law.writes++
  if (outcome === 'conflict' || outcome === 'notFound') return fail(world, task, outcome)
  tell(world, () => `we ask for ${ingress.ref.name} again, ${count}`)
  answerWith(world, task, (known, then) => setIngress(known, outcome, settings, then))
}

/** Did a user edit another object between our fresh read and our write? */
function editedSince({ law }: World, task: Task, uid: string): boolean {
  return [...law.edited].some(([other, version]) => other !== uid && version > task.readVersion)
}

function deleteCertificate(world: World, task: Task, action: DeleteAction, hands: Hands): void {
  const { memory, now } = world
  const { settings } = world.scope
  const { arn } = action
  switch (task.step) {
    case 'read': {
      for (const { ingress } of world.objects.values()) setIngress(memory, ingress, settings, now)
      return move(world, task, { step: 'look', readAt: now, neededAtRead: neededReason(world, arn) })
    }
    case 'look': {
      readLook(world, { kind: 'tagsOf', arn })(world)
      if (!hands.omit?.listenersBeforeDelete) {
        readLook(world, { kind: 'loadBalancers' })(world)
        for (const loadBalancer of memory.observation.loadBalancers?.value.keys() ?? [])
          readLook(world, { kind: 'listeners', loadBalancer })(world)
      }
      readLook(world, { kind: 'describe', arn })(world)
      const again = (hands.decide ?? plan)(inputOf(memory, settings, now)).actions.some(
        (other) => other.kind === 'deleteCertificate' && other.arn === arn,
      )
      if ((!again && !hands.omit?.replanBeforeDelete) || now - task.begun > FRESH) return outdated(world, task)
      const needed = task.neededAtRead === undefined ? undefined : neededReason(world, arn)
      return move(world, task, { step: 'send', neededAtRead: needed ?? attachedReason(world, arn) })
    }
    case 'send': {
      if (now - task.begun > FRESH) return outdated(world, task)
      world.law.writes++
      const certificate = world.certificates.get(arn)
      if (certificate?.shownInUse) return fail(world, task, 'conflict')
      tell(world, () => `we delete ${short(arn)}`)
      if (certificate) auditDelete(world, { task, certificate })
      removeCertificate(world, arn)
      auditServed(world, 'us')
      return answerWith(world, task, (known, then) => {
        known.observation = mergeDeleted(known.observation, arn, then)
      })
    }
    case 'confirm':
    case 'answer':
      throw new Error(`a deletion has no step ${task.step}`)
  }
}
