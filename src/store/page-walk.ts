/** Owns the walk of a page over a resource: family by family, every object that lives during the whole walk once per family. */

import { RowCursor } from '../series/block.ts'
import type { Store } from './store.ts'

/** A walk over the objects that lived when it began; gone ones yield nothing, later ones are left out. */
export interface PageWalk {
  /** How many objects there are to visit. */
  readonly size: number
  /** Visits the rows of a family in the object with this number; families must be asked for in ascending order. */
  rows(object: number, family: number, visit: (row: RowCursor) => void): void
}

/** Remembers in each block where the next family begins, as long as the block is the same. */
export function createPageWalk(store: Store, resource: number): PageWalk {
  const reader = store.reader(resource)
  const cursor = new RowCursor(store.shared)
  const slots = reader.slots()
  const births = slots.map(reader.birth)
  const versions = slots.map(reader.version)
  const positions = new Uint32Array(slots.length)
  return {
    size: slots.length,
    rows(i: number, family: number, visit: (row: RowCursor) => void): void {
      const slot = slots[i] as number
      if (reader.birth(slot) !== births[i]) return
      if (reader.version(slot) !== versions[i]) {
        versions[i] = reader.version(slot)
        positions[i] = 0
      }
      cursor.open(reader.bytes(slot), reader.offset(slot), positions[i] as number)
      while (cursor.next()) {
        if (cursor.family > family) {
          positions[i] = cursor.rowOffset
          return
        }
        if (cursor.family === family) visit(cursor)
      }
      positions[i] = cursor.nextRow
    },
  }
}
