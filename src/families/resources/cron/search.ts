/**
 * Searches the next match of a calendar schedule through months, days, hours and minutes of a wall clock. Results around
 * daylight saving changes must equal those of KSM, so the order of the steps matters.
 */
import { zeroTimeSeconds } from '../../../schemas/timestamps.ts'
import type { CalendarSchedule } from './schedule.ts'
import type { WallClock } from './wall-clock.ts'

const searchedYears = 5

/** The current instant of the search. Until `moved`, it still has the smaller parts of the start time. */
interface Position {
  instant: number
  moved: boolean
}

/** Whether a step crossed into the next larger unit, so that the search restarts with the months. */
type Carry = boolean

/**
 * The first matching second after an instant, both in Unix seconds, or `zeroTimeSeconds` if there is none until the end of
 * the fifth calendar year after it.
 */
export function findNext(schedule: CalendarSchedule, clock: WallClock, after: number): number {
  if (hasEmptyField(schedule)) return zeroTimeSeconds
  const position: Position = { instant: after + 1, moved: false }
  const lastYear = clock.read(position.instant).year + searchedYears
  while (clock.read(position.instant).year <= lastYear) {
    const carried =
      toMonth(schedule, clock, position) ||
      toDay(schedule, clock, position) ||
      toHour(schedule, clock, position) ||
      toMinute(schedule, clock, position) ||
      toFullMinute(clock, position)
    if (!carried) return position.instant
  }
  return zeroTimeSeconds
}

function hasEmptyField({ minutes, hours, daysOfMonth, months, daysOfWeek }: CalendarSchedule): boolean {
  return [minutes, hours, daysOfMonth, months, daysOfWeek].some((values) => values.size === 0)
}

function toMonth({ months }: CalendarSchedule, clock: WallClock, position: Position): Carry {
  for (;;) {
    const now = clock.read(position.instant)
    if (months.has(now.month)) return false
    if (!position.moved) position.instant = clock.instantOf(now.year, now.month, 1, 0, 0, 0)
    position.moved = true
    const from = clock.read(position.instant)
    position.instant = clock.instantOf(from.year, from.month + 1, from.day, from.hour, from.minute, from.second)
    if (clock.read(position.instant).month === 1) return true
  }
}

function toDay({ daysOfMonth, daysOfWeek }: CalendarSchedule, clock: WallClock, position: Position): Carry {
  for (;;) {
    const now = clock.read(position.instant)
    if (daysOfMonth.has(now.day) && daysOfWeek.has(now.weekday)) return false
    if (!position.moved) position.instant = clock.instantOf(now.year, now.month, now.day, 0, 0, 0)
    position.moved = true
    const from = clock.read(position.instant)
    const next = clock.instantOf(from.year, from.month, from.day + 1, from.hour, from.minute, from.second)
    const start = toStartOfDay(clock, next)
    // Samoa skipped 30 December 2011; if a whole day is missing, the step returns to the instant it started from.
    position.instant = start > position.instant ? start : position.instant + 86400
    if (clock.read(position.instant).day === 1) return true
  }
}

/** If midnight does not exist on a day, the step of a day ends about an hour away from it. */
function toStartOfDay(clock: WallClock, instant: number): number {
  const { hour } = clock.read(instant)
  return hour > 12 ? instant + (24 - hour) * 3600 : instant - hour * 3600
}

function toHour({ hours }: CalendarSchedule, clock: WallClock, position: Position): Carry {
  for (;;) {
    const now = clock.read(position.instant)
    if (hours.has(now.hour)) return false
    if (!position.moved) position.instant = clock.instantOf(now.year, now.month, now.day, now.hour, 0, 0)
    position.moved = true
    const from = clock.read(position.instant)
    position.instant += 3600
    const { hour } = clock.read(position.instant)
    // A run in the hour skipped by a daylight saving change takes place in the hour after it.
    if (hour - from.hour === 2 && hours.has(hour - 1)) return false
    if (hour === 0) return true
  }
}

function toMinute({ minutes }: CalendarSchedule, clock: WallClock, position: Position): Carry {
  while (!minutes.has(clock.read(position.instant).minute)) {
    if (!position.moved) position.instant = Math.floor(position.instant / 60) * 60
    position.moved = true
    position.instant += 60
    if (clock.read(position.instant).minute === 0) return true
  }
  return false
}

/** Schedules fire at second 0; any other second carries into the next minute, which must be checked again. */
function toFullMinute(clock: WallClock, position: Position): Carry {
  const { second } = clock.read(position.instant)
  if (second === 0) return false
  position.instant += 60 - second
  return true
}
