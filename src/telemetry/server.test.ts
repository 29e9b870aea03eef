import { afterEach, expect, it } from 'vitest'
import { VirtualClock } from '../sim/clock.ts'
import { createHealth, type Health, STALLED_AFTER_MS } from './health.ts'
import { createMetrics } from './metrics.ts'
import { type Address, serveTelemetry, type TelemetryServers } from './server.ts'

const loopback = { host: '127.0.0.1', port: 0 }
const open: TelemetryServers[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((servers) => servers.close()))
})

async function serve(options: { metricsAddress?: Address; healthAddress?: Address; health?: Health } = {}) {
  const clock = new VirtualClock()
  const metrics = createMetrics({ clock, version: '0', nodeVersion: '0' })
  const health = options.health ?? createHealth({ clock, parts: [] })
  const servers = await serveTelemetry({
    metricsAddress: loopback,
    healthAddress: loopback,
    metrics,
    ...options,
    health,
  })
  open.push(servers)
  return servers
}

async function get(url: string): Promise<{ status: number; text: string }> {
  const response = await fetch(url)
  return { status: response.status, text: await response.text() }
}

it('names what is missing, a line a thing, until it has been seen', async () => {
  const health = createHealth({ clock: new VirtualClock(), parts: ['kubernetes', 'aws'] })
  const { healthUrl } = await serve({ health })
  health.report('aws', 'no region is set: set AWS_REGION or give --region')
  const before = await get(`${healthUrl}/readyz`)
  expect(before).toEqual({
    status: 503,
    text: 'kubernetes: not seen yet; wait, or look into the log\naws: no region is set: set AWS_REGION or give --region\n',
  })
  health.report('kubernetes', undefined)
  health.report('aws', undefined)
  expect(await get(`${healthUrl}/readyz`)).toEqual({ status: 200, text: 'ok\n' })
})

it('is ready as a standby, whatever the leader would lack', async () => {
  const health = createHealth({ clock: new VirtualClock(), parts: ['aws'] })
  const { healthUrl } = await serve({ health })
  health.role('standby')
  expect((await get(`${healthUrl}/readyz`)).status).toBe(200)
  health.role('leader')
  expect((await get(`${healthUrl}/readyz`)).status).toBe(503)
})

it('is alive while the loop beats, and not once it has stalled', async () => {
  const clock = new VirtualClock()
  const health = createHealth({ clock, parts: [] })
  const { healthUrl } = await serve({ health })
  await clock.advance(STALLED_AFTER_MS * 2)
  expect((await get(`${healthUrl}/healthz`)).status, 'the loop has not begun').toBe(200)
  health.beat()
  await clock.advance(STALLED_AFTER_MS)
  expect((await get(`${healthUrl}/healthz`)).status).toBe(200)
  await clock.advance(1)
  expect((await get(`${healthUrl}/healthz`)).status).toBe(503)
})

it('serves the metrics in the text format', async () => {
  const { metricsUrl } = await serve()
  const response = await fetch(`${metricsUrl}/metrics`)
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  expect(await response.text()).toContain('certwright_build_info')
})

it('says what there is where nothing is', async () => {
  const { metricsUrl, healthUrl } = await serve()
  expect(await get(`${metricsUrl}/`)).toEqual({ status: 404, text: 'there is nothing at /; see /metrics\n' })
  expect((await get(`${healthUrl}/metrics`)).status).toBe(404)
  expect((await fetch(`${healthUrl}/readyz`, { method: 'POST' })).status).toBe(405)
})

it('serves everything from one port where both addresses are the same', async () => {
  const free = await serve()
  const port = Number(new URL(free.metricsUrl ?? '').port)
  await free.close()
  const address = { host: '127.0.0.1', port }
  const { metricsUrl, healthUrl } = await serve({ metricsAddress: address, healthAddress: address })
  expect(metricsUrl).toBe(healthUrl)
  expect([(await get(`${metricsUrl}/metrics`)).status, (await get(`${metricsUrl}/readyz`)).status]).toEqual([200, 200])
})

it('serves nothing where there is no address', async () => {
  const { metricsUrl, healthUrl } = await serve({ metricsAddress: undefined, healthAddress: undefined })
  expect([metricsUrl, healthUrl]).toEqual([undefined, undefined])
})

it('names the flag, the address and the cure when the address is taken, and leaves nothing listening', async () => {
  const { healthUrl } = await serve({ metricsAddress: undefined })
  const taken = { host: '127.0.0.1', port: Number(new URL(healthUrl ?? '').port) }
  const free = await serve({ healthAddress: undefined })
  const first = { host: '127.0.0.1', port: Number(new URL(free.metricsUrl ?? '').port) }
  await free.close()
  await expect(serve({ metricsAddress: first, healthAddress: taken })).rejects.toThrow(
    `the address 127.0.0.1:${taken.port} of --health-address is in use by another process: give another, or 0 for none.`,
  )
  await expect(serve({ metricsAddress: first, healthAddress: undefined })).resolves.toBeDefined()
})
