import type { AwsRequest } from '../../../aws/handler.ts'
import type { ServiceName } from '../call.ts'
import type { AwsError } from '../error.ts'
import type { Readings } from '../readings.ts'
import { document, leaf, node } from './xml.ts'

export type Protocol = 'json' | 'query' | 'rest-xml'

/** A request whose protocol, service and operation are known; nothing of its content has been looked at. */
export interface Envelope {
  readonly protocol: Protocol
  readonly service: ServiceName | undefined
  /** Of a rest-xml call: what `route53/routes.ts` makes of method and path. */
  readonly operation: string
  readonly body: string
  readonly form: URLSearchParams
}

/** An answer before it is wrapped into the handler's or the server's. */
export interface Answer {
  readonly statusCode: number
  readonly headers: Record<string, string>
  readonly body: string
}

const JSON_TARGETS: Readonly<Record<string, ServiceName>> = {
  CertificateManager: 'acm',
  ACMPrivateCA: 'acm-pca',
  ResourceGroupsTaggingAPI_20170126: 'tagging',
}

const QUERY_VERSIONS: Readonly<Record<string, ServiceName>> = {
  '2015-12-01': 'elasticloadbalancing',
  '2011-06-15': 'sts',
}

export const NAMESPACES: Readonly<Record<ServiceName, string | undefined>> = {
  acm: undefined,
  'acm-pca': undefined,
  tagging: undefined,
  route53: 'https://route53.amazonaws.com/doc/2013-04-01/',
  elasticloadbalancing: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
  sts: 'https://sts.amazonaws.com/doc/2011-06-15/',
}

/** Tells the protocol of a request: by its target header, else by its form, else by its path. */
export function open(request: AwsRequest): Envelope {
  const body = textOf(request.body)
  const target = header(request, 'x-amz-target')
  if (target !== undefined) {
    const dot = target.lastIndexOf('.')
    return {
      protocol: 'json',
      service: JSON_TARGETS[target.slice(0, dot)],
      operation: target.slice(dot + 1),
      body,
      form: new URLSearchParams(),
    }
  }
  if (request.path.startsWith('/2013-04-01/')) {
    return { protocol: 'rest-xml', service: 'route53', operation: '', body, form: new URLSearchParams() }
  }
  const form = new URLSearchParams(body)
  for (const [name, value] of Object.entries(request.query)) if (typeof value === 'string') form.append(name, value)
  return {
    protocol: 'query',
    service: QUERY_VERSIONS[form.get('Version') ?? ''],
    operation: form.get('Action') ?? '',
    body,
    form,
  }
}

/** Wraps what an operation gave into the success form of its protocol. */
export function success(options: {
  protocol: Protocol
  service: ServiceName
  operation: string
  requestId: string
  output: unknown
}): Answer {
  const { protocol, service, operation, requestId, output } = options
  switch (protocol) {
    case 'json':
      return {
        statusCode: 200,
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': requestId },
        // An operation without output answers with no body at all.
        body: output === undefined ? '' : JSON.stringify(output),
      }
    case 'query':
      return {
        statusCode: 200,
        headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
        body: document(
          `${operation}Response`,
          NAMESPACES[service],
          node(`${operation}Result`, output as string),
          node('ResponseMetadata', leaf('RequestId', requestId)),
        ),
      }
    case 'rest-xml': {
      const { body, statusCode, headers } = output as RestOutput
      return {
        statusCode: statusCode ?? 200,
        headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId, ...headers },
        body: document(`${operation}Response`, NAMESPACES[service], body),
      }
    }
  }
}

/** What a rest-xml operation gives. */
export interface RestOutput {
  readonly body: string
  readonly statusCode?: number
  readonly headers?: Record<string, string>
}

/** Wraps an error into the error form of its protocol. */
export function failure(options: {
  protocol: Protocol
  service: ServiceName | undefined
  requestId: string
  error: AwsError
  readings: Readings
}): Answer {
  const { protocol, service, requestId, error, readings } = options
  const message = readings.errorTexts === 'as quoted' ? error.message : 'It was not possible.'
  if (protocol === 'json') {
    return {
      statusCode: error.statusCode,
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amzn-requestid': requestId,
        'x-amzn-errortype': error.code,
      },
      body: JSON.stringify({ __type: error.code, message }),
    }
  }
  if (error.code === 'InvalidChangeBatch' && readings.refusedBatch === 'InvalidChangeBatch') {
    return {
      statusCode: error.statusCode,
      headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
      body: document(
        'InvalidChangeBatch',
        NAMESPACES.route53,
        node('Messages', leaf('Message', message)),
        leaf('RequestId', requestId),
      ),
    }
  }
  const type = error.statusCode >= 500 ? 'Receiver' : 'Sender'
  return {
    statusCode: error.statusCode,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
    body: document(
      'ErrorResponse',
      service === undefined ? undefined : NAMESPACES[service],
      node('Error', leaf('Type', type), leaf('Code', error.code), leaf('Message', message)),
      leaf('RequestId', requestId),
    ),
  }
}

/** A header by its name in any case. */
export function header(request: AwsRequest, name: string): string | undefined {
  for (const [candidate, value] of Object.entries(request.headers)) {
    if (candidate.toLowerCase() === name) return value
  }
  return undefined
}

function textOf(body: AwsRequest['body']): string {
  if (body === undefined) return ''
  return typeof body === 'string' ? body : new TextDecoder().decode(body)
}
