import { CUSTOM_RESOURCE_DEFINITIONS } from '../../kube/crds.ts'
import type { Transport } from '../../kube/transport.ts'

/** The class of the AWS Load Balancer Controller: https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/ingress_class/ */
const ALB = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata: { name: 'alb' },
  spec: { controller: 'ingress.k8s.aws/alb' },
}

/** Creates what a cluster with the AWS Load Balancer Controller and Certwright's CRDs has, so that `kubectl apply` works at once. */
export async function installBeginnings(kube: Transport, signal: AbortSignal): Promise<void> {
  await create(kube, '/apis/networking.k8s.io/v1/ingressclasses', ALB, signal)
  for (const definition of CUSTOM_RESOURCE_DEFINITIONS) {
    await create(kube, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition, signal)
  }
}

async function create(kube: Transport, path: string, object: object, signal: AbortSignal): Promise<void> {
  const { status, body } = await kube.request({ method: 'POST', path, body: JSON.stringify(object), signal })
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  if (status === 201) return
  throw new Error(`the Kubernetes API answered ${status} to POST ${path}: ${Buffer.concat(chunks).toString()}`)
}
