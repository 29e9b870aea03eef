import { Command } from 'commander'
import { addSettings, givenFlags, type SettingTable, settleAll } from './setting.ts'
import { dnsNames, duration, text, toggle, wholeNumber } from './values.ts'

/** Everything that `certwright sandbox` can be told. */
export interface SandboxSettings {
  readonly seed: number
  /** Milliseconds from the moment that ACM sees the validation records to "issued". */
  readonly issuance: number
  readonly zones: readonly string[]
  readonly loadBalancerController: boolean
  readonly stateDirectory: string
  readonly kubernetesPort: number
  readonly awsPort: number
}

const SETTINGS: SettingTable<SandboxSettings> = {
  seed: {
    flag: 'seed',
    argument: '<number>',
    default: '1',
    sentence: 'What chance is drawn from: identifiers, delays.',
    check: wholeNumber(0, 4_294_967_295),
  },
  issuance: {
    flag: 'issuance',
    argument: '<duration>',
    default: '5s',
    sentence: 'How long ACM takes to issue once it has seen the validation records.',
    check: duration(),
  },
  zones: {
    flag: 'zones',
    argument: '<names>',
    default: 'example.com',
    sentence: 'The public hosted zones to begin with, separated by commas.',
    check: dnsNames,
  },
  loadBalancerController: {
    flag: 'load-balancer-controller',
    default: 'true',
    sentence: 'Have an actor behave as the AWS Load Balancer Controller does; false to run your own.',
    check: toggle('true or false'),
  },
  stateDirectory: {
    flag: 'state-dir',
    argument: '<directory>',
    default: '.certwright',
    sentence: 'Where sandbox.env and kubeconfig are written; created where it is missing.',
    check: text,
  },
  kubernetesPort: {
    flag: 'kubernetes-port',
    argument: '<port>',
    default: '0',
    sentence: 'The loopback port of the Kubernetes API; 0 for any free one.',
    check: wholeNumber(0, 65_535),
  },
  awsPort: {
    flag: 'aws-port',
    argument: '<port>',
    default: '0',
    sentence: 'The loopback port of AWS; 0 for any free one.',
    check: wholeNumber(0, 65_535),
  },
}

/** `certwright sandbox`: the embedded world alone. */
export function sandboxCommand(): Command {
  const command = new Command('sandbox').description(
    'Run a small AWS and a small Kubernetes on loopback ports, for kubectl, the AWS CLI or any controller.',
  )
  addSettings(command, SETTINGS)
  return command.action(async () => {
    const settings = settleAll(SETTINGS, { flags: givenFlags(command) })
    const [{ runSandbox }, { untilToldToStop }] = await Promise.all([
      import('./sandbox/run.ts'),
      import('./signals.ts'),
    ])
    await untilToldToStop((signal) => runSandbox({ settings, signal, say: (line) => console.log(line) }))
  })
}
