/** Parses Kubernetes times (RFC 3339) to whole Unix seconds. */

/** Unix seconds of Go's zero time, 1 January of year 1. KSM reports it where it does not check for an unset time. */
export const zeroTimeSeconds = -62135596800

/** Thrown for text that is not a time of the expected form. */
export class TimestampError extends Error {
  readonly text: string

  constructor(text: string) {
    super(`not an RFC 3339 time: ${JSON.stringify(text)}`)
    this.name = 'TimestampError'
    this.text = text
  }
}

const secondsPerDay = 86400
const daysBeforeMonth = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]

// Like Go's parser, accepts a one-digit hour and a decimal comma.
const rfc3339Pattern = /^(\d{4})-(\d{2})-(\d{2})T(\d{1,2}):(\d{2}):(\d{2})(?:[.,]\d+)?(?:Z|([+-])(\d{2}):(\d{2}))$/

const sixDecimals = /\d[.,]\d{6}(?:Z|[+-]\d{2}:\d{2})$/

/**
 * Whole Unix seconds of an RFC 3339 time, rounded down. Undefined for the first second of year 1, which Go treats as
 * unset if it has no fraction. Throws a `TimestampError`.
 */
export function parseRfc3339(text: string): number | undefined {
  const seconds = parseUtcSeconds(text)
  if (seconds !== undefined) return seconds === zeroTimeSeconds ? undefined : seconds
  return parseGeneral(text)
}

/** Like `parseRfc3339`, for the MicroTime of leases: the seconds must have exactly six decimals. */
export function parseMicroTime(text: string): number | undefined {
  if (!sixDecimals.test(text)) throw new TimestampError(text)
  return parseGeneral(text)
}

/** The format written by the API server, `2025-02-03T04:05:06Z`, parsed without allocation; undefined for any other. */
function parseUtcSeconds(text: string): number | undefined {
  if (text.length !== 20 || text.charCodeAt(19) !== 90 || text.charCodeAt(10) !== 84) return undefined
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return undefined
  if (text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) return undefined
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2)
  const days = daysSinceEpoch(year, twoDigits(text, 5), twoDigits(text, 8))
  const seconds = secondsOfDay(twoDigits(text, 11), twoDigits(text, 14), twoDigits(text, 17))
  const sum = days * secondsPerDay + seconds
  return Number.isNaN(sum) ? undefined : sum
}

/** The number at two characters; NaN unless both are digits. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48
  const ones = text.charCodeAt(at + 1) - 48
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN
}

function parseGeneral(text: string): number | undefined {
  const match = rfc3339Pattern.exec(text)
  if (match === null) throw new TimestampError(text)
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number)
  const offset = offsetSeconds(match[7], Number(match[8] ?? 0), Number(match[9] ?? 0))
  const sum = daysSinceEpoch(year, month, day) * secondsPerDay + secondsOfDay(hour, minute, second) - offset
  if (Number.isNaN(sum)) throw new TimestampError(text)
  const isZeroTime = sum === zeroTimeSeconds && !/[.,]\d*[1-9]/.test(text)
  return isZeroTime ? undefined : sum
}

/** Positive east of Greenwich. Like Go, accepts up to 24 hours and 60 minutes; NaN above that. */
function offsetSeconds(sign: string | undefined, hours: number, minutes: number): number {
  if (hours > 24 || minutes > 60) return Number.NaN
  const seconds = hours * 3600 + minutes * 60
  return sign === '-' ? -seconds : seconds
}

/** NaN outside a day; leap seconds are not accepted. */
function secondsOfDay(hour: number, minute: number, second: number): number {
  return hour < 24 && minute < 60 && second < 60 ? hour * 3600 + minute * 60 + second : Number.NaN
}

/** Days from 1 January 1970 in the proleptic Gregorian calendar; NaN for a day that does not exist. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  const before = daysBeforeMonth[month - 1] ?? Number.NaN
  const lastDay = month === 2 ? (isLeap ? 29 : 28) : (daysBeforeMonth[month] ?? 365) - before
  if (!(day >= 1 && day <= lastDay)) return Number.NaN
  const past = year - 1
  const leapDays = Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400)
  return past * 365 + leapDays + before + (isLeap && month > 2 ? 1 : 0) + day - 1 - 719162
}
