import type { AwsLedger } from '../aws/ledger.ts'
import type { View } from '../laws/view.ts'

/** S9, asked of listeners: the default certificate of one does not change to another with the same names while it is healthy. */
export function watchDefaultCertificates(options: {
  events: AwsLedger
  view: View
  broken: (sentence: string) => void
}): void {
  const { events, view, broken } = options
  const defaults = new Map<string, string>()
  events.subscribe((event) => {
    if (event.kind !== 'listenerCertificateAdded' || !event.isDefault) return
    const { certificateArn, listenerArn } = event
    const before = defaults.get(listenerArn)
    defaults.set(listenerArn, certificateArn)
    if (before === undefined || before === certificateArn || !view.isHealthy(before)) return
    if (namesOf(view, before) !== namesOf(view, certificateArn)) return
    broken(`a listener's default changed from ${view.label(before)} to its twin ${view.label(certificateArn)}`)
  })
}

function namesOf(view: View, arn: string): string {
  return [...view.namesOf(arn)].sort().join()
}
