import { Command } from 'commander'

/** `certwright crds`: the CustomResourceDefinitions, for `kubectl apply -f -`. */
export function crdsCommand(): Command {
  return new Command('crds')
    .description('Print the CustomResourceDefinitions: certwright crds | kubectl apply -f -')
    .action(async () => {
      const [{ stringify }, { CUSTOM_RESOURCE_DEFINITIONS }] = await Promise.all([
        import('yaml'),
        import('../kube/crds.ts'),
      ])
      const documents = CUSTOM_RESOURCE_DEFINITIONS.map((definition) =>
        stringify(definition, { aliasDuplicateObjects: false, lineWidth: 120 }),
      )
      process.stdout.write(documents.join('---\n'))
    })
}
