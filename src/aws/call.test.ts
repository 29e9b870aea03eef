import { ListCertificatesCommand, RequestCertificateCommand } from '@aws-sdk/client-acm'
import { expect, test } from 'vitest'
import type { CallSeen } from './call.ts'
import { Quotas } from './quotas.ts'
import { finish, scripted } from './scripted.ts'
import { VirtualClock } from '../sim/clock.ts'

const never = () => new Promise<never>(() => {})

test('a call that nobody answers ends at its deadline: ambiguous for a change, transient for a look', async () => {
  const seen: CallSeen[] = []
  const { clock, clients, calls } = scripted(never, { timeoutMs: 8_000, observe: (call) => seen.push(call) })
  const change = calls.send('RequestCertificate', {}, (http) =>
    clients.acm.send(new RequestCertificateCommand({ DomainName: 'example.com' }), http),
  )
  await expect(finish(clock, change)).rejects.toMatchObject({ kind: 'ambiguous', code: 'DeadlineExceeded' })
  const look = calls.send('ListCertificates', {}, (http) => clients.acm.send(new ListCertificatesCommand({}), http))
  await expect(finish(clock, look)).rejects.toMatchObject({ kind: 'transient', code: 'DeadlineExceeded' })
  expect(seen).toEqual([
    { operation: 'RequestCertificate', service: 'acm', milliseconds: 8_000, outcome: 'ambiguous' },
    { operation: 'ListCertificates', service: 'acm', milliseconds: 8_000, outcome: 'transient' },
  ])
})

test('an aborted call says so, and leaves no timer behind', async () => {
  const { clock, clients, calls } = scripted(never)
  const stop = new AbortController()
  const sent = calls.send('RequestCertificate', { signal: stop.signal }, (http) =>
    clients.acm.send(new RequestCertificateCommand({ DomainName: 'example.com' }), http),
  )
  await clock.advance(1)
  stop.abort(new Error('shutting down'))
  await expect(sent).rejects.toMatchObject({ kind: 'ambiguous', code: 'Aborted', detail: 'shutting down' })
  await clock.advance(1)
  expect(clock.sleeping).toBe(0)
})

test('who stops waiting for the quota has sent nothing', async () => {
  const { clients, calls, seen } = scripted(() => ({ body: {} }))
  const stop = new AbortController()
  stop.abort(new Error('shutting down'))
  const sent = calls.send('ListCertificates', { signal: stop.signal }, (http) =>
    clients.acm.send(new ListCertificatesCommand({}), http),
  )
  await expect(sent).rejects.toThrow('shutting down')
  expect(seen).toHaveLength(0)
})

test('a throttle lowers the rate of its operation, and an answer raises it again', async () => {
  const clock = new VirtualClock()
  const quotas = new Quotas({ clock })
  const { clients, calls } = scripted(
    (_, index) => (index === 0 ? { status: 400, body: { __type: 'ThrottlingException' } } : { body: {} }),
    { clock, quotas },
  )
  const list = () =>
    finish(
      clock,
      calls.send('ListCertificates', {}, (http) => clients.acm.send(new ListCertificatesCommand({}), http)),
    )
  await expect(list()).rejects.toMatchObject({ kind: 'throttled' })
  expect(quotas.rateOf('ListCertificates')).toBeCloseTo(3.2)
  expect(quotas.rateOf('DescribeCertificate')).toBe(8)
  await list()
  expect(quotas.rateOf('ListCertificates')).toBeCloseTo(3.52)
})

test('what its sender no longer wants once the quota lets it through is not sent', async () => {
  const { clock, clients, calls, seen } = scripted(() => ({ body: {} }))
  const list = (beforeSend?: () => void) =>
    calls.send('ListCertificates', { beforeSend }, (http) => clients.acm.send(new ListCertificatesCommand({}), http))
  const begun = clock.now()
  const stale = () => {
    if (clock.now() - begun > 1_000) throw new Error('too old by now')
  }
  // More than a second's worth of calls is in front of it.
  const before = Array.from({ length: 40 }, () => list())
  const outcome = finish(clock, list(stale))
  await expect(outcome).rejects.toThrow('too old by now')
  await finish(clock, Promise.all(before))
  expect(seen).toHaveLength(40)
})

test('a change that is forbidden at the last moment is not sent; a look is not asked about', async () => {
  const beforeChange = () => {
    throw new Error('the lease was lost')
  }
  const { clock, clients, calls, seen } = scripted(() => ({ body: {} }), { beforeChange })
  const change = calls.send('RequestCertificate', {}, (http) =>
    clients.acm.send(new RequestCertificateCommand({ DomainName: 'example.com' }), http),
  )
  await expect(finish(clock, change)).rejects.toThrow('the lease was lost')
  expect(seen).toHaveLength(0)
  await finish(
    clock,
    calls.send('ListCertificates', {}, (http) => clients.acm.send(new ListCertificatesCommand({}), http)),
  )
  expect(seen).toHaveLength(1)
})
