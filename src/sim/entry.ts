import { quoted, UsageError } from '../cli/usage-error.ts'

/** Runs a command. What its caller got wrong is one sentence and exit code 2; whatever else it throws is a defect, and is thrown on. */
export async function enter(command: () => Promise<void> | void): Promise<void> {
  try {
    await command()
  } catch (error) {
    if (!isMistake(error)) throw error
    console.error(error.message)
    process.exitCode = 2
  }
}

/** @throws UsageError unless `text` is a whole number of at least `least`. */
export function wholeNumber(flag: string, text: string, least = 1): number {
  if (/^\d+$/.test(text) && Number(text) >= least && Number.isSafeInteger(Number(text))) return Number(text)
  throw new UsageError(
    `${flag} has the value ${quoted(text)}, which is not a whole number from ${least} up: give one such as 100.`,
  )
}

/** What is chosen of `known`; all of it where nothing was chosen. @throws UsageError for a name that is none of them. */
export function chosenOf<T extends string>(
  flag: string,
  names: readonly string[] | undefined,
  known: readonly T[],
): readonly T[] {
  const unknown = names?.find((name) => !known.some((other) => other === name))
  if (unknown !== undefined)
    throw new UsageError(
      `${flag} has the value ${quoted(unknown)}, which is not there: give one of ${known.join(', ')}.`,
    )
  return known.filter((name) => names === undefined || names.includes(name))
}

/** Node says in a code of its own that a flag is unknown or lacks its value. */
function isMistake(error: unknown): error is Error {
  if (error instanceof UsageError) return true
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_')
}
