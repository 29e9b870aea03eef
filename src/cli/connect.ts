import { systemClock } from '../clock.ts'
import type { Settings } from '../config.ts'
import { connect, type KubeConnection } from '../kube/connect.ts'
import { ConnectionError } from '../kube/connection-error.ts'
import { UsageError } from './usage-error.ts'

/** @throws UsageError where the kubeconfig or its context is wrong; whether the server answers is not asked here. */
export async function connectAsConfigured({
  kubeconfig,
  context,
}: Pick<Settings, 'kubeconfig' | 'context'>): Promise<KubeConnection> {
  try {
    return await connect({ clock: systemClock, kubeconfig, context, environment: process.env })
  } catch (error) {
    if (error instanceof ConnectionError) throw new UsageError(error.message)
    throw error
  }
}
