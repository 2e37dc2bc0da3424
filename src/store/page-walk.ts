/** The walk of a page over a resource: family by family, every object that lives during the whole walk once per family. */

import { RowCursor } from '../rows/block.ts'
import type { Store } from './store.ts'

/** Takes a row; the cursor is good until it returns. */
export type RowVisitor = (row: RowCursor) => void

/** A walk over the objects that lived when it began; gone ones yield nothing, later ones are left out. */
export interface PageWalk {
  /** How many objects there are to visit. */
  readonly size: number
  /** Visits the rows of a family in the object with this number; families must be asked for in ascending order. */
  rows(object: number, family: number, visit: RowVisitor): void
}

const noMoreFamilies = 0xffff_ffff

/** Visits all objects of the resource, or the chosen slots. Remembers in each block where the next family begins, as long as the block is the same. */
export function createPageWalk(store: Store, resource: number, chosen?: readonly number[]): PageWalk {
  const reader = store.reader(resource)
  const cursor = new RowCursor(store.registry.shared)
  const slots = chosen ? Uint32Array.from(chosen) : reader.slots()
  const births = slots.map(reader.birth)
  const versions = slots.map(reader.version)
  const positions = new Uint32Array(slots.length)
  /** The families of the row at the position, before which there is nothing to see, and of the row before that. */
  const nextFamilies = new Uint32Array(slots.length)
  const familiesBefore = new Int32Array(slots.length).fill(-1)
  const stopAt = (i: number, position: number, family: number, familyBefore: number) => {
    positions[i] = position
    nextFamilies[i] = family
    familiesBefore[i] = familyBefore
  }
  return {
    size: slots.length,
    rows(i: number, family: number, visit: RowVisitor): void {
      const slot = slots[i] as number
      if (reader.birth(slot) !== births[i]) return
      if (reader.version(slot) !== versions[i]) {
        versions[i] = reader.version(slot)
        stopAt(i, 0, 0, -1)
      }
      if (family < (nextFamilies[i] as number)) return
      let before = familiesBefore[i] as number
      cursor.openAll(reader.bytes(slot), reader.offset(slot), positions[i] as number, before)
      while (cursor.next()) {
        if (cursor.family > family) {
          stopAt(i, cursor.rowOffset, cursor.family, before)
          return
        }
        before = cursor.family
        if (before === family && !cursor.withheld) visit(cursor)
      }
      stopAt(i, cursor.nextRow, noMoreFamilies, before)
    },
  }
}
