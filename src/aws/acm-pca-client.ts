import { ACMClient, type ACMClientConfig, ListTagsForCertificateCommand } from '@aws-sdk/client-acm'

/**
 * AWS Private CA by the SDK's own machinery. Its generated client of today is not in the registry that we build from, and an old one would
 * bring a second SDK with it. All clients of AWS's JSON protocol are one machine with tables: this is ACM's, with those of the two operations
 * that we need (service model `acm-pca`, 2017-08-22). Credentials, signing, endpoints (`AWS_ENDPOINT_URL_ACM_PCA`, FIPS, dual stack), time-outs
 * and errors are the SDK's.
 */
export class AcmPcaClient {
  readonly #client: ACMClient

  constructor(config: ACMClientConfig) {
    const ours = {
      ...config,
      serviceId: 'ACM PCA',
      signingName: 'acm-pca',
      protocolSettings: { defaultNamespace: NAMESPACE, version: '2017-08-22', serviceTarget: TARGET },
    }
    this.#client = new ACMClient(ours)
    const { config: settled } = this.#client
    const endpointOfAcm = settled.endpointProvider
    // The hosts of both services are built alike in every partition: acm-fips.REGION.SUFFIX, acm-pca-fips.REGION.SUFFIX.
    settled.endpointProvider = (parameters, context) => {
      const endpoint = endpointOfAcm(parameters, context)
      if (parameters.Endpoint !== undefined) return endpoint
      const url = new URL(endpoint.url)
      url.hostname = url.hostname.replace(/^acm/, 'acm-pca')
      return { ...endpoint, url }
    }
  }

  describeCertificateAuthority(arn: string, http: Http): Promise<DescribeCertificateAuthorityOutput> {
    return this.#send(DESCRIBE, { CertificateAuthorityArn: arn }, http)
  }

  listPermissions(arn: string, token: string | undefined, http: Http): Promise<ListPermissionsOutput> {
    return this.#send(LIST_PERMISSIONS, { CertificateAuthorityArn: arn, NextToken: token }, http)
  }

  destroy(): void {
    this.#client.destroy()
  }

  async #send<Output>(operation: Operation, input: object, http: Http): Promise<Output> {
    // Any command would do: which operation it is only its table says.
    const command = new ListTagsForCertificateCommand(input as { CertificateArn: string })
    command.middlewareStack.add(
      (next, context) => (args) => {
        const generated = context.__smithy_context as object
        context.__smithy_context = {
          ...generated,
          service: TARGET,
          operation: operation[2],
          operationSchema: operation,
        }
        return next(args)
      },
      { step: 'initialize', name: 'privateAuthorityOperation' },
    )
    return (await this.#client.send(command, http)) as Output
  }
}

interface Http {
  readonly abortSignal: AbortSignal
}

/** What we read of it; the rest is not deserialised. */
export interface DescribeCertificateAuthorityOutput {
  readonly CertificateAuthority?: {
    readonly Status?: string
    readonly UsageMode?: string
    readonly NotAfter?: Date
    readonly OwnerAccount?: string
    readonly LastStateChangeAt?: Date
    readonly CertificateAuthorityConfiguration?: { readonly KeyAlgorithm?: string }
  }
}

export interface ListPermissionsOutput {
  readonly Permissions?: readonly { readonly Principal?: string; readonly Actions?: readonly string[] }[]
  readonly NextToken?: string
}

const NAMESPACE = 'com.amazonaws.acmpca'
const TARGET = 'ACMPrivateCA'

/** The kinds of the SDK's static schemas (`@smithy/types`, schema/static-schemas). */
const [STRING, LIST, STRUCTURE, TIMESTAMP, OPERATION] = [0, 1, 3, 4, 9] as const

type Shape = number | readonly unknown[]
type Operation = readonly [typeof OPERATION, string, string, 0, Shape, Shape]

function structure(name: string, members: Readonly<Record<string, Shape>>): Shape {
  return [STRUCTURE, NAMESPACE, name, 0, Object.keys(members), Object.values(members)]
}

function list(name: string, member: Shape): Shape {
  return [LIST, NAMESPACE, name, 0, member]
}

function operation(name: string, input: Readonly<Record<string, Shape>>, output: Readonly<Record<string, Shape>>) {
  const [request, response] = [structure(`${name}Request`, input), structure(`${name}Response`, output)]
  return [OPERATION, NAMESPACE, name, 0, request, response] as const
}

/** https://docs.aws.amazon.com/privateca/latest/APIReference/API_DescribeCertificateAuthority.html */
const DESCRIBE = operation(
  'DescribeCertificateAuthority',
  { CertificateAuthorityArn: STRING },
  {
    CertificateAuthority: structure('CertificateAuthority', {
      Status: STRING,
      UsageMode: STRING,
      NotAfter: TIMESTAMP,
      OwnerAccount: STRING,
      LastStateChangeAt: TIMESTAMP,
      CertificateAuthorityConfiguration: structure('CertificateAuthorityConfiguration', { KeyAlgorithm: STRING }),
    }),
  },
)

/** https://docs.aws.amazon.com/privateca/latest/APIReference/API_ListPermissions.html */
const LIST_PERMISSIONS = operation(
  'ListPermissions',
  { CertificateAuthorityArn: STRING, NextToken: STRING },
  {
    Permissions: list(
      'PermissionList',
      structure('Permission', { Principal: STRING, Actions: list('ActionList', STRING) }),
    ),
    NextToken: STRING,
  },
)
