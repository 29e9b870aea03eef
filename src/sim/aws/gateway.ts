import type { AwsRequest, RequestHandler } from '../../aws/handler.ts'
import { expiredToken, type Accounts, type Principal } from './accounts.ts'
import type { AcmOperations } from './acm/operations.ts'
import { partitionOf, type Call, type ServiceName } from './call.ts'
import type { Elbv2Operations } from './elbv2/operations.ts'
import { draw, type Environment } from './environment.ts'
import { AwsError, refuse } from './error.ts'
import type { FaultAfter, FaultBefore, Faults } from './faults.ts'
import { messages } from './messages.ts'
import type { PcaOperations } from './pca/operations.ts'
import { throttlingCode, type Rates } from './rates.ts'
import type { Readings } from './readings.ts'
import { route, type Route, type Route53Operations } from './route53/operations.ts'
import type { StsOperations } from './sts.ts'
import type { TaggingOperations } from './tagging.ts'
import { JsonInput } from './wire/json.ts'
import { failure, open, success, type Answer, type Envelope, type Protocol } from './wire/protocol.ts'
import { QueryInput } from './wire/query.ts'

export interface Services {
  readonly acm: AcmOperations
  readonly pca: PcaOperations
  readonly route53: Route53Operations
  readonly elbv2: Elbv2Operations
  readonly tagging: TaggingOperations
  readonly sts: StsOperations
}

/** The connection broke: the caller gets no answer. */
export class ConnectionReset extends Error {
  readonly code = 'ECONNRESET'

  constructor() {
    super('socket hang up')
    this.name = 'Error'
  }
}

/** One request on its way: what was made out of it so far. */
interface Visit {
  readonly request: AwsRequest
  readonly envelope: Envelope
  readonly route: Route | undefined
  readonly principal: Principal
  readonly call: Call
}

/**
 * The front door: from a request on the wire to an answer on the wire. In order: whose call is it, injected faults, rates, half of the
 * latency, the operation, the other half, faults that hide what happened. Unless a delay is configured no time passes and everything
 * happens in microtasks.
 */
export class Gateway {
  readonly #environment: Environment
  readonly #accounts: Accounts
  readonly #services: Services
  readonly #rates: Rates
  readonly #zonesInChange = new Set<string>()
  /** What breaks calls; replaced at will. */
  faults: Faults = {}
  #requests = 0

  constructor(options: { environment: Environment; accounts: Accounts; rates: Rates; services: Services }) {
    this.#rates = options.rates
    this.#environment = options.environment
    this.#accounts = options.accounts
    this.#services = options.services
  }

  /** The gateway as what the SDK's clients take for `requestHandler`. */
  handler(): RequestHandler {
    return {
      metadata: { handlerProtocol: 'h2' },
      handle: async (request, options) => {
        const { statusCode, headers, body } = await this.serve(request, options?.abortSignal)
        return { response: { statusCode, headers, body: Buffer.from(body) } }
      },
      updateHttpClientConfig: () => {},
      httpHandlerConfigs: () => ({}),
      destroy: () => {},
    }
  }

