import { ApiError, type KubernetesApi } from '../kubernetes-api.ts'

const INGRESS_CLASS = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata: { name: 'alb' },
  spec: { controller: 'ingress.k8s.aws/alb' },
}

/** As much of the CRD as the certificates of Ingresses depend on; other fields are kept, unread. */
const INGRESS_CLASS_PARAMS = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'ingressclassparams.elbv2.k8s.aws' },
  spec: {
    group: 'elbv2.k8s.aws',
    scope: 'Cluster',
    names: {
      kind: 'IngressClassParams',
      listKind: 'IngressClassParamsList',
      plural: 'ingressclassparams',
      singular: 'ingressclassparams',
    },
    versions: [
      {
        name: 'v1beta1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                'x-kubernetes-preserve-unknown-fields': true,
                properties: {
                  certificateArn: { type: 'array', items: { type: 'string' } },
                  group: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
                },
              },
            },
          },
        },
      },
    ],
  },
}

/** Creates what an installation of the AWS Load Balancer Controller brings into a cluster: its class, and the CRD of the class's parameters. */
export async function installLoadBalancerController(api: KubernetesApi): Promise<void> {
  await createOnce(api, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', INGRESS_CLASS_PARAMS)
  await createOnce(api, '/apis/networking.k8s.io/v1/ingressclasses', INGRESS_CLASS)
}

/** What is there already stays as it is. */
export async function createOnce(api: KubernetesApi, path: string, body: unknown): Promise<void> {
  try {
    await api.create({ path, body })
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 409)) throw error
  }
}
