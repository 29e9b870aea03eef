import type { Arn, Tags } from '../../core/certificate.ts'
import type { Observation, RecordState } from '../../core/observation.ts'
import {
  mergeCertificates,
  mergeDetail,
  mergeListeners,
  mergeNotFound,
  mergeRecords,
  mergeTags,
  mergeTagSweep,
} from '../../core/observe.ts'
import { TAG } from '../../core/settings.ts'
import type { Look } from '../../core/step.ts'
import type { EpochMs } from '../../core/time.ts'
import { detailOf, summaryOf } from './acm.ts'
import { claimIn } from './memory.ts'
import type { Memory } from './memory.ts'
import type { World } from './world.ts'

type Merge = (world: { memory: Memory; now: EpochMs }) => void

/** What a look reads now; the answer merges it, perhaps later: `loop/look.ts` as a value. */
export function readLook(world: World, look: Look): Merge {
  const at = world.now
  const update = (merge: (observation: Observation, memory: Memory) => Observation): Merge => {
    return ({ memory }) => {
      memory.observation = merge(memory.observation, memory)
      memory.wakeAt = 0
    }
  }
  switch (look.kind) {
    case 'certificates': {
      const { since } = look
      const certificates = [...world.certificates.values()]
        .filter(({ listed, createdAt }) => listed && !world.holds.lists && (since === undefined || createdAt >= since))
        .map(summaryOf)
      return update((observation) => mergeCertificates(observation, { certificates, complete: true, since, at }))
    }
    case 'tags': {
      const tags = new Map<Arn, Tags>()
      for (const certificate of world.certificates.values())
        if (certificate.listed && !world.holds.lists && certificate.tags[TAG.cluster] !== undefined)
          tags.set(certificate.arn, certificate.tags)
      return update((observation) => mergeTagSweep(observation, tags, at))
    }
    case 'tagsOf': {
      const { arn } = look
      const tags = world.certificates.get(arn)?.tags
      return update((observation) =>
        tags === undefined ? mergeNotFound(observation, arn, at) : mergeTags(observation, new Map([[arn, tags]]), at),
      )
    }
    case 'describe': {
      const { arn } = look
      const certificate = world.certificates.get(arn)
      if (!certificate?.describable) return update((observation) => mergeNotFound(observation, arn, at))
      const detail = detailOf(world, certificate)
      noteUse(world, arn, detail.inUse || detail.inUseBy.length > 0)
      return update((observation) => mergeDetail(observation, detail, at))
    }
    case 'zones': {
      const value = [...world.zones].map(([name, id]) => ({ id, name, private: false }))
      return update((observation) => ({ ...observation, zones: { value, at, complete: true } }))
    }
    case 'authority':
      throw new Error('the model has no private CAs')
    case 'delegation':
      throw new Error('the model has no two zones of one name')
    case 'records': {
      const read = new Map<string, RecordState>()
      for (const name of look.names) {
        const value = world.records.get(`${look.zone}/${name}`)
        read.set(name, value === undefined ? { kind: 'absent' } : { kind: 'cname', value, plain: true })
      }
      return update((observation) => mergeRecords(observation, look.zone, read, at))
    }
    case 'loadBalancers': {
      const value = new Map([...world.balancers.values()].map(({ arn, dnsName }) => [arn, { arn, dnsName }]))
      return update((observation) => ({ ...observation, loadBalancers: { value, at, complete: true } }))
    }
    case 'listeners': {
      const { loadBalancer } = look
      const balancer = [...world.balancers.values()].find(({ arn }) => arn === loadBalancer)
      const listeners = [...(balancer?.listeners ?? [])].map(([port, certificates]) => ({
        arn: `${loadBalancer}/${port}`,
        port,
        protocol: 'HTTPS',
        certificates,
      }))
      const { settings } = world.scope
      return update((observation, memory) => {
        let changedAt = 0
        const hostname = observation.loadBalancers?.value.get(loadBalancer)?.dnsName
        for (const ingress of memory.cache.values()) {
          if (hostname === undefined || !ingress.hostnames.includes(hostname)) continue
          changedAt = Math.max(changedAt, observation.groupChangedAt.get(claimIn(ingress, settings).group) ?? 0)
        }
        return mergeListeners(observation, { loadBalancer, listeners, at, changedAt })
      })
    }
  }
}

function noteUse({ law, now }: World, arn: Arn, used: boolean): void {
  if (used) law.unusedReads.delete(arn)
  else law.unusedReads.set(arn, { first: law.unusedReads.get(arn)?.first ?? now, last: now })
}
