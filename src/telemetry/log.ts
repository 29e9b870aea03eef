import { Writable } from 'node:stream'
import pino, { type DestinationStream } from 'pino'
import type { Clock } from '../clock.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export type LogFields = Readonly<Record<string, unknown>>

/** Where messages for the operator go. A message is one sentence; what it speaks of stands in the fields. An `error` field holds an Error. */
export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** A log whose messages all carry `fields`. */
  with(fields: LogFields): Log
}

export interface LogOptions {
  readonly clock: Clock
  readonly level: LogLevel
  /** `json`: one object a line; `text`: one readable line. */
  readonly format: 'json' | 'text'
  /** Takes whole lines. Absent: standard error. */
  readonly destination?: DestinationStream | undefined
}

/** A log that writes each message as one line. */
export function createLog(options: LogOptions): Log {
  const { clock, level, format } = options
  const lines = options.destination ?? pino.destination({ fd: 2, sync: true })
  const logger = pino(
    {
      level,
      base: null,
      messageKey: 'message',
      errorKey: 'error',
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    format === 'json' ? lines : textLines(lines),
  )
  return adapt(logger)
}

/** A log that drops everything. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => silentLog }

function adapt(logger: pino.Logger): Log {
  return {
    debug: (message, fields) => logger.debug(fields ?? {}, message),
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
    with: (fields) => adapt(logger.child(fields)),
  }
}

/** Turns pino's lines into lines for people: `09:00:00.000 WARN  message · key=value`. */
function textLines(lines: DestinationStream): Writable {
  return new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      lines.write(`${asText(JSON.parse(chunk) as Record<string, unknown>)}\n`)
      done()
    },
  })
}

function asText(entry: Record<string, unknown>): string {
  const { time, level, message, error, ...fields } = entry
  const shown = Object.entries(fields).map(([key, value]) => ` ${key}=${asWord(value)}`)
  const cause = error === undefined ? '' : ` error=${asWord((error as { message?: string }).message ?? error)}`
  const about = shown.join('') + cause
  return `${String(time).slice(11, 23)} ${String(level).toUpperCase().padEnd(5)} ${String(message)}${about && ` ·${about}`}`
}

function asWord(value: unknown): string {
  const word = typeof value === 'string' ? value : JSON.stringify(value)
  return /[\s"=]/.test(word) && typeof value === 'string' ? JSON.stringify(word) : word
}
