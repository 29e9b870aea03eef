import { afterEach, beforeEach, describe } from 'vitest'
import type { AwsHarness, AwsHarnessFactory, Enter } from './aws-harness.ts'
import { acmContract } from './aws-acm.ts'
import { acmListContract } from './aws-acm-list.ts'
import { issuanceContract } from './aws-issuance.ts'
import { renewalContract } from './aws-renewal.ts'
import { route53Contract } from './aws-route53.ts'
import { elbv2Contract } from './aws-elbv2.ts'
import { commonContract } from './aws-common.ts'

/**
 * What Certwright relies on in AWS, said through the SDK's clients, a fact a test. The marks in the names: [S] SDK types or service model,
 * [D] AWS documentation, [R] recorded against AWS, [I] a public issue, [C] source code that works against AWS, [?] inferred.
 */
export function awsContract(name: string, make: AwsHarnessFactory): void {
  describe(name, () => {
    let open: AwsHarness[] = []
    beforeEach(() => {
      open = []
    })
    afterEach(async () => {
      for (const harness of open) await harness.close()
    })
    const enter: Enter = async (settings) => {
      const harness = await make(settings)
      open.push(harness)
      return harness
    }
    describe('ACM', () => acmContract(enter))
    describe('ACM: lists, tags, deletion', () => acmListContract(enter))
    describe('issuance', () => issuanceContract(enter))
    describe('renewal', () => renewalContract(enter))
    describe('Route 53', () => route53Contract(enter))
    describe('Elastic Load Balancing', () => elbv2Contract(enter))
    describe('identity, tagging and faults', () => commonContract(enter))
  })
}
