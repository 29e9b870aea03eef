import type { Claim } from '../../core/claim.ts'
import type { IngressClass, IngressClassParameters, Namespace } from '../../core/ingress.ts'
import type { Settings } from '../../core/settings.ts'
import { ingress, settings } from '../../core/testing/situations.ts'
import type { IngressOptions } from '../../core/testing/situations.ts'
import type { Classes } from '../ingress.ts'
import { claimOf } from '../ingress.ts'

export const CERTIFICATE = 'certwright.dev/certificate'

export function classNamed(name: string, controller: string, parameters?: IngressClass['parameters']): IngressClass {
  return { name, controller, parameters, isDefault: false, asks: undefined }
}

export function classes(options: { classes?: IngressClass[]; parameters?: IngressClassParameters[] } = {}): Classes {
  const { classes: all = [classNamed('alb', 'ingress.k8s.aws/alb')], parameters = [] } = options
  return {
    classes: new Map(all.map((entry) => [entry.name, entry])),
    parameters: new Map(parameters.map((entry) => [`${entry.apiGroup}/${entry.name}`, entry])),
  }
}

/** The claim of an Ingress `default/shop` that asks for a certificate. */
export function claimed(
  options: IngressOptions & {
    of?: Partial<Settings>
    classes?: Classes
    asks?: string | undefined
    namespaces?: Namespace[]
  } = {},
): Claim {
  const asks = 'asks' in options ? options.asks : 'true'
  const made = ingress({
    ...options,
    annotations: { ...(asks === undefined ? {} : { [CERTIFICATE]: asks }), ...options.annotations },
  })
  const { namespaces = [{ name: 'default', labels: {} }] } = options
  return claimOf({
    ingress: made,
    classes: options.classes ?? classes(),
    namespaces: new Map(namespaces.map((entry) => [entry.name, entry])),
    settings: settings(options.of),
  })
}

export function verdictOf({ request }: Claim): [string, string, string] | undefined {
  if (request.kind !== 'declined') return undefined
  const { state, reason, message } = request.verdict
  return [state, reason, message]
}
