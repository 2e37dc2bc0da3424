import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nextScheduleTime } from '../../../../src/families/resources/cron/next-schedule-time.ts'
import { parseRfc3339, zeroTimeSeconds } from '../../../../src/schemas/timestamps.ts'
import { readGoldenObjects, readGoldenSamples } from '../../../conformance/goldens.ts'

// The goldens were recorded in a container without a time zone.
process.env.TZ = 'UTC'

interface CronJob {
  metadata: { name: string; creationTimestamp?: string }
  spec?: { schedule?: string; timeZone?: string; suspend?: string }
  status?: { lastScheduleTime?: string }
}

function seconds(text: string): number {
  return parseRfc3339(text) ?? Number.NaN
}

/** The next time as text, `never` or `invalid`. */
function next(schedule: string, timeZone: string | undefined, after: string): string {
  const answer = nextScheduleTime({ schedule, timeZone, after: seconds(after) })
  if (!answer.valid) return 'invalid'
  return answer.next === zeroTimeSeconds ? 'never' : new Date(answer.next * 1000).toISOString().replace('.000', '')
}

describe('cron jobs of the conformance cases', () => {
  test.each([
    'cronjobs/schedules',
    'cronjobs/grammar',
    'cronjobs/grammar-edges',
    'cronjobs/daylight-saving',
    'cronjobs/labels',
  ])('%s', (name) => {
    const jobs = readGoldenObjects<CronJob>(name)
    const printed = (family: string, job: string) =>
      readGoldenSamples(name, family).find(({ labels }) => labels.cronjob === job)?.value
    for (const { metadata, spec, status } of jobs) {
      const from = status?.lastScheduleTime ?? metadata.creationTimestamp
      const question = {
        schedule: spec?.schedule ?? '',
        timeZone: spec?.timeZone,
        after: seconds(from ?? '1970-01-01T00:00:00Z'),
      }
      const answer = nextScheduleTime(question)
      const isTracked = answer.valid && from !== undefined && spec?.suspend !== 'true'
      expect(isTracked ? answer.next : undefined, metadata.name).toBe(
        printed('kube_cronjob_next_schedule_time', metadata.name),
      )
      expect(answer.valid ? undefined : 1, metadata.name).toBe(printed('kube_cronjob_schedule_invalid', metadata.name))
    }
  })
})

