/** Calls at a fixed period, which can begin anew. */

import type { Clock } from './clock.ts'

export interface Ticks {
  /** The next one is a whole period from now. */
  restart(): void
  stop(): void
}

/** Calls at whole multiples of the period from now on; calls that were missed are left out. */
export function startTicks(clock: Clock, periodMs: number, callback: () => void): Ticks {
  let due = clock.now() + periodMs
  let isStopped = false
  const next = () => clock.after(Math.max(0, due - clock.now()), fire)
  const fire = () => {
    const missed = Math.max(0, Math.floor((clock.now() - due) / periodMs))
    due += (missed + 1) * periodMs
    cancel = next()
    callback()
  }
  let cancel = next()
  return {
    restart() {
      if (isStopped) return
      cancel()
      due = clock.now() + periodMs
      cancel = next()
    },
    stop() {
      isStopped = true
      cancel()
    },
  }
}
