import { describe, expect, it, test } from 'vitest'
import { DeadlineExceeded } from '../clock.ts'
import { answerError, isKubeError, networkError, statusError } from './errors.ts'

const read = { method: 'GET', path: '/api/v1/namespaces/kube-system' } as const
const write = { method: 'PATCH', path: '/apis/networking.k8s.io/v1/namespaces/web/ingresses/shop' } as const

function status(code: number, reason: string, message = 'the sentence of the server') {
  return JSON.stringify({ kind: 'Status', apiVersion: 'v1', code, reason, message })
}

describe('an answer of the API server is classified by code and reason', () => {
  test.each([
    [401, 'Unauthorized', 'unauthorized'],
    [403, 'Forbidden', 'forbidden'],
    [404, 'NotFound', 'notFound'],
    [405, 'MethodNotAllowed', 'invalid'],
    [409, 'Conflict', 'conflict'],
    [409, 'AlreadyExists', 'alreadyExists'],
    [410, 'Expired', 'expired'],
    [410, 'Gone', 'expired'],
    [400, 'BadRequest', 'invalid'],
    [415, 'UnsupportedMediaType', 'invalid'],
    [422, 'Invalid', 'invalid'],
    [429, 'TooManyRequests', 'throttled'],
    [503, 'ServiceUnavailable', 'transient'],
    [500, 'InternalError', 'ambiguous'],
    [504, 'Timeout', 'ambiguous'],
  ])('a write answered %i %s is %s', (code, reason, kind) => {
    expect(answerError({ request: write, code, body: status(code, reason) })).toMatchObject({ kind, code, reason })
  })

  test.each([500, 502, 503, 504])('a read answered %i is transient: it did nothing', (code) => {
    expect(answerError({ request: read, code, body: 'upstream failed' }).kind).toBe('transient')
  })

  it('takes a 503 of something in between for ambiguous, since it may have passed the write on', () => {
    expect(answerError({ request: write, code: 503, body: '<html>no healthy upstream</html>' }).kind).toBe('ambiguous')
  })

  it('keeps the sentence of the server, and names the request in its own', () => {
    const error = answerError({ request: write, code: 422, body: status(422, 'Invalid', 'spec.rules: Required value') })
    expect(error.statusMessage).toBe('spec.rules: Required value')
    expect(error.message).toBe(`PATCH ${write.path} was refused: spec.rules: Required value`)
  })

  it('reads how long to wait from the Status, else from Retry-After', () => {
    const body = JSON.stringify({ kind: 'Status', code: 429, details: { retryAfterSeconds: 3 } })
    expect(answerError({ request: read, code: 429, body, headers: { 'retry-after': '9' } }).retryAfterMs).toBe(3000)
    expect(answerError({ request: read, code: 429, body: '', headers: { 'retry-after': '9' } }).retryAfterMs).toBe(9000)
    expect(answerError({ request: read, code: 429, body: '' }).retryAfterMs).toBeUndefined()
  })

  it('classifies the Status of a watch’s ERROR event alike', () => {
    expect(statusError({ request: read, status: { code: 410, reason: 'Expired' } }).kind).toBe('expired')
  })
})

describe('a request without an answer', () => {
  it('is unreachable when it was a read', () => {
    expect(networkError(read, Object.assign(new Error('reset'), { code: 'ECONNRESET' })).kind).toBe('unreachable')
  })

  it('is ambiguous when it was a write that may have been sent', () => {
    const error = networkError(write, Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }))
    expect(error.kind).toBe('ambiguous')
    expect(error.message).toBe(`PATCH ${write.path} got no answer: socket hang up; it may have taken effect`)
  })

  it('is unreachable when no byte of the write was sent, also where several addresses were tried', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED ::1:6443'), { code: 'ECONNREFUSED' })
    expect(networkError(write, refused).kind).toBe('unreachable')
    const every = networkError(write, new AggregateError([refused, refused], ''))
    expect(every.kind).toBe('unreachable')
    expect(every.message).toBe(`PATCH ${write.path} got no answer: ECONNREFUSED`)
  })

  it('says how long was waited', () => {
    expect(networkError(read, new DeadlineExceeded(8000)).message).toBe(
      'GET /api/v1/namespaces/kube-system got no answer: no answer within 8000 ms',
    )
  })

  it('is unauthorized when there were no credentials to send', () => {
    expect(networkError(write, Object.assign(new Error('x'), { code: 'ERR_CREDENTIALS' })).kind).toBe('unauthorized')
  })
})

it('tells a KubeError from others, and its kind', () => {
  const error = networkError(read, new Error('x'))
  expect([isKubeError(error), isKubeError(error, 'conflict'), isKubeError(new Error('x'))]).toEqual([
    true,
    false,
    false,
  ])
})