describe('the next time', () => {
  test.each([
    ['* * * * *', '2025-01-01T00:00:00Z', '2025-01-01T00:01:00Z'],
    ['* * * * *', '2025-01-01T00:00:59Z', '2025-01-01T00:01:00Z'],
    ['59 23 31 12 *', '2025-12-31T23:59:00Z', '2026-12-31T23:59:00Z'],
    ['0 0 29 2 *', '2096-02-29T00:00:00Z', 'never'],
    ['0 0 29 2 *', '2099-02-28T00:00:00Z', '2104-02-29T00:00:00Z'],
    ['0 0 30 2 *', '2025-01-01T00:00:00Z', 'never'],
    ['0 0 31 4,6,9,11 *', '2025-01-01T00:00:00Z', 'never'],
    ['0 0 13 * FRI', '2025-01-01T00:00:00Z', '2025-06-13T00:00:00Z'],
    [', * * * *', '2025-01-01T00:00:00Z', 'never'],
    ['60-5 * * * *', '2025-01-01T00:10:00Z', '2025-01-01T01:00:00Z'],
    ['99-5 * * * *', '2025-01-01T00:10:00Z', 'never'],
    ['*-nonsense 1 * * *', '2025-01-01T00:10:00Z', '2025-01-01T01:00:00Z'],
    ['0 12 * * *', '1960-01-01T00:00:00Z', '1960-01-01T12:00:00Z'],
    ['@every 1h', '2025-01-01T00:00:30Z', '2025-01-01T01:00:30Z'],
    ['@every 1m0.999s', '2025-01-01T00:00:30Z', '2025-01-01T00:01:30Z'],
    ['@none', '2025-01-01T00:00:00Z', 'never'],
    ['CRON_TZ=Asia/Tokyo @weekly ', '2025-01-01T00:00:00Z', '2025-01-04T15:00:00Z'],
    ['TZ="Asia/Tokyo" @daily', '2025-01-01T00:00:00Z', '2025-01-01T15:00:00Z'],
  ])('%s after %s is %s', (schedule, after, expected) => expect(next(schedule, undefined, after)).toBe(expected))

  test.each([
    ['spring, one hour', '30 2 * * *', 'Europe/Berlin', '2025-03-30T00:30:00Z', '2025-03-30T01:30:00Z'],
    ['spring, the hour is not skipped', '30 3 * * *', 'Europe/Berlin', '2025-03-30T00:30:00Z', '2025-03-30T01:30:00Z'],
    ['autumn, first', '30 2 * * *', 'Europe/Berlin', '2025-10-25T23:30:00Z', '2025-10-26T00:30:00Z'],
    ['autumn, second', '30 2 * * *', 'Europe/Berlin', '2025-10-26T00:30:00Z', '2025-10-26T01:30:00Z'],
    ['a gap at midnight', '0 0 * * *', 'America/Santiago', '2025-09-06T12:00:00Z', '2025-09-08T03:00:00Z'],
    ['a gap of half an hour', '10 2 * * *', 'Australia/Lord_Howe', '2025-10-04T15:00:00Z', '2025-10-05T15:10:00Z'],
    ['a zone of quarters', '0 9 * * 1', 'Asia/Kathmandu', '2025-10-04T15:00:00Z', '2025-10-06T03:15:00Z'],
    ['an alias', '0 0 * * *', 'US/Eastern', '2025-01-01T00:00:00Z', '2025-01-01T05:00:00Z'],
    ['a day that never was', '0 12 30 12 *', 'Pacific/Apia', '2011-12-29T00:00:00Z', '2012-12-29T22:00:00Z'],
  ])('%s', (_, schedule, timeZone, after, expected) => expect(next(schedule, timeZone, after)).toBe(expected))

  const set = (min: number, max: number) => fc.uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: 4 })
  const instant = fc.integer({ min: seconds('1990-01-01T00:00:00Z'), max: seconds('2060-01-01T00:00:00Z') })

  test('equals a scan of all minutes', () => {
    fc.assert(
      fc.property(set(0, 59), set(0, 23), instant, (minutes, hours, after) => {
        let expected = Math.floor(after / 60) * 60 + 60
        const fires = (date: Date) => minutes.includes(date.getUTCMinutes()) && hours.includes(date.getUTCHours())
        while (!fires(new Date(expected * 1000))) expected += 60
        const schedule = `${minutes} ${hours} * * *`
        expect(nextScheduleTime({ schedule, timeZone: 'UTC', after })).toEqual({ valid: true, next: expected })
      }),
      { numRuns: 50 },
    )
  })

  test('equals a scan of all days', () => {
    fc.assert(
      fc.property(set(1, 31), set(1, 12), set(0, 7), instant, (days, months, weekdays, after) => {
        const folded = weekdays.map((weekday) => weekday % 7)
        const fires = (date: Date) =>
          days.includes(date.getUTCDate()) &&
          months.includes(date.getUTCMonth() + 1) &&
          folded.includes(date.getUTCDay())
        const date = new Date(Math.floor(after / 86400) * 86400000 + 86400000)
        const lastYear = new Date(after * 1000 + 1000).getUTCFullYear() + 5
        while (date.getUTCFullYear() <= lastYear && !fires(date)) date.setUTCDate(date.getUTCDate() + 1)
        const expected = date.getUTCFullYear() <= lastYear ? date.getTime() / 1000 : zeroTimeSeconds
        const schedule = `0 0 ${days} ${months} ${weekdays}`
        expect(nextScheduleTime({ schedule, timeZone: 'Etc/UTC', after })).toEqual({ valid: true, next: expected })
      }),
      { numRuns: 300 },
    )
  })

  test('matches the local time on every day with 24 hours', () => {
    const zones = ['America/New_York', 'Asia/Kolkata', 'Europe/Lisbon', 'Pacific/Chatham', 'America/St_Johns']
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.nat(59),
        fc.integer({ min: 5, max: 23 }),
        instant,
        (timeZone, minute, hour, after) => {
          const answer = nextScheduleTime({ schedule: `${minute} ${hour} * * *`, timeZone, after })
          expect(answer.valid).toBe(true)
          if (!answer.valid) return
          expect(answer.next - after).toBeGreaterThan(0)
          expect(answer.next - after).toBeLessThanOrEqual(25 * 3600)
          const shown = new Date(answer.next * 1000).toLocaleTimeString('en-GB', { timeZone })
          expect(shown).toBe(`${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}:00`)
        },
      ),
      { numRuns: 300 },
    )
  })
})
