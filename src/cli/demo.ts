import { Command } from 'commander'
import { z } from 'zod'
import { type Break, BREAKS } from './demo/breaks.ts'
import { addSettings, givenFlags, type SettingTable, settleAll } from './setting.ts'
import { text, toggle } from './values.ts'

/** Everything that `certwright demo` can be told. */
export interface DemoSettings {
  readonly exit: boolean
  readonly break: Break | undefined
  readonly stateDirectory: string
}

const SETTINGS: SettingTable<DemoSettings> = {
  exit: {
    flag: 'exit',
    default: 'false',
    sentence: 'End after the story, on a terminal too.',
    check: toggle('true or false'),
  },
  break: {
    flag: 'break',
    argument: '<rule>',
    sentence: `Break a rule of the plan on purpose, to see handshakes fail: ${BREAKS.join(', ')}.`,
    check: z.enum(BREAKS, { error: `is no rule to break: give ${BREAKS.join(' or ')}` }).optional(),
  },
  stateDirectory: {
    flag: 'state-dir',
    argument: '<directory>',
    default: '.certwright',
    sentence: 'Where sandbox.env and kubeconfig are written for looking around afterwards.',
    check: text,
  },
}

/** `certwright demo`: the whole of it on this machine, as a story. */
export function demoCommand(): Command {
  const command = new Command('demo').description(
    'Play a certificate’s life on this machine: a small AWS, a small Kubernetes, real TLS; no account and no cluster needed.',
  )
  addSettings(command, SETTINGS)
  return command.action(async () => {
    const settings = settleAll(SETTINGS, { flags: givenFlags(command) })
    const [{ runDemo }, { untilToldToStop }] = await Promise.all([import('./demo/run.ts'), import('./signals.ts')])
    const stay = process.stdout.isTTY && !settings.exit
    await untilToldToStop((signal) => runDemo({ settings, stay, signal, say: (line) => console.log(line) }))
  })
}
