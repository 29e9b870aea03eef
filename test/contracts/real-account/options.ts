import { parseArgs } from 'node:util'

export interface Options {
  readonly zone: string
  readonly region: string
  /** Somebody else's AWS: nothing that is found there is recorded. */
  readonly endpoint: string | undefined
  readonly subnets: readonly string[]
  /** Only facts whose area or sentence has this in it. */
  readonly only: string | undefined
  /** How long to wait for anything at most, in milliseconds. */
  readonly patience: number
  readonly yes: boolean
}

export const USAGE = `Tries the facts that Certwright relies on, on an AWS account of yours: says first what it would make, and takes it away again.

  node test/contracts/real-account/main.ts --zone ZONEID [--region REGION] [--subnets SUBNET,SUBNET] [--only TEXT] [--endpoint URL] [--patience SECONDS] [--yes]

  --zone      a public hosted zone that is delegated to; names are made up below it (or CERTWRIGHT_TEST_ZONE)
  --region    where certificates are requested (or AWS_REGION)
  --subnets   two public subnets: facts of load balancers are tried too, on one load balancer, which AWS charges by the hour
  --only      only facts that have this in their area or sentence
  --endpoint  another implementation of AWS's API (or AWS_ENDPOINT_URL); what is found there is not recorded
  --patience  how long to wait for anything at most: 45 minutes, at an endpoint one
  --yes       do it; without, nothing is made

Credentials come from where the AWS SDK looks: the environment, a profile (AWS_PROFILE), a role.`

/**
 * Reads the command line.
 * @throws Error with a sentence for people, where something is missing or unknown.
 */
export function readOptions(words: readonly string[], environment: NodeJS.ProcessEnv): Options | 'help' {
  const { values } = parseArgs({
    args: [...words],
    options: {
      zone: { type: 'string' },
      region: { type: 'string' },
      endpoint: { type: 'string' },
      subnets: { type: 'string' },
      only: { type: 'string' },
      patience: { type: 'string' },
      yes: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return 'help'
  const zone = values.zone ?? environment['CERTWRIGHT_TEST_ZONE'] ?? ''
  const region = values.region ?? environment['AWS_REGION'] ?? ''
  if (zone === '') throw new Error('no hosted zone is named; give --zone with the ID of a public one')
  if (region === '') throw new Error('no region is named; give --region')
  const subnets = (values.subnets ?? '').split(',').filter((subnet) => subnet !== '')
  if (subnets.length === 1) throw new Error('a load balancer needs two subnets; give --subnets SUBNET,SUBNET')
  const endpoint = values.endpoint ?? environment['AWS_ENDPOINT_URL']
  const patience = Number(values.patience ?? (endpoint === undefined ? 2_700 : 60))
  if (!(patience > 0)) throw new Error(`--patience is ${values.patience}; give a number of seconds`)
  return {
    zone: zone.replace(/^\/?hostedzone\//, ''),
    region,
    endpoint,
    subnets,
    only: values.only,
    patience: patience * 1_000,
    yes: values.yes ?? false,
  }
}
