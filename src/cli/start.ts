import { systemClock } from '../clock.ts'
import type { Settings } from '../config.ts'
import { connect, type KubeConnection } from '../kube/connect.ts'
import { ConnectionError } from '../kube/connection-error.ts'
import { runController } from '../loop/controller.ts'
import { createHealth } from '../telemetry/health.ts'
import { createLog } from '../telemetry/log.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { serveTelemetry } from '../telemetry/server.ts'
import { realWorld } from './real-world.ts'
import { untilToldToStop } from './signals.ts'
import { UsageError } from './usage-error.ts'
import { VERSION } from '../version.ts'

/** Puts the controller of the real world together, and runs it until it is told to stop. */
export async function startController(settings: Settings): Promise<void> {
  const { logLevel, logFormat, metricsAddress, healthAddress } = settings
  const clock = systemClock
  const log = createLog({ clock, level: logLevel, format: logFormat })
  const metrics = createMetrics({ clock, version: VERSION, nodeVersion: process.version, process: true })
  const health = createHealth({ clock, parts: ['kubernetes', 'aws'] })
  const kube = await connectAsConfigured(settings)
  const world = await realWorld({ kube, region: settings.region })
  const servers = await serveTelemetry({ metricsAddress, healthAddress, metrics, health })
  try {
    log.info('certwright starts', {
      version: VERSION,
      node: process.version,
      cluster: settings.clusterName,
      server: kube.server,
      region: world.aws.region,
      metrics: servers.metricsUrl,
      health: servers.healthUrl,
    })
    await untilToldToStop((signal) => runController({ settings, world, log, metrics, health, signal }))
    log.info('certwright has stopped')
  } finally {
    await servers.close()
    await kube.close()
  }
}

/** @throws UsageError where the kubeconfig or its context is wrong; whether the server answers is not asked here. */
async function connectAsConfigured({ kubeconfig, context }: Settings): Promise<KubeConnection> {
  try {
    return await connect({ clock: systemClock, kubeconfig, context, environment: process.env })
  } catch (error) {
    if (error instanceof ConnectionError) throw new UsageError(error.message)
    throw error
  }
}
