import { describe, expect, test } from 'vitest'
import { parseDurationSeconds } from '../../../../src/families/resources/cron/go-duration.ts'
import { parseSchedule } from '../../../../src/families/resources/cron/schedule.ts'
import {
  dayOfMonthBounds,
  dayOfWeekBounds,
  hourBounds,
  minuteBounds,
  monthBounds,
  parseField,
} from '../../../../src/families/resources/cron/schedule-fields.ts'
import { isTimeZoneName } from '../../../../src/families/resources/cron/time-zone-names.ts'

function range(first: number, last: number, step = 1): number[] {
  const values: number[] = []
  for (let value = first; value <= last; value += step) values.push(value)
  return values
}

describe('fields', () => {
  test.each([
    ['*', hourBounds, range(0, 23)],
    ['?', hourBounds, range(0, 23)],
    ['*/5', minuteBounds, range(0, 59, 5)],
    ['5/50', minuteBounds, [5, 55]],
    ['3-59/15', minuteBounds, [3, 18, 33, 48]],
    ['+5,05', minuteBounds, [5]],
    ['1,,2', minuteBounds, [1, 2]],
    [',', minuteBounds, []],
    ['10-10', minuteBounds, [10]],
    ['10-10/1', minuteBounds, [10]],
    ['55-5/5', minuteBounds, [55, 0, 5]],
    ['jan,Jul-SEP', monthBounds, [1, 7, 8, 9]],
    ['NOV-FEB', monthBounds, [11, 12, 1, 2]],
    ['30-2', dayOfMonthBounds, [30, 31, 1, 2]],
    ['*/30', dayOfMonthBounds, [1, 31]],
    ['FRI-MON', dayOfWeekBounds, [5, 6, 7, 0, 1]],
    ['7', dayOfWeekBounds, [7]],
    ['60-5', minuteBounds, range(0, 5)],
    ['99-5', minuteBounds, []],
    ['99-5/1000', minuteBounds, []],
  ])('%s', (text, bounds, values) => expect([...(parseField(text, bounds) ?? ['invalid'])]).toEqual(values))

  test.each([
    ['*/60', minuteBounds],
    ['*/0', minuteBounds],
    ['1-5/5', minuteBounds],
    ['*/31', dayOfMonthBounds],
    ['60', minuteBounds],
    ['0', dayOfMonthBounds],
    ['-5', minuteBounds],
    ['1-2-3', minuteBounds],
    ['1/2/3', minuteBounds],
    ['5/', minuteBounds],
    ['/5', minuteBounds],
    ['sunday', dayOfWeekBounds],
    ['mon', monthBounds],
    ['L', dayOfMonthBounds],
    ['15W', dayOfMonthBounds],
    ['5#2', dayOfWeekBounds],
    ['H', minuteBounds],
    ['1.5', minuteBounds],
    ['9223372036854775808-5', minuteBounds],
  ])('%s is invalid', (text, bounds) => expect(parseField(text, bounds)).toBeUndefined())
})

describe('durations', () => {
  test.each([
    ['1h30m', 5400],
    ['90s', 90],
    ['1m30.9s', 90],
    ['.5m', 30],
    ['1.s', 1],
    ['1000ms', 1],
    ['1500000µs', 1],
    ['+2h', 7200],
    ['0.1h', 360],
    ['999ms', 0],
    ['2562047h', 9223369200],
  ])('%s is %d s', (text, expected) => expect(parseDurationSeconds(text)).toBe(expected))

  test.each(['', '1', '0', '-1h', '1d', '1h 2m', '.s', 's', '1e3s', '2562048h', '1H'])('%j is none', (text) =>
    expect(parseDurationSeconds(text)).toBeUndefined(),
  )
})

describe('schedules', () => {
  test.each([
    ['', undefined, 'it is empty'],
    ['* * * *', undefined, 'it has 4 fields, not 5'],
    ['0 0 0 1 1 *', undefined, 'it has 6 fields, not 5'],
    ['60 * * * *', undefined, 'its minute "60" does not parse'],
    ['0 24 * * *', undefined, 'its hour "24" does not parse'],
    ['0 0 32 * *', undefined, 'its day of month "32" does not parse'],
    ['0 0 * 13 *', undefined, 'its month "13" does not parse'],
    ['0 0 * * 8', undefined, 'its day of week "8" does not parse'],
    ['@reboot', undefined, 'the word "@reboot" is unknown'],
    ['@Daily', undefined, 'the word "@Daily" is unknown'],
    ['@weekly ', undefined, 'the word "@weekly " is unknown'],
    ['@every 1d', undefined, 'its interval is not a duration of at least a second'],
    ['@every 999ms', undefined, 'its interval is not a duration of at least a second'],
    ['TZ=UTC', undefined, 'its time zone is unknown, or nothing follows it'],
    ['TZ="UTC 0 0 * * *', undefined, 'its time zone is unknown, or nothing follows it'],
    ['0 0 * * *', '', 'its time zone is unknown, or nothing follows it'],
    ['0 0 * * *', 'america/new_york', 'its time zone is unknown, or nothing follows it'],
    ['0 0 * * *', '+05:30', 'its time zone is unknown, or nothing follows it'],
    ['TZ=UTC 0 0 * * *', 'UTC', 'it has 6 fields, not 5'],
    [`0 0 * * ${'1,'.repeat(510)}`, undefined, 'it is longer than 1024 bytes'],
  ])('%j in %j: %s', (schedule, timeZone, reason) =>
    expect(parseSchedule(schedule, timeZone)).toEqual({ valid: false, reason }),
  )

  test('a schedule without a time zone uses that of the process', () => {
    expect(parseSchedule('@hourly', undefined)).toMatchObject({ valid: true, timeZone: 'Local' })
    expect(parseSchedule('@hourly', 'Local')).toMatchObject({ valid: true, timeZone: 'Local' })
  })

  test('Sunday is 0 and 7', () => {
    expect(parseSchedule('0 0 * * 7', undefined)).toEqual(parseSchedule('0 0 * * SUN', undefined))
  })
})

describe('time zone names', () => {
  test.each([
    'UTC',
    'Etc/UTC',
    'Europe/Berlin',
    'Europe/Kyiv',
    'Asia/Kolkata',
    'Asia/Calcutta',
    'US/Eastern',
    'EST5EDT',
    'GMT+0',
    'Etc/GMT+5',
    'America/Argentina/Buenos_Aires',
  ])('%s is known here and to Intl', (name) => {
    expect(isTimeZoneName(name)).toBe(true)
    expect(() => new Intl.DateTimeFormat('en', { timeZone: name })).not.toThrow()
  })

  test.each(['', 'utc', 'europe/berlin', 'PST', '+01:00', 'Europe', 'Europe/', 'Local', '../UTC'])(
    '%j is not',
    (name) => expect(isTimeZoneName(name)).toBe(false),
  )
})
