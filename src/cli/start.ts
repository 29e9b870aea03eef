import { systemClock } from '../clock.ts'
import type { Settings } from '../config.ts'
import { runController } from '../loop/controller.ts'
import { createHealth } from '../telemetry/health.ts'
import { createLog } from '../telemetry/log.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { serveTelemetry } from '../telemetry/server.ts'
import { connectAsConfigured } from './connect.ts'
import { realWorld } from './real-world.ts'
import { untilToldToStop } from './signals.ts'
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
