/** Owns how the process speaks to its operator: lines on stderr, each trouble told once. Refuses to decide what is worth telling. */
import type { Logger } from 'pino'
import { pino, stdSerializers, stdTimeFunctions } from 'pino'

/** A structured log: `log.warn({ resource: 'pods' }, 'sentence')`. An error goes under the key `err`. */
export type Log = Pick<Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'isLevelEnabled'> & {
  child(fields: Record<string, unknown>): Log
}

/** Least severe level that is written. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'

export interface LogOptions {
  level: LogLevel
  /** `json`: one object per line with `level`, `time` (RFC 3339), `message`. `text`: the same, for human eyes. */
  format: 'json' | 'text'
  /** Where lines go, each with its line feed; stderr when left out. */
  destination?: { write(line: string): void }
}

/** Creates the process's log. Lines are written synchronously, so that the last words before an exit are not lost. */
export function createLog({ level, format, destination }: LogOptions): Log {
  const lines = destination ?? pino.destination({ fd: 2, sync: true })
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

function formatAsText(jsonLine: string): string {
  const { level, time, message, ...fields } = JSON.parse(jsonLine) as Record<string, unknown>
  const told = Object.entries(fields).map(([key, value]) => ` ${key}=${formatField(key, value)}`)
  return `${time} ${String(level).toUpperCase().padEnd(5)} ${message ?? ''}${told.join('')}\n`
}

function formatField(key: string, value: unknown): string {
  const plain = key === 'err' && isRecord(value) ? value.message : value
  return typeof plain === 'string' && /^[^\s"=]+$/.test(plain) ? plain : JSON.stringify(plain)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** An outage is told when it begins and when it ends; one that lasts so long is brought back to mind. */
export const outageReminderMs = 900_000

/** Tells a lasting trouble once per interval instead of once per occurrence, and its end. */
export interface LogGate {
  /**
   * Counts one occurrence of the trouble `key` (a small, stable name such as `watch/pods`). The first is logged at once,
   * later ones at most once per interval, with `repeated`: the occurrences since the line before. `remindAfterMs` is for
   * troubles that end with `recovered`: while one lasts it is told again only after so long.
   */
  warn(key: string, fields: Record<string, unknown>, message: string, remindAfterMs?: number): void
  /** Logs the end of a trouble that was told; silent when none was. A trouble that comes back within the interval waits for it. */
  recovered(key: string, message: string): void
}

interface Trouble {
  toldAtMs: number
  repeated: number
  awaitsRecovery: boolean
}

/** Troubles remembered at once. Beyond it the one told longest ago is forgotten, and would be told anew. */
const maxTroubles = 1000

/** Creates a gate over `log`. `now` is a monotonic clock in milliseconds. */
export function createLogGate(log: Log, intervalMs: number, now: () => number = () => performance.now()): LogGate {
  const troubles = new Map<string, Trouble>()

  function tell(key: string, fields: Record<string, unknown>, message: string, repeated: number): void {
    troubles.delete(key)
    if (troubles.size >= maxTroubles) forgetOldest(troubles)
    troubles.set(key, { toldAtMs: now(), repeated: 0, awaitsRecovery: true })
    log.warn(repeated === 0 ? fields : { ...fields, repeated }, message)
  }

  return {
    warn(key, fields, message, remindAfterMs = intervalMs) {
      const trouble = troubles.get(key)
      if (trouble === undefined) return tell(key, fields, message, 0)
      trouble.repeated += 1
      const silenceMs = trouble.awaitsRecovery ? Math.max(intervalMs, remindAfterMs) : intervalMs
      if (now() - trouble.toldAtMs >= silenceMs) tell(key, fields, message, trouble.repeated)
    },
    recovered(key, message) {
      const trouble = troubles.get(key)
      if (!trouble?.awaitsRecovery) return
      trouble.awaitsRecovery = false
      log.info({ repeated: trouble.repeated }, message)
    },
  }
}

function forgetOldest(troubles: Map<string, Trouble>): void {
  const oldest = troubles.keys().next()
  if (!oldest.done) troubles.delete(oldest.value)
}
