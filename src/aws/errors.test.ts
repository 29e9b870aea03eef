import { expect, test } from 'vitest'
import { DescribeCertificateCommand, RequestCertificateCommand } from '@aws-sdk/client-acm'
import { DescribeListenersCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import { ChangeResourceRecordSetsCommand, GetHostedZoneCommand } from '@aws-sdk/client-route-53'
import type { AwsError } from './errors.ts'
import { classify, CredentialsUnavailable } from './errors.ts'
import { type Answer, finish, scripted } from './scripted.ts'

const arn = 'arn:aws:acm:eu-central-1:111122223333:certificate/1'

async function failureOf(
  kind: 'acmRead' | 'acmChange' | 'elb' | 'zone' | 'records',
  answer: Answer,
): Promise<AwsError> {
  const { clock, clients, calls } = scripted(() => answer)
  const sent = () => {
    switch (kind) {
      case 'acmRead':
        return calls.send('DescribeCertificate', {}, (http) =>
          clients.acm.send(new DescribeCertificateCommand({ CertificateArn: arn }), http),
        )
      case 'acmChange':
        return calls.send('RequestCertificate', {}, (http) =>
          clients.acm.send(new RequestCertificateCommand({ DomainName: 'example.com' }), http),
        )
      case 'elb':
        return calls.send('DescribeListeners', {}, (http) =>
          clients.elbv2.send(new DescribeListenersCommand({ LoadBalancerArn: 'lb' }), http),
        )
      case 'zone':
        return calls.send('GetHostedZone', {}, (http) =>
          clients.route53.send(new GetHostedZoneCommand({ Id: 'Z1' }), http),
        )
      case 'records':
        return calls.send('ChangeResourceRecordSets', {}, (http) =>
          clients.route53.send(
            new ChangeResourceRecordSetsCommand({ HostedZoneId: 'Z1', ChangeBatch: { Changes: [] } }),
            http,
          ),
        )
    }
  }
  return finish<unknown>(clock, sent()).then(
    () => expect.fail('the call went through'),
    (error: unknown) => error as AwsError,
  )
}

const json = (code: string, message = 'no', status = 400): Answer => ({ status, body: { __type: code, message } })
const xml = (code: string, message = 'no', status = 400): Answer => ({
  status,
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
})

test.each([
  ['acmRead', json('ThrottlingException'), 'throttled'],
  ['acmRead', json('com.amazonaws.acm#ResourceNotFoundException'), 'notFound'],
  ['acmRead', json('AccessDeniedException'), 'denied'],
  ['acmRead', json('ExpiredTokenException'), 'credentials'],
  ['acmRead', json('UnrecognizedClientException'), 'credentials'],
  ['acmRead', json('ValidationException'), 'invalid'],
  ['acmRead', json('SomethingNobodyModelled'), 'invalid'],
  ['acmRead', json('UnknownOperationException'), 'unsupported'],
  ['acmRead', json('InternalFailure', 'API action is not implemented', 501), 'unsupported'],
  ['acmRead', json('InternalFailure', 'oops', 500), 'transient'],
  ['acmRead', { status: 404, body: '<html>Not Found</html>' }, 'unsupported'],
  ['acmRead', { status: 502, body: '<html>Bad Gateway</html>' }, 'transient'],
  ['acmRead', { status: 200, body: '<html>a login page</html>' }, 'transient'],
  ['acmChange', json('LimitExceededException'), 'quota'],
  ['acmChange', json('ResourceInUseException'), 'conflict'],
  ['acmChange', json('InvalidParameterException'), 'invalid'],
  ['acmChange', json('InternalFailure', 'oops', 500), 'ambiguous'],
  ['acmChange', { status: 504, body: '' }, 'ambiguous'],
  ['acmChange', { status: 200, body: 'not json' }, 'ambiguous'],
  ['elb', xml('LoadBalancerNotFound'), 'notFound'],
  ['elb', xml('Throttling'), 'throttled'],
  ['elb', xml('InvalidClientTokenId', 'no', 403), 'credentials'],
  ['elb', xml('AccessDenied', 'no', 403), 'denied'],
  ['elb', xml('InvalidAction'), 'unsupported'],
  ['elb', xml('UnsupportedCertificate'), 'invalid'],
  ['elb', { status: 404, body: '<html><p>Not Found<br></html>' }, 'unsupported'],
  ['elb', { status: 200, body: '<html><p>a login page<br></html>' }, 'transient'],
  ['elb', { status: 502, body: 'Bad Gateway' }, 'transient'],
  ['zone', { status: 404, body: '<html><p>Not Found<br></html>' }, 'unsupported'],
  ['zone', { status: 501, body: '' }, 'unsupported'],
  ['zone', { status: 200, body: '<html><p>a login page<br></html>' }, 'transient'],
  ['records', { status: 502, body: '<html><p>Bad Gateway<br></html>' }, 'ambiguous'],
  ['records', { status: 200, body: 'what?' }, 'ambiguous'],
  ['zone', xml('NoSuchHostedZone', 'no', 404), 'notFound'],
  ['records', xml('PriorRequestNotComplete'), 'throttled'],
  ['records', xml('Throttling', 'Rate exceeded'), 'throttled'],
  ['records', xml('ServiceUnavailable', 'no', 503), 'ambiguous'],
] as const)('%s answered by %j is %s', async (call, answer, kind) => {
  expect((await failureOf(call, answer)).kind).toBe(kind)
})

test('InvalidChangeBatch is told in the form that Route 53 sends and in the one that its model has', async () => {
  const sent = await failureOf('records', xml('InvalidChangeBatch', '[it already exists]'))
  expect(sent).toMatchObject({ kind: 'conflict', code: 'InvalidChangeBatch', detail: '[it already exists]' })
  const modelled = await failureOf('records', {
    status: 400,
    body: '<InvalidChangeBatch xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Messages><Message>it already exists</Message></Messages><RequestId>r</RequestId></InvalidChangeBatch>',
  })
  expect(modelled).toMatchObject({ kind: 'conflict', code: 'InvalidChangeBatch', detail: 'it already exists' })
})

test('a denial names the action to allow', async () => {
  const error = await failureOf('acmChange', json('AccessDeniedException', 'User: x is not authorized'))
  expect(error.action).toBe('acm:RequestCertificate')
  expect(error.message).toContain('acm:RequestCertificate is denied')
  expect(error.message).toContain('User: x is not authorized')
})

test('a connection that never stood was no change; one that broke may have been', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' })
  const reset = Object.assign(new Error('read ECONNRESET'), {
    code: 'ECONNRESET',
    syscall: 'read',
    name: 'TimeoutError',
  })
  expect(classify(refused, 'RequestCertificate').kind).toBe('transient')
  expect(classify(reset, 'RequestCertificate')).toMatchObject({ kind: 'ambiguous', code: 'ECONNRESET' })
  expect(classify(reset, 'ListCertificates').kind).toBe('transient')
})

test('credentials that could not be had are not an answer to the call', () => {
  const denied = Object.assign(new Error('not allowed to assume'), { name: 'AccessDenied' })
  expect(classify(new CredentialsUnavailable(denied), 'ListCertificates').kind).toBe('credentials')
})
