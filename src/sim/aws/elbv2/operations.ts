import type { Call } from '../call.ts'
import { refuse } from '../error.ts'
import type { Tags } from '../ledger.ts'
import { messages } from '../messages.ts'
import type { QueryInput } from '../wire/query.ts'
import { leaf, node } from '../wire/xml.ts'
import type { ListenerOperations } from './listener-operations.ts'
import type { LoadBalancers } from './load-balancers.ts'
import { page } from './page.ts'
import { list, loadBalancerXml, tagsXml } from './views.ts'

const MOST_ARNS = 20

/** Elastic Load Balancing (version 2) on the wire: load balancers and tags here, listeners beside. */
export class Elbv2Operations {
  readonly #loadBalancers: LoadBalancers
  readonly #listeners: ListenerOperations

  constructor(options: { loadBalancers: LoadBalancers; listeners: ListenerOperations }) {
    this.#loadBalancers = options.loadBalancers
    this.#listeners = options.listeners
  }

  /** @returns the content of the result element. */
  run(call: Call, input: QueryInput): { output: string } | 'unknown' {
    switch (call.operation) {
      case 'CreateLoadBalancer':
        return { output: this.#create(call, input) }
      case 'DeleteLoadBalancer':
        this.#loadBalancers.delete(required(input, 'LoadBalancerArn'), call.accessKeyId)
        return { output: '' }
      case 'DescribeLoadBalancers':
        return { output: this.#describe(call, input) }
      case 'DescribeTags':
        return { output: this.#describeTags(call, input) }
      case 'AddTags':
        this.#changeTags(call, input, (tags) => ({ ...tags, ...readTags(input) }))
        return { output: '' }
      case 'RemoveTags': {
        const keys = new Set(input.texts('TagKeys'))
        this.#changeTags(call, input, (tags) =>
          Object.fromEntries(Object.entries(tags).filter(([key]) => !keys.has(key))),
        )
        return { output: '' }
      }
      default:
        return this.#listeners.run(call, input)
    }
  }

  #create(call: Call, input: QueryInput): string {
    const loadBalancer = this.#loadBalancers.create({
      place: call,
      name: required(input, 'Name'),
      type: input.text('Type') === 'network' ? 'network' : 'application',
      scheme: input.text('Scheme') ?? 'internet-facing',
      ipAddressType: input.text('IpAddressType') ?? 'ipv4',
      subnets: input.texts('Subnets'),
      securityGroups: input.texts('SecurityGroups'),
      tags: readTags(input),
      by: call.accessKeyId,
    })
    return list('LoadBalancers', [loadBalancerXml(loadBalancer, call.at)])
  }

  #describe(call: Call, input: QueryInput): string {
    const arns = input.texts('LoadBalancerArns')
    const names = input.texts('Names')
    if (arns.length > MOST_ARNS) throw refuse('ValidationError', messages.tooMany('load balancer ARNs', MOST_ARNS))
    const all = this.#loadBalancers.in(call)
    for (const arn of arns) this.#loadBalancers.find(arn, call)
    for (const name of names) {
      if (!all.some((candidate) => candidate.name === name)) {
        throw refuse('LoadBalancerNotFound', messages.loadBalancerNotFound(name))
      }
    }
    const chosen = all.filter(
      ({ arn, name }) => (arns.length === 0 && names.length === 0) || arns.includes(arn) || names.includes(name),
    )
    const { items, nextMarker } = page({ items: chosen, input, call, keyOf: ({ arn }) => arn })
    return (
      node('LoadBalancers', ...items.map((item) => node('member', loadBalancerXml(item, call.at)))) +
      leaf('NextMarker', nextMarker)
    )
  }

  #describeTags(call: Call, input: QueryInput): string {
    const arns = input.texts('ResourceArns')
    if (arns.length > MOST_ARNS) throw refuse('ValidationError', messages.tooMany('resource ARNs', MOST_ARNS))
    return list(
      'TagDescriptions',
      arns.map((arn) => leaf('ResourceArn', arn) + tagsXml(this.#resource(arn, call).tags)),
    )
  }

  #changeTags(call: Call, input: QueryInput, change: (tags: Tags) => Tags): void {
    for (const resource of input.texts('ResourceArns').map((arn) => this.#resource(arn, call))) {
      resource.tags = change(resource.tags)
    }
  }

  #resource(arn: string, call: Call): { tags: Tags } {
    if (arn.includes(':loadbalancer/')) return this.#loadBalancers.find(arn, call)
    if (arn.includes(':listener/')) return this.#loadBalancers.findListener(arn, call).listener
    throw refuse('ValidationError', messages.resourceNotFound(arn))
  }
}

function required(input: QueryInput, name: string): string {
  const value = input.text(name)
  if (value === undefined || value === '') throw refuse('ValidationError', messages.parameterRequired(name))
  return value
}

function readTags(input: QueryInput): Tags {
  return Object.fromEntries(input.members('Tags').map((tag) => [required(tag, 'Key'), tag.text('Value') ?? '']))
}
