/** The log of the process: lines on standard error, and a gate that logs a lasting problem once per interval. */
import { pino, stdSerializers, stdTimeFunctions } from 'pino'
import type { WarningGroup } from './warning-groups.ts'
import { createWarningGroups } from './warning-groups.ts'

/** Writes one line: fields and a sentence, or a sentence alone. An error goes under the key `err`. */
export interface LogMethod {
  (fields: object, message?: string): void
  (message: string): void
}

/** A structured log, such as one of pino: `log.warn({ resource: 'pods' }, 'sentence')`. Named here, so that embedders need no types of pino. */
export interface Log extends Readonly<Record<Exclude<LogLevel, 'silent'>, LogMethod>> {
  isLevelEnabled(level: string): boolean
  child(fields: Record<string, unknown>): Log
}

/** A log whose level can be changed. */
export interface AdjustableLog extends Log {
  level: string
}

/** Least severe level that is written. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'

export interface LogOptions {
  level: LogLevel
  /** `json`: one object per line with `level`, `time` (RFC 3339), `message`. `text`: the same for people. */
  format: 'json' | 'text'
  /** Where lines go, each with its line feed; stderr when left out. */
  destination?: { write(line: string): void }
}

/** Creates the log of the process. Lines are written synchronously, so that none is lost at an exit. */
export function createLog({ level, format, destination }: LogOptions): AdjustableLog {
  const lines = destination ?? standardError()
  return pino(
    {
      level,
      base: null,
      messageKey: 'message',
      timestamp: stdTimeFunctions.isoTime,
      serializers: { err: stdSerializers.err },
      formatters: { level: (label) => ({ level: label }) },
    },
    format === 'json' ? lines : { write: (line: string) => void lines.write(formatAsText(line)) },
  )
}

/** A full disk or a closed pipe behind standard error loses lines; it must not end the process. */
function standardError() {
  const stream = pino.destination({ fd: 2, sync: true })
  stream.on('error', () => undefined)
  return stream
}

function formatAsText(jsonLine: string): string {
  const { level, time, message, ...fields } = JSON.parse(jsonLine) as Record<string, unknown>
  const pairs = Object.entries(fields).map(([key, value]) => ` ${key}=${formatField(key, value)}`)
  return `${time} ${String(level).toUpperCase().padEnd(5)} ${message ?? ''}${pairs.join('')}\n`
}

function formatField(key: string, value: unknown): string {
  const plain = key === 'err' && isRecord(value) ? value.message : value
  return typeof plain === 'string' && /^[^\s"=]+$/.test(plain) ? plain : JSON.stringify(plain)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** An outage is logged when it begins and when it ends, and once in this time while it lasts. */
export const outageReminderMs = 900_000

export interface WarnOptions {
  /** For problems that end with `recovered`: while one lasts it is logged again only after this time. */
  readonly remindAfterMs?: number | undefined
  readonly group?: WarningGroup | undefined
}

/** Logs a lasting problem once per interval instead of once per occurrence, and its end. */
export interface LogGate {
  /**
   * Counts one occurrence of the problem `key` (a small, stable name such as `watch/pods`). The first is logged at once,
   * later ones at most once per interval, with `repeated`: the occurrences since the line before.
   */
  warn(key: string, fields: Record<string, unknown>, message: string, options?: WarnOptions): void
  /** Logs the end of a problem that was logged. A problem that comes back within the interval is not logged until that is over. */
  recovered(key: string, message: string): void
}

interface Problem {
  loggedAtMs: number
  lastAtMs: number
  repeated: number
  isOngoing: boolean
}

/** Problems remembered at the same time. */
const maxProblems = 10_000

/** Creates a gate over `log`. `now` is a monotonic clock in milliseconds. */
export function createLogGate(log: Log, intervalMs: number, now: () => number = () => performance.now()): LogGate {
  const problems = new Map<string, Problem>()
  const groups = createWarningGroups(log, intervalMs, now)
  let suppressed = 0
  let suppressedLoggedAtMs = Number.NEGATIVE_INFINITY
  let sweptAtMs = Number.NEGATIVE_INFINITY

  /** Only ended problems are removed, because an ongoing one would be logged again with every occurrence. */
  function makeRoom(): boolean {
    if (problems.size < maxProblems) return true
    if (now() - sweptAtMs < intervalMs) return false
    sweptAtMs = now()
    for (const [key, { isOngoing, lastAtMs }] of problems) {
      if (!isOngoing || now() - lastAtMs >= outageReminderMs) problems.delete(key)
    }
    return problems.size < maxProblems
  }

  function suppress(): void {
    suppressed += 1
    if (now() - suppressedLoggedAtMs < intervalMs) return
    suppressedLoggedAtMs = now()
    log.warn({ suppressed }, 'too many different warnings at the same time: some are not logged')
    suppressed = 0
  }

  function report(key: string, fields: Record<string, unknown>, message: string, group?: WarningGroup): void {
    const before = problems.get(key)
    problems.set(key, { loggedAtMs: now(), lastAtMs: now(), repeated: 0, isOngoing: true })
    const repeated = before && before.repeated > 0 ? { repeated: before.repeated } : {}
    const line = (): void => log.warn({ ...fields, ...repeated }, message)
    if (group === undefined) line()
    else groups.add(group, key, line, before === undefined)
  }

  return {
    warn(key, fields, message, { remindAfterMs = intervalMs, group } = {}) {
      const problem = problems.get(key)
      if (problem === undefined) return makeRoom() ? report(key, fields, message, group) : suppress()
      problem.repeated += 1
      problem.lastAtMs = now()
      const silenceMs = problem.isOngoing ? Math.max(intervalMs, remindAfterMs) : intervalMs
      if (now() - problem.loggedAtMs >= silenceMs) report(key, fields, message, group)
    },
    recovered(key, message) {
      const problem = problems.get(key)
      if (!problem?.isOngoing) return
      problem.isOngoing = false
      if (!groups.remove(key)) log.info({ repeated: problem.repeated }, message)
    },
  }
}
