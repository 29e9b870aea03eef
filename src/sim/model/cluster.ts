import { fingerprintOf, INGRESS_CERTIFICATE_ANNOTATION, listedArns, NUDGE_ANNOTATION } from '../../core/ingress.ts'
import type { Ingress } from '../../core/ingress.ts'
import { groupOf } from './asked.ts'
import { auditServed } from './law-served.ts'
import type { Manifest } from './scope.ts'
import { hostsOf } from './scope.ts'
import type { AnnotationOwner, StoredObject, World } from './world.ts'

/** Writes an object as the API server does: a new version, a watch event, and news for the load balancer's controller. */
export function store(world: World, object: { ingress: Ingress; owner: AnnotationOwner }): Ingress {
  const uid = object.ingress.ref.uid
  const before = world.objects.get(uid)
  world.version++
  const ours = object.owner === 'us' || object.owner === 'both'
  const ingress: Ingress = { ...object.ingress, resourceVersion: String(world.version), annotationIsOurs: ours }
  world.objects.set(uid, { ingress, owner: object.owner })
  world.events.push({ kind: 'set', ingress })
  if (!before || fingerprintOf(before.ingress) !== fingerprintOf(ingress)) {
    if (before) touch(world, groupOf(world, before.ingress))
    touch(world, groupOf(world, ingress))
  }
  return ingress
}

export function removeObject(world: World, uid: string): void {
  const object = world.objects.get(uid)
  if (!object) return
  world.objects.delete(uid)
  world.events.push({ kind: 'delete', ingress: object.ingress })
}

/** Something of the group changed: the load balancer's controller will reconcile it. */
export function touch(world: World, group: string): void {
  const state = world.groups.get(group) ?? { dirty: false, run: undefined, retryAt: 0, failures: 0 }
  world.groups.set(group, { ...state, dirty: true, retryAt: 0, failures: 0 })
}

export function createObject(world: World, manifest: Manifest, annotation?: string): Ingress {
  world.uids++
  const uid = `${manifest.name}.${world.uids}`
  const ingress = written(
    {
      ref: { kind: 'Ingress', namespace: manifest.namespace, name: manifest.name, uid },
      resourceVersion: '0',
      generation: 1,
      createdAt: world.now,
      deleting: false,
      annotations: annotation === undefined ? {} : { [INGRESS_CERTIFICATE_ANNOTATION]: annotation },
      ingressClassName: 'alb',
      hosts: [],
      annotationIsOurs: false,
      hostnames: [],
    },
    manifest,
  )
  world.law.edited.set(uid, world.version + 1)
  return store(world, { ingress, owner: annotation === undefined ? 'nobody' : 'other' })
}

/** The object as its manifest says; the certificate annotation is another's business. */
export function written(ingress: Ingress, manifest: Manifest): Ingress {
  const annotation = ingress.annotations[INGRESS_CERTIFICATE_ANNOTATION]
  const nudge = ingress.annotations[NUDGE_ANNOTATION]
  return {
    ...ingress,
    hosts: hostsOf(manifest.hosts),
    annotations: {
      'alb.ingress.kubernetes.io/listen-ports': JSON.stringify(manifest.ports.map((port) => ({ HTTPS: port }))),
      'alb.ingress.kubernetes.io/group.name': manifest.group,
      ...(manifest.asks === undefined ? {} : { 'certwright.dev/certificate': manifest.asks }),
      ...(manifest.paused ? { 'certwright.dev/paused': 'true' } : {}),
      ...(annotation === undefined ? {} : { [INGRESS_CERTIFICATE_ANNOTATION]: annotation }),
      ...(nudge === undefined ? {} : { [NUDGE_ANNOTATION]: nudge }),
    },
  }
}

export function withAnnotation(ingress: Ingress, value: string | undefined): Ingress {
  const { [INGRESS_CERTIFICATE_ANNOTATION]: _, ...others } = ingress.annotations
  return {
    ...ingress,
    annotations: value === undefined ? others : { ...others, [INGRESS_CERTIFICATE_ANNOTATION]: value },
  }
}

export type ApplyOutcome = 'conflict' | 'notFound' | Ingress

/** Our server-side apply of the annotation alone, with a precondition. */
export function applyAnnotation(
  world: World,
  request: { uid: string; resourceVersion: string | undefined; arns: readonly string[]; force: boolean },
): ApplyOutcome {
  const object = world.objects.get(request.uid)
  if (!object) return 'notFound'
  const { owner } = object
  if (request.resourceVersion !== undefined && object.ingress.resourceVersion !== request.resourceVersion)
    return 'conflict'
  // What an apply leaves out goes.
  const ingress = withoutNudge(object.ingress)
  const value = request.arns.length > 0 ? request.arns.join(',') : undefined
  const theirs = owner === 'other' || owner === 'both'
  const current = ingress.annotations[INGRESS_CERTIFICATE_ANNOTATION]
  if (value === undefined) {
    // What an apply leaves out goes only if nobody else owns it; by force it is removed with a patch.
    if (owner === 'us' || request.force)
      return store(world, { ingress: withAnnotation(ingress, undefined), owner: 'nobody' })
    return owner === 'both' ? store(world, { ingress, owner: 'other' }) : ingress
  }
  if (theirs && current !== value && !request.force) return 'conflict'
  if (current === value)
    return owner === 'us' || owner === 'both' ? ingress : store(world, { ingress, owner: theirs ? 'both' : 'us' })
  return store(world, { ingress: withAnnotation(ingress, value), owner: 'us' })
}

/** The same with the word for the load balancer's controller beside what stands there. */
export function applyNudge(world: World, { ingress: seen, count }: { ingress: Ingress; count: number }): ApplyOutcome {
  const object = world.objects.get(seen.ref.uid)
  if (!object) return 'notFound'
  const { ingress, owner } = object
  if (ingress.resourceVersion !== seen.resourceVersion) return 'conflict'
  return store(world, {
    ingress: { ...ingress, annotations: { ...ingress.annotations, [NUDGE_ANNOTATION]: String(count) } },
    owner,
  })
}

function withoutNudge(ingress: Ingress): Ingress {
  const { [NUDGE_ANNOTATION]: _, ...annotations } = ingress.annotations
  return { ...ingress, annotations }
}

export function find(world: World, name: string): StoredObject | undefined {
  for (const object of world.objects.values()) if (object.ingress.ref.name === name) return object
  return undefined
}

/** Stores what a user changed. The user's word counts: what it takes away is no loss of ours. */
export function edit(world: World, object: { ingress: Ingress; owner: AnnotationOwner }, specChanged: boolean): void {
  const { ingress } = object
  store(world, {
    ...object,
    ingress: specChanged ? { ...ingress, generation: ingress.generation + 1 } : ingress,
  })
  world.law.edited.set(ingress.ref.uid, world.version)
  auditServed(world, 'others')
}

export function listedOf(ingress: Ingress): readonly string[] {
  return listedArns(ingress)
}
