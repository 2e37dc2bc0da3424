/** The memory of the program while it runs: state is kept in buffers outside the heap, and most objects die young. */

import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Buffers grow by so much, or by this part of what is in use, between collections. V8 alone waits for 64 MB. */
const growthBytes = 10 * 1024 * 1024
const growthShare = 0.25
/** How often to look while buffers come and go at more than so many bytes a look, and otherwise. */
const busyLookMs = 50
const busyBytes = 1024 * 1024
const quietLookMs = 400

/**
 * Keeps the young generation of the heap small, and collects garbage when buffers have grown. V8 lets the young
 * generation grow to 48 MB while lists come in, each with buffers that wait for a collection, and the C library keeps what they
 * took (docs/performance.md).
 */
export function limitGarbage(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
  const collect = garbageCollector()
  let lowest = buffersInUse()
  let last = lowest
  const isGrown = () => buffersInUse() > lowest + Math.max(growthBytes, lowest * growthShare)
  const look = () => {
    const before = buffersInUse()
    lowest = Math.min(lowest, before)
    if (isGrown()) {
      // Most buffers are young; a full collection takes several times as long.
      collect('minor')
      if (isGrown()) collect('major')
      lowest = buffersInUse()
    }
    const isBusy = Math.abs(before - last) > busyBytes
    last = buffersInUse()
    setTimeout(look, isBusy ? busyLookMs : quietLookMs).unref()
  }
  look()
}

const buffersInUse = () => getHeapStatistics().external_memory

function garbageCollector(): (type: 'minor' | 'major') => void {
  // The flag takes effect in contexts that are created while it is set.
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as (options: { type: string }) => void
  setFlagsFromString('--no-expose-gc')
  return (type) => gc({ type })
}
