/** The series of one object as a page would have them. */

import { createFamilyText } from '../../encoding/family-text.ts'
import { createTextSlice } from '../../encoding/text-slice.ts'
import { createPageWalk } from '../../store/page-walk.ts'
import type { Store } from '../../store/store.ts'
import type { ObjectName } from './status.ts'

/** Far more than an object has. */
const maxBytes = 1024 * 1024

/** Prometheus text of the objects with the name, with a header before each family; undefined if there is no such object. */
export function lookUpObject(store: Store, { resource, namespace, name }: ObjectName): string | undefined {
  const layouts = store.registry.layouts.filter((layout) => layout.resource.plural === resource)
  const found = layouts.map((layout) => ({ layout, slots: store.slotsOf(layout.id, namespace, name) }))
  if (found.every(({ slots }) => slots.length === 0)) return undefined
  const slice = createTextSlice(64 * 1024)
  for (const { layout, slots } of found) {
    const walk = createPageWalk(store, layout.id, slots)
    const families = [...layout.families].sort((a, b) => a.id - b.id)
    for (const { id, family } of families) {
      const text = createFamilyText(family, 'text')
      const before = slice.length
      for (let object = 0; object < walk.size && slice.length < maxBytes; object++) {
        walk.rows(object, id, (row) => {
          if (slice.length === before) slice.append(text.header)
          slice.line(row, text)
        })
      }
    }
  }
  return Buffer.from(slice.take()).toString('utf8')
}
