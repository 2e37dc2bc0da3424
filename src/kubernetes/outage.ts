/**
 * Detects the end of an outage of the API server, for all reflectors: while any of them waits after a failure, one probe
 * requests `/readyz`. Each reflector also keeps its own back-off, in case the probe is wrong.
 */

import type { Clock } from '../time/clock.ts'
import { delay } from '../time/clock.ts'
import type { ApiClient } from './api-client.ts'
import { ApiRefusal } from './api-client.ts'

export interface Outage {
  /**
   * Waits after a failure that may be an outage; never rejects. `returned` when the server was found to be back, before
   * the time was over.
   */
  wait(ms: number, signal: AbortSignal): Promise<'returned' | 'elapsed'>
}

export interface OutageOptions {
  readonly client: ApiClient
  readonly clock: Clock
  /** A number from 0 up to, but not including, 1. */
  readonly random: () => number
}

const probeEveryMs = 1500
const probeDeadlineMs = 3000
/** All reflectors resume within this time after the server is back. */
const jitterMs = 1000

/** Creates the shared wait. Nothing is sent while there are no waiters. */
export function createOutage({ client, clock, random }: OutageOptions): Outage {
  const waiting = new Set<() => void>()
  let isDown = false
  let isProbing = false

  async function isServing(): Promise<boolean> {
    try {
      const signal = new AbortController().signal
      const { body } = await client.send({ path: '/readyz', lane: 'probe', deadlineMs: probeDeadlineMs, signal })
      body.on('error', () => {}).resume()
      return true
    } catch (failure) {
      // Whoever may not ask, or asks a server without this path, has an answer all the same.
      return failure instanceof ApiRefusal && failure.code < 500 && failure.code !== 429
    }
  }

  async function probe(): Promise<void> {
    isProbing = true
    let wasDown = isDown
    while (waiting.size > 0) {
      await pause(probeEveryMs)
      if (waiting.size === 0) break
      isDown = !(await isServing())
      if (!isDown) break
      wasDown = true
    }
    isProbing = false
    // A server that answered at the first question was not away: what failed is a matter of the reflectors that wait.
    if (wasDown && !isDown) for (const resume of waiting) clock.after(random() * jitterMs, resume)
  }

  function pause(ms: number): Promise<void> {
    return delay(clock, ms, new AbortController().signal)
  }

  return {
    wait(ms, signal) {
      const end = new AbortController()
      const stop = (): void => end.abort()
      signal.addEventListener('abort', stop)
      let isBack = false
      const resume = (): void => {
        isBack = true
        stop()
      }
      waiting.add(resume)
      if (!isProbing) void probe()
      return delay(clock, ms, signal.aborted ? signal : end.signal).then(() => {
        waiting.delete(resume)
        signal.removeEventListener('abort', stop)
        return isBack ? 'returned' : 'elapsed'
      })
    },
  }
}
