import { Command } from 'commander'
import { resolveSettings, SETTINGS } from '../config.ts'
import { readConfigurationFile } from './configuration-file.ts'
import { addSettings, givenFlags } from './setting.ts'
import { quoted, UsageError } from './usage-error.ts'
import { certificateArn } from './values.ts'

const AFTER_HELP = `
A certificate that was made elsewhere serves, once it is adopted, the Ingresses whose names are just its own, and is never deleted.
With --owner the certificates that an earlier cluster of the same name left become this one's, all of them or those that are named.
`

/** `certwright adopt`: gives certificates that others made into the care of this cluster's controller. */
export function adoptCommand(): Command {
  const { clusterName, kubeconfig, context, region, quotaShare } = SETTINGS
  const command = new Command('adopt')
    .description('Take over certificates that were made elsewhere, or by a cluster that is no more.')
    .argument('[arn...]', 'The certificates.')
    .option('--owner <owner>', 'Take over what the cluster of this name with this owner left (certwright.dev/owner).')
    .option('--yes', 'Go ahead without asking.')
    .option('--config <file>', 'The configuration file of certwright run.')
    .addHelpText('after', AFTER_HELP)
  addSettings(command, { clusterName, kubeconfig, context, region, quotaShare })
  return command.action(async (arns: string[]) => {
    const { config, owner, yes, ...flags } = givenFlags(command)
    const file = typeof config === 'string' ? readConfigurationFile(config) : undefined
    const settings = resolveSettings({ flags, file })
    const from = ownerFrom(owner)
    if (arns.length === 0 && from === undefined)
      throw new UsageError('certwright adopt is to adopt nothing: name the ARNs of certificates, or an --owner.')
    for (const arn of arns) refuseWrongArn(arn)
    const [{ askOnTerminal }, { connectAsConfigured }, { realWorld }, { runAdopt }] = await Promise.all([
      import('./adopt/ask.ts'),
      import('./connect.ts'),
      import('./real-world.ts'),
      import('./adopt/run.ts'),
    ])
    const kube = await connectAsConfigured(settings)
    try {
      const world = await realWorld({ kube, region: settings.region })
      const confirm = yes === true ? async () => true : askOnTerminal
      await runAdopt({ world, settings, arns, owner: from, confirm, say: (line) => console.log(line) })
    } finally {
      await kube.close()
    }
  })
}

function ownerFrom(written: unknown): string | undefined {
  if (written === undefined) return undefined
  if (typeof written === 'string' && /^[0-9a-f]{12}$/.test(written)) return written
  throw new UsageError(
    `--owner has the value ${quoted(written)}, which is no owner: give the 12 hexadecimal digits of the tag certwright.dev/owner.`,
  )
}

function refuseWrongArn(arn: string): void {
  const checked = certificateArn.safeParse(arn)
  if (!checked.success)
    throw new UsageError(`certwright adopt was given ${quoted(arn)}, which ${checked.error.issues[0]?.message}.`)
}
