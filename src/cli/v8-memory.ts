/** The memory of the program while it runs: state is kept in buffers outside the heap, and most objects die young. */

import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Buffers grow by so much between collections of young objects. */
const youngBytes = 6 * 1024 * 1024
/** Buffers grow by so much, or by this part of what is in use, between full collections. */
const fullBytes = 10 * 1024 * 1024
const fullShare = 0.25
/** The heap, with the buffers of its objects, grows by so many percent between the full collections that V8 starts. */
const heapGrowth = 50
/** How often to look while buffers come and go at more than so many bytes a look, and otherwise. */
const busyLookMs = 50
const busyBytes = 1024 * 1024
const quietLookMs = 400

/** A function is compiled by Maglev after so many calls. The next compiler, TurboFan, takes over after 3,000. */
const callsBeforeMaglev = 2000

/** Keeps the memory of V8 small: that of the heap, and that of its compilers. */
export function limitV8Memory(): void {
  // With V8's 400 calls a start compiles 290 functions, and with these 110, with as much CPU. The C library keeps what compilers took.
  setFlagsFromString(`--invocation-count-for-maglev=${callsBeforeMaglev}`)
  limitGarbage()
}

/**
 * Keeps the young generation of the heap small, and collects garbage when buffers have grown: first young objects only, which
 * takes a millisecond and frees most buffers. V8 lets the young generation grow to 48 MB while lists come in, each with buffers
 * that wait for a collection, and the C library keeps what they took. Once the heap has its size, V8 starts a full
 * collection for every 10 MB of new buffers (docs/performance.md).
 */
function limitGarbage(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString(`--heap-growing-percent=${heapGrowth}`)
  const collect = garbageCollector()
  let afterYoung = buffersInUse()
  let afterFull = afterYoung
  let last = afterYoung
  const look = () => {
    const before = buffersInUse()
    afterYoung = Math.min(afterYoung, before)
    afterFull = Math.min(afterFull, before)
    if (before > afterYoung + youngBytes) {
      collect('minor')
      afterYoung = buffersInUse()
      if (afterYoung > afterFull + Math.max(fullBytes, afterFull * fullShare)) {
        collect('major')
        afterYoung = buffersInUse()
        afterFull = afterYoung
      }
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
