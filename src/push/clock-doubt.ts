/**
 * The clock was set by more than receivers accept, so it may be wrong, and set back later. A receiver that answers before it
 * stores, as a Collector with a queue does, acknowledges what it loses then. Changes are refreshed in any case; stale markers
 * are sent again when the clock is set back.
 */

import type { Ledger } from '../store/ledger.ts'
import type { Clock } from '../time/clock.ts'
import { maxAheadMs } from '../time/slewed-time.ts'

/** The lookback of receivers: what was accepted before the clock was set has disappeared by then. */
const maxDoubtMs = 300_000

/** Returns the function that looks at the clock; to be called at each tick, before anything is sent. */
export function createClockDoubt(
  { now, wallMs }: Pick<Clock, 'now' | 'wallMs'>,
  ledger: Pick<Ledger, 'doubtMarkers' | 'endDoubt'>,
): () => void {
  let aheadMs = wallMs() - now()
  /** By how much the clock was set, and when; undefined while it is not in doubt. */
  let doubt: { readonly setByMs: number; readonly untilMs: number } | undefined

  return () => {
    const stepMs = wallMs() - now() - aheadMs
    aheadMs += stepMs
    if (Math.abs(stepMs) > maxAheadMs) {
      const setByMs = (doubt?.setByMs ?? 0) + stepMs
      if (Math.abs(setByMs) > maxAheadMs) {
        doubt = { setByMs, untilMs: now() + maxDoubtMs }
        return ledger.doubtMarkers()
      }
      doubt = undefined
      return ledger.endDoubt('send again')
    }
    if (doubt === undefined || now() < doubt.untilMs) return
    doubt = undefined
    ledger.endDoubt('forget')
  }
}
