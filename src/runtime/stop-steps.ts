/** The steps of a stop: each runs whatever became of the ones before, because what is pending must be pushed. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../telemetry/log.ts'

/** What the step does, for the log, and the step. */
export type StopStep = readonly [name: string, run: () => unknown]

/** Runs the steps one after the other. A failure is logged; never rejects. */
export async function runStopSteps(log: Log, steps: readonly StopStep[]): Promise<void> {
  for (const [step, run] of steps) {
    try {
      await run()
    } catch (error) {
      log.error({ step, err: error }, 'a step of the shutdown failed; please report it')
    }
  }
}

/** Waits for the work, but no longer than `graceMs`. Rejects as the work does. */
export async function settleWithin(work: Promise<unknown>, graceMs: number): Promise<void> {
  const done = new AbortController()
  const grace = sleep(graceMs, undefined, { signal: done.signal }).catch(() => undefined)
  await Promise.race([work, grace]).finally(() => done.abort())
}
