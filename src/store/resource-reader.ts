/** The living objects of a resource as a page reads them. */

import type { Arena } from './arena.ts'
import type { ObjectTable } from './object-table.ts'
import { namespaceOf } from './object-table.ts'
import type { Slots } from './slots.ts'

export interface ResourceReader {
  /** Slots that live now; a snapshot of its own. */
  slots(): Uint32Array
  /** Tells whether the slot still holds the object that `birth` was read of. */
  birth(slot: number): number
  version(slot: number): number
  bytes(slot: number): Uint8Array
  offset(slot: number): number
  /** Bytes of the block. */
  length(slot: number): number
  /** Empty for cluster-scoped objects. */
  namespace(slot: number): string
}

export function createResourceReader({ live }: ObjectTable, slots: Slots, arena: Arena): ResourceReader {
  return {
    slots: () => Uint32Array.from(live),
    birth: (slot) => slots.birth[slot] as number,
    version: (slot) => slots.version[slot] as number,
    bytes: (slot) => arena.bytes(slot),
    offset: (slot) => arena.offset(slot),
    length: (slot) => arena.length(slot),
    namespace: (slot) => namespaceOf(slots.group[slot] as string),
  }
}
