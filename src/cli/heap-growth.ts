/** The heap of the program while it runs: state is kept in buffers, so that most objects die young. */

import { setFlagsFromString } from 'node:v8'

/**
 * Keeps the young generation of the heap small. V8 lets it grow to 48 MB while lists come in, each with buffers that wait
 * for a collection, and the C library keeps what they took. More collections of less cost no more CPU
 * (docs/performance.md).
 */
export function limitHeapGrowth(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
}
