import { afterAll, beforeAll, describe } from 'vitest'
import { applyContract } from './kubernetes-apply.ts'
import { KubernetesClient, type KubernetesHarness } from './kubernetes-client.ts'
import { customContract } from './kubernetes-custom.ts'
import { discoveryContract } from './kubernetes-discovery.ts'
import { listContract } from './kubernetes-list.ts'
import { objectContract } from './kubernetes-object.ts'
import { patchContract } from './kubernetes-patch.ts'
import { validationContract } from './kubernetes-validation.ts'
import { watchContract } from './kubernetes-watch.ts'

/**
 * What Certwright, and people with kubectl, rely on in a Kubernetes API server, a fact a test, over a Transport only. Runs unchanged on
 * the simulated server and on a kube-apiserver without any controller beside it: nothing here waits for garbage collection.
 */
export function kubernetesContract(name: string, harness: () => Promise<KubernetesHarness>): void {
  describe(name, () => {
    let open: KubernetesHarness | undefined
    beforeAll(async () => {
      open = await harness()
    })
    afterAll(async () => {
      await open?.close()
    })
    const kube = (): KubernetesClient => {
      if (!open) throw new Error('the server has not been started')
      return new KubernetesClient(open.transport)
    }
    describe('objects', () => objectContract(kube))
    describe('validation', () => validationContract(kube))
    describe('lists', () => listContract(kube))
    describe('watches', () => watchContract(kube))
    describe('patches', () => patchContract(kube))
    describe('server-side apply', () => applyContract(kube))
    describe('custom resources', () => customContract(kube))
    describe('discovery', () => discoveryContract(kube))
  })
}

export type { KubernetesHarness } from './kubernetes-client.ts'
