import { Command } from 'commander'

/** `certwright crds`: the CustomResourceDefinitions, or the admission policy, for `kubectl apply -f -`. */
export function crdsCommand(): Command {
  return new Command('crds')
    .description('Print the CustomResourceDefinitions: certwright crds | kubectl apply -f -')
    .option(
      '--admission-policy',
      'Print the ValidatingAdmissionPolicy that enforces CertificatePolicy objects instead.',
    )
    .action(async ({ admissionPolicy }: { admissionPolicy?: true }) => {
      const [{ stringify }, { CUSTOM_RESOURCE_DEFINITIONS }, { ADMISSION_POLICY }] = await Promise.all([
        import('yaml'),
        import('../kube/crds.ts'),
        import('../kube/admission-policy.ts'),
      ])
      const objects: readonly object[] = admissionPolicy ? ADMISSION_POLICY : CUSTOM_RESOURCE_DEFINITIONS
      const documents = objects.map((object) => stringify(object, { aliasDuplicateObjects: false, lineWidth: 120 }))
      process.stdout.write(documents.join('---\n'))
    })
}
