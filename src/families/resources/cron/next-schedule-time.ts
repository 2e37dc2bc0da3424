/** The next scheduled time of a CronJob, as KSM computes it from the object alone. The entry point of this folder. */
import { zeroTimeSeconds } from '../../../schemas/timestamps.ts'
import { parseSchedule } from './schedule.ts'
import { findNext } from './search.ts'
import { wallClockOf } from './wall-clock.ts'

/** `after` is in Unix seconds: the last schedule time, or else the creation time. `timeZone` is the field of the CronJob. */
export interface NextTimeQuery {
  readonly schedule: string
  readonly timeZone: string | undefined
  readonly after: number
}

/** `next` is in Unix seconds, or `zeroTimeSeconds` if the schedule never fires. */
export type NextTimeResult =
  | { readonly valid: true; readonly next: number }
  | { readonly valid: false; readonly reason: string }

/** The next time of a schedule after an instant. A schedule without a time zone uses that of this process. */
export function nextScheduleTime({ schedule, timeZone, after }: NextTimeQuery): NextTimeResult {
  const parsed = parseSchedule(schedule, timeZone)
  if (!parsed.valid) return parsed
  const { timing } = parsed
  switch (timing.kind) {
    case 'never':
      return { valid: true, next: zeroTimeSeconds }
    case 'interval':
      return { valid: true, next: Math.floor(after) + timing.seconds }
    case 'calendar':
      return { valid: true, next: findNext(timing, wallClockOf(parsed.timeZone), Math.floor(after)) }
  }
}
