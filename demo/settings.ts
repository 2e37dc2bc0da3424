/** The options of the demo command. */

import { parseDuration } from '../src/config/formats/duration.ts'

export interface DemoSettings {
  readonly pods: number
  /** Changes per second; 0 for a cluster without changes. */
  readonly churn: number
  readonly seed: number
  readonly faults: boolean
  /** Undefined to run until stopped. */
  readonly durationMs: number | undefined
  readonly logFile: string | undefined
}

/** A day. For longer runs the option is omitted. */
const longestMs = 86_400_000

/** The settings, or one line for each option that is wrong. */
export function readSettings(values: ReadonlyMap<string, readonly string[]>): DemoSettings | readonly string[] {
  const problems: string[] = []
  const last = (name: string) => values.get(name)?.at(-1)
  const whole = (name: string, least: number, most: number, fallback: number): number => {
    const text = last(name)
    if (text === undefined) return fallback
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= most) return value
    problems.push(`${name}: expected a whole number from ${least} to ${most}, got "${text}"`)
    return fallback
  }
  const duration = last('duration')
  const durationMs = duration === undefined ? undefined : parseDuration(duration)
  if (duration !== undefined && !(durationMs !== undefined && durationMs >= 1000 && durationMs <= longestMs)) {
    problems.push(`duration: expected a duration with its unit, from 1s to 24h, such as 30s or 5m, got "${duration}"`)
  }
  if (last('log-file') === '') problems.push('log-file: expected the path of a file, got ""')
  const settings = {
    pods: whole('pods', 30, 200_000, 500),
    churn: whole('churn', 0, 10_000, 5),
    seed: whole('seed', 0, 2 ** 32 - 1, 1),
    faults: values.has('faults') || values.has('weather'),
    durationMs,
    logFile: last('log-file'),
  }
  return problems.length > 0 ? problems : settings
}
