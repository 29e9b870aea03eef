import { INGRESS_CERTIFICATE_ANNOTATION, listedArns } from '../../core/ingress.ts'
import type { Ingress } from '../../core/ingress.ts'
import { createObject, edit, find, withAnnotation, written } from './cluster.ts'
import { auditServed } from './law-served.ts'
import { claimIn } from './memory.ts'
import type { Manifest } from './scope.ts'
import { hostsOf, lettersOf } from './scope.ts'
import type { World } from './world.ts'
import { short, tell } from './world.ts'

/** What people do to their Ingresses. */
export type Edit =
  | { readonly kind: 'change'; readonly name: string; readonly to: Partial<Omit<Manifest, 'name' | 'namespace'>> }
  /** `foreign`: somebody else's certificate; `own`: the first of ours, written by hand; `stale`: one that never was. */
  | { readonly kind: 'annotate'; readonly name: string; readonly value: 'empty' | 'foreign' | 'own' | 'stale' }
  /** A backup is played back over the object: the same annotation, the `managedFields` the restorer's. */
  | { readonly kind: 'restore'; readonly name: string }
  | { readonly kind: 'delete'; readonly name: string }
  | { readonly kind: 'create'; readonly manifest: Manifest }

export function manifestOf(ingress: Ingress, world: World): Manifest {
  const claim = claimIn(ingress, world.scope.settings)
  return {
    name: ingress.ref.name,
    namespace: ingress.ref.namespace,
    hosts: lettersOf(ingress.hosts),
    group: claim.group.replace('group/', ''),
    asks: ingress.annotations['certwright.dev/certificate'],
    ports: claim.httpsPorts,
    paused: ingress.annotations['certwright.dev/paused'] === 'true',
  }
}

/** Says whether there was anything to do. */
export function applyEdit(world: World, change: Edit): boolean {
  if (change.kind === 'create') {
    if (find(world, change.manifest.name)) return false
    createObject(world, change.manifest)
    tell(world, () => `somebody creates ${change.manifest.name} ${describe(change.manifest)}`)
    auditServed(world, 'others')
    return true
  }
  const object = find(world, change.name)
  if (!object || object.ingress.deleting) return false
  const { ingress, owner } = object
  switch (change.kind) {
    case 'change': {
      const to = { ...manifestOf(ingress, world), ...change.to }
      const next = written(ingress, to)
      if (JSON.stringify(next) === JSON.stringify(ingress)) return false
      tell(world, () => `somebody makes ${change.name} ${describe(to)}`)
      edit(world, { ingress: next, owner }, change.to.hosts !== undefined)
      return true
    }
    case 'annotate': {
      const value = valueOf(world, ingress, change.value)
      const before = ingress.annotations[INGRESS_CERTIFICATE_ANNOTATION]
      if (value === before || (change.value !== 'empty' && value === undefined)) return false
      tell(world, () => `somebody writes {${(value ?? '').split(',').map(short).join(', ')}} on ${change.name}`)
      edit(world, { ingress: withAnnotation(ingress, value), owner: value === undefined ? 'nobody' : 'other' }, false)
      return true
    }
    case 'restore': {
      if (owner !== 'us') return false
      tell(world, () => `a backup of ${change.name} is played back: managedFields are lost`)
      edit(world, { ingress, owner: 'other' }, false)
      return true
    }
    case 'delete': {
      tell(world, () => `somebody deletes ${change.name}`)
      edit(world, { ingress: { ...ingress, deleting: true }, owner }, false)
      return true
    }
  }
}

function valueOf(world: World, ingress: Ingress, value: 'empty' | 'foreign' | 'own' | 'stale'): string | undefined {
  const all = [...world.certificates.values()]
  switch (value) {
    case 'empty':
      return undefined
    case 'foreign':
      return all.find((certificate) => !certificate.ours)?.arn
    case 'own':
      return listedArns(ingress).find((arn) => world.certificates.get(arn)?.ours)
    case 'stale':
      return all.find((certificate) => certificate.ours && !listedArns(ingress).includes(certificate.arn))?.arn
  }
}

function describe(manifest: Manifest): string {
  const hosts = hostsOf(manifest.hosts).length > 0 ? manifest.hosts : 'no host'
  const asks = manifest.asks === 'true' ? '' : ` asking ${manifest.asks ?? 'nothing'}`
  return `{${hosts}} in ${manifest.group}${asks}${manifest.ports.join() === '443' ? '' : ` on ${manifest.ports.join()}`}${manifest.paused ? ', paused' : ''}`
}
