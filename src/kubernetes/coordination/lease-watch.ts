/** Watches a Lease for as long as the process takes part; every stream that ends is followed by another. */

import type { Clock } from '../../time/clock.ts'
import { delay } from '../../time/clock.ts'
import type { Lease } from './lease.ts'
import type { LeaseClient } from './lease-client.ts'

export interface LeaseWatchOptions {
  readonly lease: Pick<LeaseClient, 'watch'>
  /** The Lease as it is when a stream begins, and after every change; undefined when it was deleted. */
  readonly onChange: (lease: Lease | undefined) => void
  /** The pause after a stream that ended at once. */
  readonly retryMs: number
  readonly clock: Clock
}

export interface LeaseWatch {
  /** Watches until the signal aborts; never rejects. */
  run(signal: AbortSignal): Promise<void>
  /** Ends the stream, which has missed a change, so that another begins. */
  reopen(): void
}

/** A stream that lasted so long is followed by the next one without a pause. */
const lastingMs = 5000

/** Failures are not logged here, because writing the Lease fails in the same way. */
export function createLeaseWatch({ lease, onChange, retryMs, clock }: LeaseWatchOptions): LeaseWatch {
  let stream = new AbortController()
  return {
    async run(signal) {
      while (!signal.aborted) {
        stream = new AbortController()
        const openedAtMs = clock.now()
        await lease.watch(onChange, AbortSignal.any([signal, stream.signal])).catch(() => undefined)
        if (clock.now() - openedAtMs < lastingMs) await delay(clock, retryMs, signal)
      }
    },
    reopen: () => stream.abort(),
  }
}
