import { type Command, Option } from 'commander'
import type { z } from 'zod'
import { closest } from './closest.ts'
import type { ConfigurationFile } from './configuration-file.ts'
import { quoted, UsageError } from './usage-error.ts'

/** One setting: the flag's name without `--`, which is also its key in a configuration file. */
export interface Setting<T> {
  readonly flag: string
  /** What stands for the value in the help; absent for a switch, which may come without one. */
  readonly argument?: string
  /** As a person would write it. Absent: none, or none needed. */
  readonly default?: string
  readonly sentence: string
  readonly check: z.ZodType<T>
  readonly required?: true
  /** May be given more than once; a list in a configuration file. */
  readonly many?: true
}

/** The settings of a command, by the name that the program has for each. */
export type SettingTable<T> = { readonly [K in keyof T]: Setting<T[K]> }

/** The settings of any command. */
type AnyTable = Readonly<Record<string, Setting<unknown>>>

/** What was given on the command line, by the flag's name. */
export type GivenFlags = Readonly<Record<string, unknown>>

export function flagsOf(table: AnyTable): string[] {
  return Object.values(table).map(({ flag }) => flag)
}

/** Gives `command` a flag for each setting. Their values stay as written; {@link settleAll} checks them. */
export function addSettings(command: Command, table: AnyTable): Command {
  for (const setting of Object.values(table)) command.addOption(optionOf(setting))
  return command
}

function optionOf(setting: Setting<unknown>): Option {
  const { flag, argument, sentence, required, many } = setting
  const note = setting.default === undefined ? (required ? ' (required)' : '') : ` (default: ${setting.default})`
  const option = new Option(`--${flag} ${argument ?? '[boolean]'}`, `${sentence}${note}`)
  return option.argParser((written: string, before: unknown) => {
    if (written.startsWith('--')) throw new UsageError(`--${flag} needs a value: write --${flag} ${argument}.`)
    return many ? [...((before as string[] | undefined) ?? []), written] : written
  })
}

/** The flags given to `command`, by name. */
export function givenFlags(command: Command): GivenFlags {
  const values = command.opts<Record<string, unknown>>()
  return Object.fromEntries(command.options.map((option) => [option.name(), values[option.attributeName()]]))
}

/**
 * Settles every setting of `table`: from its flag, else from the configuration file, else its default.
 * @throws UsageError for the first field of the file that is no setting, else for the first setting that is wrong.
 */
export function settleAll<T>(
  table: SettingTable<T>,
  given: { flags: GivenFlags; file?: ConfigurationFile | undefined },
): T {
  if (given.file) refuseUnknownFields(given.file, flagsOf(table))
  const settled = Object.entries<Setting<unknown>>(table).map(([key, setting]) => [key, settle(setting, given)])
  return Object.fromEntries(settled) as T
}

function settle(
  setting: Setting<unknown>,
  given: { flags: GivenFlags; file?: ConfigurationFile | undefined },
): unknown {
  const { flag, argument } = setting
  const { flags, file } = given
  const written = flags[flag] ?? file?.fields[flag] ?? setting.default ?? (setting.many ? [] : undefined)
  if (written === undefined) {
    if (!setting.required) return undefined
    throw new UsageError(`--${flag} is missing, and there is no default for it: add --${flag} ${argument}.`)
  }
  const checked = setting.check.safeParse(written)
  if (checked.success) return checked.data
  const [issue] = checked.error.issues
  const at = issue?.path[0]
  const value = Array.isArray(written) && typeof at === 'number' ? (written as readonly unknown[])[at] : written
  const place = flags[flag] === undefined && file ? `the field ${flag} of ${file.path}` : `--${flag}`
  throw new UsageError(`${place} has the value ${quoted(value)}, which ${issue?.message}.`)
}

function refuseUnknownFields(file: ConfigurationFile, known: readonly string[]): void {
  for (const field of Object.keys(file.fields)) {
    if (known.includes(field)) continue
    const near = closest(field, known)
    const cure = near ? `did you mean ${near}?` : 'remove it; the names are those of the flags without --.'
    throw new UsageError(`${file.path} has a field ${quoted(field)}, which is no setting: ${cure}`)
  }
}
