import { Command, CommanderError } from 'commander'
import { AddressUnavailable } from '../telemetry/server.ts'
import { AdoptFailed } from './adopt/failure.ts'
import { adoptCommand } from './adopt.ts'
import { closest } from './closest.ts'
import { crdsCommand } from './crds.ts'
import { DemoFailed } from './demo/failure.ts'
import { demoCommand } from './demo.ts'
import { runCommand } from './run.ts'
import { sandboxCommand } from './sandbox.ts'
import { quoted, UsageError } from './usage-error.ts'
import { VERSION } from '../version.ts'

const DESCRIPTION = `Gives every Kubernetes Ingress behind an AWS load balancer a certificate of AWS Certificate Manager.`

/**
 * Runs one command line, and gives the exit code: 0, 2 for a wrong command line or configuration, 1 for any other failure. A failure is
 * said on standard error, in one sentence where it is one that we know.
 */
export async function runCommandLine(words: readonly string[]): Promise<number> {
  try {
    const root = program()
    refuseHelpOfNothing(root, words)
    await root.parseAsync(words.length === 0 ? ['help'] : words, { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError && (error.exitCode === 0 || error.code === 'commander.help')) return 0
    process.stderr.write(`certwright: ${isKnown(error) ? error.message : stackOf(error)}\n`)
    return error instanceof UsageError ? 2 : 1
  }
}

/** Failures that say all there is to say; any other is a defect of ours, and where it came from helps to mend it. */
function isKnown(error: unknown): error is Error {
  return [UsageError, AddressUnavailable, AdoptFailed, DemoFailed, CommanderError].some(
    (known) => error instanceof known,
  )
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

function program(): Command {
  const root: Command = new Command('certwright')
    .description(DESCRIPTION)
    .version(`certwright ${VERSION} (Node ${process.version})`, '--version', 'Print the version.')
    .helpCommand('help [command]', 'Print the help of a command.')
  const commands = [runCommand(), demoCommand(), sandboxCommand(), crdsCommand(), adoptCommand()]
  for (const command of commands) root.addCommand(command)
  for (const command of [root, ...root.commands]) {
    command
      .usage(command === root ? '<command> [flags]' : ['[flags]', ...argumentsOf(command)].join(' '))
      .helpOption('-h, --help', 'Print this help.')
      .configureHelp({
        subcommandTerm: (each) => (each.name() === 'help' ? 'help [command]' : each.name()),
        styleTitle: (title) => (title === 'Options:' ? 'Flags:' : title),
      })
      .configureOutput({ outputError: () => {} })
      .exitOverride((error) => {
        throw explained(error, command)
      })
  }
  return root
}

function argumentsOf(command: Command): string[] {
  return command.registeredArguments.map((argument) => `[${argument.name()}...]`)
}

/** `help nothing` would print the help of everything, and fail without a word. */
function refuseHelpOfNothing(root: Command, [first, topic]: readonly string[]): void {
  if (first !== 'help' || topic === undefined || topic.startsWith('-')) return
  const names = root.commands.map((command) => command.name())
  if (![...names, 'help'].includes(topic)) throw noSuchCommand(topic, names)
}

/** What commander found wrong, as one sentence with the cure. Its texts are those of the version that package.json pins. */
function explained(error: CommanderError, command: Command): Error {
  const [, found = ''] = /'([^']+)'/.exec(error.message) ?? []
  const path = command.parent ? `certwright ${command.name()}` : 'certwright'
  switch (error.code) {
    case 'commander.unknownOption': {
      const flags = command.options.map((option) => option.long ?? '')
      return new UsageError(
        `${path} has no flag ${quoted(found)}: ${cure(found.replace(/=.*/s, ''), flags, `${path} --help`)}`,
      )
    }
    case 'commander.unknownCommand':
      return noSuchCommand(
        found,
        command.commands.map((each) => each.name()),
      )
    case 'commander.optionMissingArgument':
      return new UsageError(`${found.split(' ')[0]} needs a value: write ${found}.`)
    case 'commander.excessArguments': {
      const [, extra = ''] = /: ([^:]*?)\.?$/s.exec(error.message) ?? []
      return new UsageError(`${path} takes no argument, but was given ${quoted(extra)}: remove it.`)
    }
    default:
      return error
  }
}

function noSuchCommand(found: string, names: readonly string[]): UsageError {
  return new UsageError(`there is no command ${quoted(found)}: ${cure(found, names, 'certwright help')}`)
}

function cure(found: string, candidates: readonly string[], help: string): string {
  const near = closest(found, candidates)
  return near ? `did you mean ${near}?` : `see '${help}' for all.`
}
