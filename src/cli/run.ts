import { Command } from 'commander'
import { resolveSettings, SETTINGS, type Settings } from '../config.ts'
import { CONFIGURATION_API_VERSION, CONFIGURATION_KIND, readConfigurationFile } from './configuration-file.ts'
import { addSettings, givenFlags } from './setting.ts'

const AFTER_HELP = `
A configuration file holds any of these settings under the same names, without the dashes before them; a flag wins over it:

  apiVersion: ${CONFIGURATION_API_VERSION}
  kind: ${CONFIGURATION_KIND}
  cluster-name: production
  retire-after: 48h
  hosted-zone: [example.com=Z0123456789]
`

/** `certwright run`: the controller. */
export function runCommand(): Command {
  const command = new Command('run')
    .description('Run the controller.')
    .option('--config <file>', 'A configuration file: YAML or JSON.')
    .addHelpText('after', AFTER_HELP)
  addSettings(command, SETTINGS)
  return command.action(async () => {
    const { startController } = await import('./start.ts')
    await startController(settingsOf(command))
  })
}

/** @throws UsageError */
function settingsOf(command: Command): Settings {
  const { config, ...flags } = givenFlags(command)
  return resolveSettings({ flags, file: typeof config === 'string' ? readConfigurationFile(config) : undefined })
}
