/** Reads the discovery documents of API groups again and again, each group by itself: one that does not answer delays no other. */

import type { ServedKind } from '../custom-resources/served-kind.ts'
import type { LogGate } from '../telemetry/log.ts'
import type { Clock } from '../time/clock.ts'
import { delay } from '../time/clock.ts'

export interface GroupPollingOptions {
  readonly clock: Clock
  readonly gate: LogGate
  /** The groups to read at present. */
  readonly groups: () => readonly string[]
  /** Time between two readings of a group. */
  readonly pollMs: number
  readonly read: (group: string, signal: AbortSignal) => Promise<readonly ServedKind[]>
  readonly onKinds: (group: string, kinds: readonly ServedKind[]) => void
}

/** How often it looks for groups that are due: those of changed rules are due at once. */
const lookMs = 2000

/** Returns what polls until the signal aborts; it never rejects. */
export function createGroupPolling(options: GroupPollingOptions): (signal: AbortSignal) => Promise<void> {
  const { clock, groups, pollMs } = options
  const dueMs = new Map<string, number>()
  const polling = new Map<string, Promise<void>>()
  return async (signal) => {
    while (!signal.aborted) {
      for (const group of groups()) {
        if (polling.has(group) || (dueMs.get(group) ?? 0) > clock.now()) continue
        const poll = pollGroup(options, group, signal).finally(() => {
          polling.delete(group)
          dueMs.set(group, clock.now() + pollMs)
        })
        polling.set(group, poll)
      }
      await delay(clock, lookMs, signal)
    }
    await Promise.all(polling.values())
  }
}

async function pollGroup(
  { gate, read, onKinds }: GroupPollingOptions,
  group: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    onKinds(group, await read(group, signal))
  } catch (error) {
    const name = group === '' ? 'core' : group
    const message = `the API group ${name} does not answer; its kinds stay as they are, asking again`
    if (!signal.aborted) gate.warn(`discovery/${group}`, { group: name, err: error }, message)
  }
}
