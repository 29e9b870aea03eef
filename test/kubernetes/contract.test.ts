import { kubernetesContract } from '../contracts/kubernetes.ts'
import { startKubernetes } from './harness.ts'

kubernetesContract('a real kube-apiserver', startKubernetes)
