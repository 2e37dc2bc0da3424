/** Owns how the benchmarks measure memory: what lives after a forced collection, on and off the heap. */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Bytes that live: heap, external memory and array buffers. */
export function liveBytes(): number {
  for (let i = 0; i < 4; i++) collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  // `external` has the array buffers in it.
  return heapUsed + external
}

export const mib = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`
