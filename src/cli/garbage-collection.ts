/** The memory of the program while it runs: state is kept in buffers outside the heap, and most objects die young. */

import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Buffers grow by so much, or by this part of what is in use, between collections. V8 alone waits for 64 MB. */
const growthBytes = 16 * 1024 * 1024
const growthShare = 0.25
const lookMs = 100

/**
 * Keeps the young generation of the heap small, and collects garbage when buffers have grown. V8 lets the young
 * generation grow to 48 MB while lists come in, each with buffers that wait for a collection, and the C library keeps what they
 * took (docs/performance.md).
 */
export function limitGarbage(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
  const collect = garbageCollector()
  let lowest = buffersInUse()
  const isGrown = () => buffersInUse() > lowest + Math.max(growthBytes, lowest * growthShare)
  const look = () => {
    lowest = Math.min(lowest, buffersInUse())
    if (!isGrown()) return
    // Most buffers are young; a full collection takes several times as long.
    collect('minor')
    if (isGrown()) collect('major')
    lowest = buffersInUse()
  }
  setInterval(look, lookMs).unref()
}

const buffersInUse = () => getHeapStatistics().external_memory

function garbageCollector(): (type: 'minor' | 'major') => void {
  // The flag takes effect in contexts that are created while it is set.
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as (options: { type: string }) => void
  setFlagsFromString('--no-expose-gc')
  return (type) => gc({ type })
}