  /**
   * Answers a request.
   * @throws ConnectionReset where a fault says so; an Error named AbortError once `signal` is aborted.
   */
  async serve(request: AwsRequest, signal?: AbortSignal): Promise<Answer> {
    if (signal?.aborted) throw aborted(signal)
    const requestId = `00000000-0000-4000-8000-${(++this.#requests).toString(16).padStart(12, '0')}`
    const envelope = open(request)
    const { protocol, service } = envelope
    try {
      const visit = this.#receive(request, envelope)
      const output = await this.#carryOut(visit, signal)
      return success({ protocol, service: visit.call.service, operation: visit.call.operation, requestId, output })
    } catch (error) {
      if (error instanceof AwsError)
        return failure({ protocol, service, requestId, error, readings: this.#environment.settings.readings })
      if (signal?.aborted) throw aborted(signal)
      throw error
    }
  }

  #receive(request: AwsRequest, envelope: Envelope): Visit {
    const { protocol, service } = envelope
    const { principal, region } = this.#accounts.authenticate(request, protocol)
    const found = protocol === 'rest-xml' ? route(request.method, request.path) : undefined
    const operation = found?.operation ?? envelope.operation
    if (service === undefined || operation === '') throw unknownOperation(protocol, operation)
    const call: Call = {
      service,
      operation,
      account: principal.account,
      region,
      partition: partitionOf(region),
      accessKeyId: principal.accessKeyId,
      user: principal.arn,
      at: this.#environment.clock.now(),
      staleBy: 0,
      pageLimit: Infinity,
    }
    return { request, envelope, route: found, principal, call }
  }

  async #carryOut(visit: Visit, signal: AbortSignal | undefined): Promise<unknown> {
    const { call } = visit
    const { random, settings } = this.#environment
    let effect = false
    let outcome = 'ok'
    const zone = this.#enterZone(visit)
    try {
      if (zone === 'busy') throw refuse('PriorRequestNotComplete', messages.priorRequestNotComplete)
      const latency = draw(random, settings.latency)
      const answer = await this.#befall(list(this.faults.before?.(call)), visit, signal)
      if (settings.rates && !this.#rates.admit({ ...call, at: this.#environment.clock.now() }, settings))
        throw throttled(call.service, settings.readings)
      await this.#wait(Math.floor(latency / 2), signal)
      const output = this.#run({ ...visit, call: { ...call, at: this.#environment.clock.now(), ...answer } })
      effect = true
      await this.#wait(Math.ceil(latency / 2), signal)
      await this.#conceal(list(this.faults.after?.(call)), signal)
      return output
    } catch (error) {
      outcome = outcomeOf(error, signal)
      throw error
    } finally {
      if (zone !== undefined && zone !== 'busy') this.#zonesInChange.delete(zone)
      const { service, operation, account, region, accessKeyId } = call
      this.#environment.ledger.append({
        kind: 'call',
        at: this.#environment.clock.now(),
        by: accessKeyId,
        service,
        operation,
        account,
        region,
        outcome,
        effect,
      })
    }
  }

  #run({ request, envelope, route: found, principal, call }: Visit): unknown {
    const { acm, pca, route53, elbv2, tagging, sts } = this.#services
    const result = ((): { output: unknown } | 'unknown' => {
      switch (call.service) {
        case 'acm':
          return acm.run(call, JsonInput.parse(envelope.body))
        case 'acm-pca':
          return pca.run(call, JsonInput.parse(envelope.body))
        case 'tagging':
          return tagging.run(call, JsonInput.parse(envelope.body))
        case 'elasticloadbalancing':
          return elbv2.run(call, new QueryInput(envelope.form))
        case 'sts':
          return sts.run(call, new QueryInput(envelope.form), principal)
        case 'route53': {
          const output = found ? route53.run(call, request, found, envelope.body) : 'unknown'
          return output === 'unknown' ? output : { output }
        }
      }
    })()
    if (result === 'unknown') throw unknownOperation(envelope.protocol, call.operation)
    return result.output
  }

  /** Route 53 refuses a change to a zone while it is busy with another one to the same. */
  #enterZone({ call, route: found }: Visit): string | undefined {
    if (call.operation !== 'ChangeResourceRecordSets' || !found) return undefined
    if (this.#zonesInChange.has(found.id)) return 'busy'
    this.#zonesInChange.add(found.id)
    return found.id
  }

  /** Lets the faults before a call happen; gives how stale its answer is to be, and how long its page at most. */
  async #befall(
    faults: readonly FaultBefore[],
    { call, envelope }: Visit,
    signal: AbortSignal | undefined,
  ): Promise<Pick<Call, 'staleBy' | 'pageLimit'>> {
    let staleBy = 0
    let pageLimit = Infinity
    for (const fault of faults) {
      switch (fault.kind) {
        case 'delay':
          await this.#wait(fault.milliseconds, signal)
          break
        case 'throttle':
          throw throttled(call.service, this.#environment.settings.readings)
        case 'serverError':
          throw serverError(fault.statusCode)
        case 'reset':
          throw new ConnectionReset()
        case 'accessDenied':
          throw accessDenied(call, envelope.protocol)
        case 'expiredCredentials':
          throw expiredToken(envelope.protocol)
        case 'stale':
          staleBy = Math.max(staleBy, fault.milliseconds)
          break
        case 'shortPage':
          pageLimit = Math.min(pageLimit, fault.items)
          break
      }
    }
    return { staleBy, pageLimit }
  }

  async #conceal(faults: readonly FaultAfter[], signal: AbortSignal | undefined): Promise<void> {
    for (const fault of faults) {
      switch (fault.kind) {
        case 'delay':
          await this.#wait(fault.milliseconds, signal)
          break
        case 'reset':
          throw new ConnectionReset()
        case 'serverError':
          throw serverError(fault.statusCode)
      }
    }
  }

  async #wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
    if (milliseconds > 0) await this.#environment.clock.sleepUntil(this.#environment.clock.now() + milliseconds, signal)
  }
}

function throttled(service: ServiceName, readings: Readings): AwsError {
  return refuse(throttlingCode(service, readings), messages.rateExceeded)
}

function serverError(statusCode: 500 | 503 = 500): AwsError {
  return statusCode === 500
    ? new AwsError({ code: 'InternalFailure', message: messages.internalFailure, statusCode })
    : new AwsError({ code: 'ServiceUnavailable', message: messages.serviceUnavailable, statusCode })
}

function accessDenied({ service, operation, user }: Call, protocol: Protocol): AwsError {
  const message = messages.accessDenied(`${service === 'tagging' ? 'tag' : service}:${operation}`, user)
  return protocol === 'json'
    ? new AwsError({ code: 'AccessDeniedException', message })
    : new AwsError({ code: 'AccessDenied', message, statusCode: 403 })
}

function unknownOperation(protocol: Protocol, operation: string): AwsError {
  switch (protocol) {
    case 'json':
      return new AwsError({ code: 'UnknownOperationException', message: '' })
    case 'query':
      return new AwsError({ code: 'InvalidAction', message: messages.unknownAction(operation, '') })
    case 'rest-xml':
      return new AwsError({ code: 'UnknownOperationException', message: '', statusCode: 404 })
  }
}

function outcomeOf(error: unknown, signal: AbortSignal | undefined): string {
  if (error instanceof AwsError) return error.code
  if (error instanceof ConnectionReset) return 'reset'
  return signal?.aborted ? 'aborted' : 'broken'
}

/** What the SDK's own handlers reject with when their call is aborted. */
function aborted(signal: AbortSignal): Error {
  return Object.assign(new Error('Request aborted', { cause: signal.reason }), { name: 'AbortError' })
}

function list<Item>(given: Item | readonly Item[] | undefined): readonly Item[] {
  if (given === undefined) return []
  return Array.isArray(given) ? (given as readonly Item[]) : [given as Item]
}
