/**
 * Converts instants to the local time of a time zone and back, resolving gaps and overlaps as Go does. The offsets are
 * those of Intl.
 */
import { localTimeZone } from './time-zone-names.ts'

/** A local date and time. `weekday` is 0 on Sundays, months and days count from 1. */
export interface WallTime {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly weekday: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}

export interface WallClock {
  /** The local time at an instant, in Unix seconds. */
  read(instant: number): WallTime
  /**
   * The instant of a local time; parts beyond their range carry over (month 13, day 32). In a gap or an overlap it is one
   * of two instants, chosen as in Go: the first guess is the offset at the same time in UTC.
   */
  instantOf(year: number, month: number, day: number, hour: number, minute: number, second: number): number
}

const secondsPerDay = 86400
const clocks = new Map<string, WallClock>()

/** The cached clock of a zone. The name must be known (`isTimeZoneName`) or `Local`. */
export function wallClockOf(timeZone: string): WallClock {
  let clock = clocks.get(timeZone)
  if (clock === undefined) {
    clock = createWallClock(timeZone)
    clocks.set(timeZone, clock)
  }
  return clock
}

function createWallClock(timeZone: string): WallClock {
  const offsetAt = createOffsets(timeZone)
  return {
    read: (instant) => wallTimeOf(instant + offsetAt(instant)),
    instantOf(year, month, day, hour, minute, second) {
      const months = year * 12 + month - 1
      const firstOfMonth = daysSinceEpoch(Math.floor(months / 12), (((months % 12) + 12) % 12) + 1)
      const wall = (firstOfMonth + day - 1) * secondsPerDay + hour * 3600 + minute * 60 + second
      const guess = wall - offsetAt(wall)
      return wall - offsetAt(guess)
    },
  }
}

/** All values except the instant fit 32 bits. `| 0` avoids floating-point division, which would dominate the cost of a CronJob. */
function wallTimeOf(wallSeconds: number): WallTime {
  const days = Math.floor(wallSeconds / secondsPerDay) | 0
  const rest = (wallSeconds - days * secondsPerDay) | 0
  // Years that start in March have the leap day last. There are 719468 days from March of year 0 to the epoch.
  const shifted = (days + 719468) | 0
  const era = Math.floor(shifted / 146097) | 0
  const dayOfEra = (shifted - era * 146097) | 0
  const leapDays = ((dayOfEra / 1460) | 0) - ((dayOfEra / 36524) | 0) + ((dayOfEra / 146096) | 0)
  const yearOfEra = ((dayOfEra - leapDays) / 365) | 0
  const dayOfYear = (dayOfEra - 365 * yearOfEra - (yearOfEra >> 2) + ((yearOfEra / 100) | 0)) | 0
  const monthFromMarch = ((5 * dayOfYear + 2) / 153) | 0
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - (((153 * monthFromMarch + 2) / 5) | 0) + 1,
    weekday: (((days + 4) % 7) + 7) % 7,
    hour: (rest / 3600) | 0,
    minute: ((rest / 60) | 0) % 60,
    second: rest % 60,
  }
}

/** Days from the epoch to the first of a month. */
function daysSinceEpoch(year: number, month: number): number {
  const fromMarch = month > 2 ? year : year - 1
  const era = Math.floor(fromMarch / 400)
  const yearOfEra = fromMarch - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5)
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146097 + dayOfEra - 719468
}

/** Offsets are cached in spans of this length, which is shorter than the time between any two changes of a zone. */
const spanSeconds = 8 * secondsPerDay
const maxSpans = 4096

interface Span {
  readonly before: number
  readonly after: number
  /** The first instant with the offset `after`. */
  readonly change: number
}

/** A function from Unix seconds to the seconds that local time is ahead of UTC. */
function createOffsets(timeZone: string): (instant: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timeZone === localTimeZone ? undefined : timeZone,
    timeZoneName: 'longOffset',
  })
  const offsetAt = (instant: number): number => parseOffset(format.format(instant * 1000))
  const spans = new Map<number, Span>()
  return (instant) => {
    const index = Math.floor(instant / spanSeconds)
    let span = spans.get(index)
    if (span === undefined) {
      if (spans.size >= maxSpans) spans.clear()
      span = findChange(index * spanSeconds, (index + 1) * spanSeconds, offsetAt)
      spans.set(index, span)
    }
    return instant < span.change ? span.before : span.after
  }
}

function findChange(start: number, end: number, offsetAt: (instant: number) => number): Span {
  const before = offsetAt(start)
  const after = offsetAt(end)
  if (before === after) return { before, after, change: start }
  let low = start
  let change = end
  while (change - low > 1) {
    const middle = Math.floor((low + change) / 2)
    if (offsetAt(middle) === before) low = middle
    else change = middle
  }
  return { before, after, change }
}

/** Parses the end of `…, GMT-04:56:02` and `…, GMT`. */
function parseOffset(text: string): number {
  const match = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text)
  if (match === null) throw new Error(`Intl returned no offset: ${text}`)
  const [, sign, hours = 0, minutes = 0, seconds = 0] = match
  const offset = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
  return sign === '-' ? -offset : offset
}
