/**
 * The order of a page: resource by resource, family by family, every object that lives during the whole page once
 * per family. It is produced in slices on demand (now and then an empty one), so that the caller owns the clock and the
 * memory.
 */

import type { FamilyText, TextFormat } from '../encoding/text-encoder.ts'
import { createFamilyText, openMetricsEnd } from '../encoding/text-encoder.ts'
import type { TextSlice } from '../encoding/text-slice.ts'
import { createTextSlice } from '../encoding/text-slice.ts'
import type { RowVisitor } from '../store/page-walk.ts'
import { createPageWalk } from '../store/page-walk.ts'
import type { Store } from '../store/store.ts'

/** Objects that a slice visits at most: families without rows take time too. */
const maxVisits = 25_000

export interface ExpositionRequest {
  readonly format: TextFormat
  /** Whether the resource (by its plural name) is on the page. */
  includes(resource: string): boolean
}

/** Prepares the headers of all families once; the function it returns makes pages. */
export function createExposition(store: Store, options: { readonly sliceBytes: number }) {
  const prepare = (format: TextFormat) =>
    store.layouts.map(({ families }) => families.map(({ family }) => createFamilyText(family, format)))
  const prepared = { text: prepare('text'), openmetrics: prepare('openmetrics') }
  return function* openPage({ format, includes }: ExpositionRequest): Generator<Uint8Array, void> {
    const slice = createTextSlice(options.sliceBytes)
    const headers = new Set<string>()
    for (const [resource, layout] of store.layouts.entries()) {
      if (!includes(layout.resource.plural) || store.objects(resource) === 0) continue
      yield* writeResource(store, resource, prepared[format][resource] as FamilyText[], headers, slice)
    }
    if (format === 'openmetrics') slice.append(openMetricsEnd)
    if (slice.length > 0) yield slice.take()
  }
}

function* writeResource(
  store: Store,
  resource: number,
  families: readonly FamilyText[],
  headers: Set<string>,
  slice: TextSlice,
): Generator<Uint8Array, void> {
  const walk = createPageWalk(store, resource)
  let visited = 0
  for (const [index, family] of families.entries()) {
    const name = Buffer.from(family.name).toString()
    if (!headers.has(name)) slice.append(family.header)
    headers.add(name)
    const write: RowVisitor = (row) => slice.line(row, family)
    for (let i = 0; i < walk.size; i++) {
      walk.rows(i, index, write)
      if (!slice.isFull && ++visited < maxVisits) continue
      visited = 0
      yield slice.take()
    }
  }
}
