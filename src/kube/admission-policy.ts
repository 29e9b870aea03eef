import { GROUP, VERSION } from './crds.ts'

/** https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/validating-admission-policy-v1/ */
interface AdmissionObject {
  readonly apiVersion: 'admissionregistration.k8s.io/v1'
  readonly kind: 'ValidatingAdmissionPolicy' | 'ValidatingAdmissionPolicyBinding'
  readonly metadata: { readonly name: string }
  readonly spec: object
}

const NAME = `certificates.${GROUP}`

function annotation(of: string, name: string): string {
  return `(has(${of}.metadata.annotations) && '${GROUP}/${name}' in ${of}.metadata.annotations ? ${of}.metadata.annotations['${GROUP}/${name}'] : '')`
}

/** As the program normalises a list of names: lower case, no white space around, no trailing dot. */
function normal(list: string): string {
  return `${list}.map(n, n.trim().lowerAscii()).map(n, n.endsWith('.') ? n.substring(0, size(n) - 1) : n)`
}

/** The names that the Ingress `of` asks for. */
function namesOf(of: string): string {
  const rules = `(has(${of}.spec.rules) ? ${of}.spec.rules.filter(r, has(r.host)).map(r, r.host) : [])`
  const tls = `(has(${of}.spec.tls) ? ${of}.spec.tls.filter(t, has(t.hosts)).map(t, t.hosts.join(',')).join(',').split(',') : [])`
  const excluded = normal(`${annotation(of, 'exclude-names')}.split(',')`)
  const all = normal(`(${rules} + ${tls} + ${annotation(of, 'names')}.split(','))`)
  return `${all}.filter(n, n != '' && !(n in ${excluded}))`
}

const LABELS = "(has(namespaceObject.metadata.labels) ? namespaceObject.metadata.labels : {'': ''})"

const SELECTED = `
(!has(params.spec.namespaceSelector.matchLabels) ||
  params.spec.namespaceSelector.matchLabels.all(k, k in variables.labels && variables.labels[k] == params.spec.namespaceSelector.matchLabels[k])) &&
(!has(params.spec.namespaceSelector.matchExpressions) ||
  params.spec.namespaceSelector.matchExpressions.all(e,
    e.operator == 'In' ? (e.key in variables.labels && variables.labels[e.key] in e.values) :
    e.operator == 'NotIn' ? !(e.key in variables.labels && variables.labels[e.key] in e.values) :
    e.operator == 'Exists' ? e.key in variables.labels : !(e.key in variables.labels)))`.trim()

const REFUSED = `
variables.asks && variables.selected ? variables.names.filter(n,
  !params.spec.domains.exists(d, n == d || n.endsWith('.' + d)) ||
  (n.startsWith('*.') && !(has(params.spec.wildcards) && params.spec.wildcards)) ||
  (n.startsWith('*.') && !params.spec.domains.exists(d, n.substring(2) == d || n.substring(2).endsWith('.' + d)))) : []`.trim()

/**
 * What `certwright crds --admission-policy` prints: it refuses an Ingress that asks for a certificate with a name that a CertificatePolicy
 * of its namespace does not allow. The API server asks it once for each CertificatePolicy, and all must agree, which is what the plan
 * asks, too; but that no policy selects a namespace, or that an IngressClass opted an Ingress in, only the plan sees. It fails shut: an
 * Ingress that asks and cannot be judged is refused. What does not ask, is on its way out, or leaves its names as they are, is never judged.
 */
export const ADMISSION_POLICY: readonly AdmissionObject[] = [
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: NAME },
    spec: {
      failurePolicy: 'Fail',
      paramKind: { apiVersion: `${GROUP}/${VERSION}`, kind: 'CertificatePolicy' },
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: ['networking.k8s.io'],
            apiVersions: ['v1'],
            operations: ['CREATE', 'UPDATE'],
            resources: ['ingresses'],
          },
        ],
      },
      matchConditions: [
        { name: 'is-not-being-deleted', expression: '!has(object.metadata.deletionTimestamp)' },
        { name: 'does-not-opt-out', expression: `${annotation('object', 'certificate')} != 'false'` },
        {
          name: 'asks-for-something-new',
          expression: `oldObject == null || ${annotation('object', 'certificate')} != ${annotation('oldObject', 'certificate')} || ${namesOf('object')}.exists(n, !(n in ${namesOf('oldObject')}))`,
        },
      ],
      variables: [
        { name: 'labels', expression: LABELS },
        {
          name: 'asks',
          expression: `${annotation('object', 'certificate')} in ['true', 'standby'] || (${annotation('object', 'certificate')} == '' && '${GROUP}/certificate' in variables.labels && variables.labels['${GROUP}/certificate'] in ['true', 'standby'])`,
        },
        { name: 'selected', expression: SELECTED },
        { name: 'names', expression: namesOf('object') },
        { name: 'refused', expression: REFUSED },
      ],
      validations: [
        {
          expression: 'size(variables.refused) == 0',
          reason: 'Forbidden',
          messageExpression: `variables.refused[0] + ' of Ingress ' + object.metadata.namespace + '/' + object.metadata.name + ' is not allowed in namespace ' + object.metadata.namespace + ' by CertificatePolicy ' + params.metadata.name + '; add its domain to spec.domains there, or leave the name out with ${GROUP}/exclude-names.'`,
        },
      ],
    },
  },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: NAME },
    spec: {
      policyName: NAME,
      validationActions: ['Deny'],
      // With no CertificatePolicy at all nothing is refused here: the plan then requests nothing, and says why.
      paramRef: { selector: {}, parameterNotFoundAction: 'Allow' },
    },
  },
]
