import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseMicroTime, parseRfc3339, TimestampError, zeroTimeSeconds } from '../../src/schemas/timestamps.ts'

describe('RFC 3339', () => {
  test.each([
    ['1970-01-01T00:00:00Z', 0],
    ['1970-01-01T00:00:01Z', 1],
    ['1969-12-31T23:59:59Z', -1],
    ['1969-12-31T23:59:59.5Z', -1],
    ['2025-02-03T04:05:06Z', 1738555506],
    ['2025-02-03T04:05:06.7Z', 1738555506],
    ['2025-02-03T04:05:06.999999999Z', 1738555506],
    ['2025-02-03T04:05:06,7Z', 1738555506],
    ['2025-02-03T05:35:06+01:30', 1738555506],
    ['2025-02-02T20:05:06-08:00', 1738555506],
    ['2025-02-03T4:05:06Z', 1738555506],
    ['2024-02-29T00:00:00Z', 1709164800],
    ['2000-02-29T00:00:00Z', 951782400],
    ['0000-12-31T23:59:59Z', zeroTimeSeconds - 1],
    ['0001-01-01T00:00:00.5Z', zeroTimeSeconds],
    ['9999-12-31T23:59:59Z', 253402300799],
  ])('%s is %d', (text, seconds) => {
    expect(parseRfc3339(text)).toBe(seconds)
  })

  test.each(['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z', '0001-01-01T01:00:00+01:00'])(
    '%s is no time',
    (text) => {
      expect(parseRfc3339(text)).toBeUndefined()
    },
  )

  test.each([
    '',
    'yesterday',
    '2025-02-03',
    '2025-02-03T04:05:06',
    '2025-02-03 04:05:06Z',
    '2025-02-03t04:05:06z',
    '2025-02-03T04:05:06Z ',
    '2025-02-03T04:05:06.Z',
    '2025-02-03T04:05:06+0100',
    '2025-02-03T04:05:06+25:00',
    '2025-02-03T04:05:60Z',
    '2025-02-03T04:60:06Z',
    '2025-02-03T24:00:00Z',
    '2025-02-30T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2025-04-31T00:00:00Z',
    '2025-13-01T00:00:00Z',
    '2025-00-01T00:00:00Z',
    '2025-01-00T00:00:00Z',
    '2O25-01-01T00:00:00Z',
    '12025-01-01T00:00:00Z',
  ])('%j is refused', (text) => {
    expect(() => parseRfc3339(text)).toThrow(TimestampError)
  })

  test('agrees with Date on every second of four digit years', () => {
    const dates = fc.date({
      min: new Date('0001-01-02T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59Z'),
      noInvalidDate: true,
    })
    fc.assert(
      fc.property(dates, fc.integer({ min: -1439, max: 1439 }), (date, offsetMinutes) => {
        const seconds = Math.floor(date.getTime() / 1000)
        const text = new Date(seconds * 1000).toISOString().slice(0, 19)
        const minutes = Math.abs(offsetMinutes)
        const pad = (part: number) => String(Math.floor(part)).padStart(2, '0')
        const offset = `${offsetMinutes < 0 ? '-' : '+'}${pad(minutes / 60)}:${pad(minutes % 60)}`
        expect(parseRfc3339(`${text}Z`)).toBe(seconds)
        expect(parseRfc3339(date.toISOString())).toBe(seconds)
        expect(parseRfc3339(`${text}${offset}`)).toBe(seconds - offsetMinutes * 60)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('micro times', () => {
  test.each([
    ['2025-02-03T04:05:06.000000Z', 1738555506],
    ['2025-02-03T04:05:06.999999Z', 1738555506],
    ['2025-02-03T05:05:06.123456+01:00', 1738555506],
    ['1969-12-31T23:59:59.500000Z', -1],
  ])('%s is %d', (text, seconds) => {
    expect(parseMicroTime(text)).toBe(seconds)
  })

  test('the zero time is undefined', () => {
    expect(parseMicroTime('0001-01-01T00:00:00.000000Z')).toBeUndefined()
  })

  test.each([
    '2025-02-03T04:05:06Z',
    '2025-02-03T04:05:06.12345Z',
    '2025-02-03T04:05:06.1234567Z',
    '2025-02-30T04:05:06.123456Z',
    '',
  ])('%j is refused', (text) => {
    expect(() => parseMicroTime(text)).toThrow(TimestampError)
  })
})
