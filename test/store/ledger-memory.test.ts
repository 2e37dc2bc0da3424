/** What a second destination costs: at most 24 bytes per object, where the columns are longest in proportion. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { RowCursor } from '../../src/rows/block.ts'
import { createRegistry } from '../../src/rows/registry.ts'
import { createArena } from '../../src/store/arena.ts'
import { createLedger } from '../../src/store/ledger.ts'
import { createSlots } from '../../src/store/slots.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

function memoryInUse(): number {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

test('a ledger takes at most 24 bytes per object, just after its columns grew', () => {
  const slots = createSlots()
  let objects = 0
  for (; slots.capacity < 200_000; objects++) slots.allocate()
  expect(slots.capacity).toBeGreaterThan(1.4 * objects)
  const registry = createRegistry()
  const before = memoryInUse()
  const ledger = createLedger({
    slots,
    arena: createArena(),
    cursor: new RowCursor(registry.shared),
    limits: { maxSeries: 1000, maxAgeMs: 1000 },
  })
  for (let slot = 0; slot < objects; slot++) {
    ledger.added(slot)
    ledger.admitted(slot, 1)
  }
  expect(ledger.pending).toBe(objects)
  expect((memoryInUse() - before) / objects).toBeLessThan(24)
})
