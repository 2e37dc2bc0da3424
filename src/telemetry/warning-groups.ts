/** Warnings that differ in one name alone become one line: 32 resources without a rule are one problem of the operator. */
import type { Log } from './log.ts'

/** Warnings of one group that come within a second are one line: this message, with the names of all. */
export interface WarningGroup {
  readonly message: string
  readonly name: string
}

export interface WarningGroups {
  /** Writes `line` after a second, or the line of the group in its place. What is no news waits until the interval is over. */
  add(group: WarningGroup, key: string, line: () => void, isNews: boolean): void
  /** Takes back a line that was not written yet; false when there is none. */
  remove(key: string): boolean
}

interface Gathering {
  readonly members: Map<string, { readonly name: string; readonly line: () => void }>
  timer: NodeJS.Timeout | undefined
  dueAtMs: number
  writtenAtMs: number
}

const gatherMs = 1000
/** Names in the line of a group. */
const maxNames = 50

export function createWarningGroups(log: Log, intervalMs: number, now: () => number): WarningGroups {
  const groups = new Map<string, Gathering>()

  function write(message: string, group: Gathering): void {
    const [...members] = group.members.values()
    group.members.clear()
    group.timer = undefined
    group.writtenAtMs = now()
    const names = members.slice(0, maxNames).map(({ name }) => name)
    if (members.length === 1) members[0]?.line()
    else if (members.length > 1) log.warn({ count: members.length, names }, message)
  }

  function schedule(message: string, group: Gathering, waitMs: number, isNews: boolean): void {
    const dueAtMs = now() + waitMs
    if (group.timer === undefined || group.dueAtMs > dueAtMs) {
      clearTimeout(group.timer)
      group.dueAtMs = dueAtMs
      // A process that is done does not live on for a reminder.
      group.timer = setTimeout(() => write(message, group), waitMs).unref()
    }
    if (isNews) group.timer.ref()
  }

  return {
    add({ message, name }, key, line, isNews) {
      const unwritten = { members: new Map(), timer: undefined, dueAtMs: 0, writtenAtMs: Number.NEGATIVE_INFINITY }
      const group = groups.get(message) ?? unwritten
      groups.set(message, group)
      group.members.set(key, { name, line })
      const waitMs = isNews ? gatherMs : Math.max(gatherMs, group.writtenAtMs + intervalMs - now())
      schedule(message, group, waitMs, isNews)
    },
    remove: (key) => [...groups.values()].some(({ members }) => members.delete(key)),
  }
}
