/** When a CronJob is due next, as KSM computes it: owns the entry to this folder, and refuses the current time. */
import { zeroTimeSeconds } from '../../../schemas/timestamps.ts'
import { parseSchedule } from './schedule.ts'
import { findNext } from './search.ts'
import { wallClockOf } from './wall-clock.ts'

/** `after` is in Unix seconds: the last schedule time, else the creation. `timeZone` is the field of the CronJob. */
export interface ScheduleQuestion {
  readonly schedule: string
  readonly timeZone: string | undefined
  readonly after: number
}

/** `next` is in Unix seconds, `zeroTimeSeconds` when the schedule never fires; `reason` completes "it is invalid:". */
export type ScheduleAnswer =
  | { readonly valid: true; readonly next: number }
  | { readonly valid: false; readonly reason: string }

/** The next time of a schedule after an instant. Without a zone of its own it runs by the zone of this process. */
export function nextScheduleTime({ schedule, timeZone, after }: ScheduleQuestion): ScheduleAnswer {
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
