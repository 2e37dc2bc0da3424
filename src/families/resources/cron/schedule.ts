/**
 * Parses cron schedules in the grammar of KSM v2.20, which differs from that of the Kubernetes CronJob controller.
 */

import { parseDurationSeconds } from './go-duration.ts'
import {
  dayOfMonthBounds,
  dayOfWeekBounds,
  hourBounds,
  minuteBounds,
  monthBounds,
  parseField,
} from './schedule-fields.ts'
import { isTimeZoneName, localTimeZone } from './time-zone-names.ts'

/** A schedule matches a minute if each of the five sets has its part; days of the week are 0 to 6. */
export interface CalendarSchedule {
  readonly kind: 'calendar'
  readonly minutes: ReadonlySet<number>
  readonly hours: ReadonlySet<number>
  readonly daysOfMonth: ReadonlySet<number>
  readonly months: ReadonlySet<number>
  readonly daysOfWeek: ReadonlySet<number>
}

/** `never` is the timing of `@manual`, `@none` and `@triggered`, which are valid but never fire. */
export type Timing =
  | CalendarSchedule
  | { readonly kind: 'interval'; readonly seconds: number }
  | { readonly kind: 'never' }

export type ParsedSchedule =
  | { readonly valid: true; readonly timeZone: string; readonly timing: Timing }
  | { readonly valid: false; readonly reason: string }

const longestScheduleBytes = 1024
const whiteSpace = '[\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]'
const separator = new RegExp(`${whiteSpace}+`)
const outerSpace = new RegExp(`^${whiteSpace}+|${whiteSpace}+$`, 'g')

const shorthands: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
])
const neverWords: readonly string[] = ['@triggered', '@manual', '@none']
const every = '@every '

/** CronJobs share few schedules, and each is parsed twice per event; the bound limits memory if schedules are generated. */
const maxCached = 1000
const parsedByText = new Map<string, ParsedSchedule>()

/**
 * Parses a schedule. `timeZone`, the field of the CronJob, is prepended as `CRON_TZ=`. An empty time zone is therefore
 * invalid, and so is a schedule that also names a time zone itself.
 */
export function parseSchedule(schedule: string, timeZone: string | undefined): ParsedSchedule {
  const text = timeZone === undefined ? schedule : `CRON_TZ=${timeZone} ${schedule}`
  // Not in the cache, whose size is then bounded as well.
  if (Buffer.byteLength(text) > longestScheduleBytes) return invalid(`it is longer than ${longestScheduleBytes} bytes`)
  let parsed = parsedByText.get(text)
  if (parsed === undefined) {
    if (parsedByText.size === maxCached) parsedByText.clear()
    parsed = parseText(text)
    parsedByText.set(text, parsed)
  }
  return parsed
}

function parseText(text: string): ParsedSchedule {
  if (text === '') return invalid('it is empty')
  const zoned = splitTimeZone(text)
  if (zoned === undefined) return invalid('its time zone is unknown, or nothing follows it')
  const timing = zoned.rest.startsWith('@') ? parseWord(zoned.rest) : parseFields(zoned.rest)
  return typeof timing === 'string' ? invalid(timing) : { valid: true, timeZone: zoned.timeZone, timing }
}

function invalid(reason: string): ParsedSchedule {
  return { valid: false, reason }
}

/** Removes `TZ=name ` or `CRON_TZ=name `; undefined if the zone is unknown or nothing follows. */
function splitTimeZone(text: string): { timeZone: string; rest: string } | undefined {
  if (!/^(?:CRON_)?TZ=/.test(text)) return { timeZone: localTimeZone, rest: text }
  const end = text.indexOf(' ')
  if (end < 0) return undefined
  const name = text.slice(text.indexOf('=') + 1, end)
  const timeZone = /^(["']).*\1$/s.test(name) && name.length > 1 ? name.slice(1, -1) : name
  const rest = text.slice(end).replace(outerSpace, '')
  const isKnown = timeZone === localTimeZone || isTimeZoneName(timeZone)
  return isKnown && rest !== '' ? { timeZone, rest } : undefined
}

/** A timing, or the reason why the text is invalid. */
function parseWord(word: string): Timing | string {
  const fields = shorthands.get(word)
  if (fields !== undefined) return parseFields(fields)
  if (neverWords.includes(word)) return { kind: 'never' }
  if (!word.startsWith(every)) return `the word ${JSON.stringify(word)} is unknown`
  const seconds = parseDurationSeconds(word.slice(every.length))
  if (seconds === undefined || seconds < 1) return 'its interval is not a duration of at least a second'
  return { kind: 'interval', seconds }
}

function parseFields(text: string): Timing | string {
  const fields = text.split(separator).filter((field) => field !== '')
  if (fields.length !== 5) return `it has ${fields.length} fields, not 5`
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = ''] = fields
  const minutes = parseField(minute, minuteBounds)
  const hours = parseField(hour, hourBounds)
  const daysOfMonth = parseField(dayOfMonth, dayOfMonthBounds)
  const months = parseField(month, monthBounds)
  const daysOfWeek = parseField(dayOfWeek, dayOfWeekBounds)
  if (minutes === undefined) return wrongField('minute', minute)
  if (hours === undefined) return wrongField('hour', hour)
  if (daysOfMonth === undefined) return wrongField('day of month', dayOfMonth)
  if (months === undefined) return wrongField('month', month)
  if (daysOfWeek === undefined) return wrongField('day of week', dayOfWeek)
  return {
    kind: 'calendar',
    minutes,
    hours,
    daysOfMonth,
    months,
    daysOfWeek: new Set([...daysOfWeek].map((day) => day % 7)),
  }
}

function wrongField(name: string, text: string): string {
  return `its ${name} ${JSON.stringify(text)} does not parse`
}
