import { readFileSync } from 'node:fs'
import { parseDocument } from 'yaml'
import { quoted, UsageError } from './usage-error.ts'

export const CONFIGURATION_API_VERSION = 'certwright.dev/v1alpha1'
export const CONFIGURATION_KIND = 'Configuration'

/** A configuration file as it was written: its fields have the flags' names, and are not checked yet. */
export interface ConfigurationFile {
  readonly path: string
  readonly fields: Readonly<Record<string, unknown>>
}

/**
 * Reads a configuration file: YAML or JSON.
 * @throws UsageError when it cannot be read, is not YAML, or is not a `Configuration`.
 */
export function readConfigurationFile(path: string): ConfigurationFile {
  return parseConfiguration(path, read(path))
}

/** What {@link readConfigurationFile} does with the file's `text`. */
export function parseConfiguration(path: string, text: string): ConfigurationFile {
  const document = parseDocument(text, { logLevel: 'silent' })
  const [error] = document.errors
  if (error) {
    const line = error.linePos?.[0].line
    throw new UsageError(`${path}${line ? `, line ${line},` : ''} is not YAML or JSON: ${firstLine(error.message)}.`)
  }
  const content: unknown = document.toJS()
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new UsageError(`${path} holds no configuration: begin it with ${head()} and add the settings, one a line.`)
  }
  const { apiVersion, kind, ...fields } = content as Record<string, unknown>
  expectHead(path, 'apiVersion', apiVersion, CONFIGURATION_API_VERSION)
  expectHead(path, 'kind', kind, CONFIGURATION_KIND)
  for (const [field, value] of Object.entries(fields)) {
    if (value === null)
      throw new UsageError(`the field ${field} of ${path} has no value: give it one or remove the line.`)
  }
  return { path, fields }
}

function expectHead(path: string, field: string, value: unknown, expected: string): void {
  if (value === expected) return
  if (value === undefined) throw new UsageError(`${path} has no ${field}: add ${field}: ${expected}.`)
  throw new UsageError(
    `${path} has ${field} ${quoted(value)}, which this version of Certwright does not read: write ${field}: ${expected}.`,
  )
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    const problem = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`
    throw new UsageError(
      `the configuration file ${path} of --config ${problem}: correct the path or leave --config out.`,
    )
  }
}

function head(): string {
  return `"apiVersion: ${CONFIGURATION_API_VERSION}" and "kind: ${CONFIGURATION_KIND}"`
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? message).replace(/ at line \d+, column \d+:?$/, '').replace(/[.:]$/, '')
}
