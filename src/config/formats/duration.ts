/** Durations in Go's notation, as whole milliseconds. Numbers without unit are only allowed in OpenTelemetry variables. */
import type { Format } from './format.ts'
import { scalar } from './format.ts'

const unitMs = new Map([
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
  ['us', 1e-3],
  ['µs', 1e-3],
  ['μs', 1e-3],
  ['ns', 1e-6],
])

/** The maximum delay of a Node.js timer; a longer one fires immediately. */
const maxTimerMs = 2_147_483_647

/** A number with its unit, any number of times; 0 alone needs no unit. */
const durationSchema = {
  anyOf: [{ type: 'string', pattern: '^\\+?((\\d+\\.?\\d*|\\.\\d+)(h|ms|m|s|us|µs|ns))+$' }, { const: 0 }],
}

/** A duration of `minMs` or more that a timer can wait for, such as `60s`, `1m30s`, `500ms`; the value is in milliseconds. */
export function duration(minMs: number, maxMs: number = maxTimerMs): Format<number, string> {
  const most = maxMs === maxTimerMs ? '596h' : formatDuration(maxMs)
  const expected = `a duration with its unit, such as 60s or 1m30s, from ${formatDuration(minMs)} to ${most}`
  const format = scalar<number>('duration', expected, durationSchema, (input) => {
    const value = parseDuration(input)
    return value === undefined || value < minMs || value > maxMs ? { expected } : { value }
  })
  return { ...format, write: formatDuration }
}

/** A number without unit as milliseconds, as in OpenTelemetry variables; other texts are unchanged. */
export function withMilliseconds(input: string): string {
  return /^\d+$/.test(input) ? `${input}ms` : input
}

/** Whole milliseconds, or undefined if the text is not a duration. */
export function parseDuration(input: string): number | undefined {
  if (input === '0') return 0
  if (!/^\+?((\d+\.?\d*|\.\d+)(h|ms|m|s|us|µs|μs|ns))+$/.test(input)) return undefined
  let total = 0
  for (const [, amount, unit] of input.matchAll(/([\d.]+)([a-zµμ]+)/g)) {
    total += Number(amount) * (unitMs.get(unit ?? '') ?? Number.NaN)
  }
  return Math.round(total)
}

/** The shortest notation of whole milliseconds: `1m30s`, `500ms`, `0s`. */
export function formatDuration(ms: number): string {
  const hours = Math.floor(ms / 3_600_000)
  const minutes = Math.floor(ms / 60_000) % 60
  const seconds = Math.floor(ms / 1000) % 60
  const parts = [
    [hours, 'h'],
    [minutes, 'm'],
    [seconds, 's'],
    [ms % 1000, 'ms'],
  ] as const
  return (
    parts
      .filter(([amount]) => amount > 0)
      .map(([amount, unit]) => `${amount}${unit}`)
      .join('') || '0s'
  )
}
