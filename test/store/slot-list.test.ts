/** Slot lists against arrays: two lists over the same links, a slot in at most one of them. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { SlotList } from '../../src/store/slot-list.ts'
import { createSlotLinks, createSlotList } from '../../src/store/slot-list.ts'

const step = fc.record({ slot: fc.nat(12), list: fc.nat(1), first: fc.boolean() })

function read(list: SlotList): number[] {
  const slots: number[] = []
  for (let slot = list.head; slot !== -1; slot = list.after(slot)) slots.push(slot)
  return slots
}

test('hold what arrays hold, in order', () => {
  const property = fc.property(fc.array(step, { maxLength: 80 }), fc.nat(80), (steps, growAt) => {
    const links = createSlotLinks()
    const lists = [createSlotList(links), createSlotList(links)]
    const model: number[][] = [[], []]
    for (const [i, { slot, list, first }] of steps.entries()) {
      if (i === growAt) links.grow(4096)
      const holder = model.findIndex((slots) => slots.includes(slot))
      if (holder >= 0) {
        lists[holder]?.remove(slot)
        model[holder]?.splice(model[holder].indexOf(slot), 1)
      } else if (first) {
        lists[list]?.prepend(slot)
        model[list]?.unshift(slot)
      } else {
        lists[list]?.append(slot)
        model[list]?.push(slot)
      }
      expect(lists.map(read)).toEqual(model)
      expect(lists.map(({ size }) => size)).toEqual(model.map(({ length }) => length))
    }
  })
  fc.assert(property, { numRuns: 300 })
})
