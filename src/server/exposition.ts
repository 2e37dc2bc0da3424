/**
 * The order of a page: resource by resource, family by family, every object that lives during the whole page once
 * per family. It is produced in slices on demand (now and then an empty one), so that the caller owns the clock and the
 * memory.
 */

import type { FamilyText, TextFormat } from '../encoding/family-text.ts'
import { createFamilyText, openMetricsEnd } from '../encoding/family-text.ts'
import type { SpareBuffers } from '../encoding/spare-buffers.ts'
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
  /** The memory of slices, for a caller that gives it back. */
  readonly buffers?: SpareBuffers
}

/** Makes pages of the current plan; headers are prepared once per layout. */
export function createExposition(store: Store, options: { readonly sliceBytes: number }) {
  const textsOf = { text: createTexts('text'), openmetrics: createTexts('openmetrics') }
  return function* openPage({ format, includes, buffers }: ExpositionRequest): Generator<Uint8Array, void> {
    const slice = createTextSlice(options.sliceBytes, buffers)
    const shown = store.registry.layouts.filter(
      ({ id, resource }) => includes(resource.plural) && store.objects(id) > 0,
    )
    for (const group of groupByFamily(shown)) yield* writeGroup(store, group, textsOf[format], slice)
    if (format === 'openmetrics') slice.append(openMetricsEnd)
    if (slice.length > 0) yield slice.take()
  }
}

type ResourceLayout = Store['registry']['layouts'][number]
type TextsOf = (layout: ResourceLayout) => ReadonlyMap<number, FamilyText>

/** The headers of a layout by family. */
function createTexts(format: TextFormat): TextsOf {
  const known = new WeakMap<ResourceLayout, ReadonlyMap<number, FamilyText>>()
  return (layout) => {
    const texts =
      known.get(layout) ?? new Map(layout.families.map(({ id, family }) => [id, createFamilyText(family, format)]))
    known.set(layout, texts)
    return texts
  }
}

/** Resources that feed one family name stand on the page together, since a name is printed once; most are a group alone. */
function groupByFamily(layouts: readonly ResourceLayout[]): ResourceLayout[][] {
  const groupOf = new Map<string, ResourceLayout[]>()
  for (const layout of layouts) {
    const group = [...joinedBy(layout, groupOf), layout]
    for (const { families } of group) for (const { family } of families) groupOf.set(family.name, group)
  }
  return [...new Set(groupOf.values())]
}

/** The resources that share a family name with this one, directly or through others. */
function joinedBy({ families }: ResourceLayout, groupOf: ReadonlyMap<string, ResourceLayout[]>): Set<ResourceLayout> {
  return new Set(families.flatMap(({ family }) => groupOf.get(family.name) ?? []))
}

function* writeGroup(
  store: Store,
  group: readonly ResourceLayout[],
  textsOf: TextsOf,
  slice: TextSlice,
): Generator<Uint8Array, void> {
  const walks = group.map((layout) => ({ walk: createPageWalk(store, layout.id), texts: textsOf(layout) }))
  const families = new Map(walks.flatMap(({ texts }) => [...texts]))
  let visited = 0
  for (const { family, text, isFirst } of inPageOrder(store, families)) {
    if (isFirst) slice.append(text.header)
    const write: RowVisitor = (row) => slice.line(row, text)
    for (const { walk, texts } of walks) {
      if (!texts.has(family)) continue
      for (let i = 0; i < walk.size; i++) {
        walk.rows(i, family, write)
        if (!slice.isFull && ++visited < maxVisits) continue
        visited = 0
        yield slice.take()
      }
    }
  }
}

/** Families by number, but those of one name (and different types) together: the first of them has the header. */
function inPageOrder({ registry }: Store, families: ReadonlyMap<number, FamilyText>) {
  const ids = [...families.keys()].sort((a, b) => a - b)
  return [...Map.groupBy(ids, (id) => registry.family(id).name).values()].flatMap((group) =>
    group.map((family, i) => ({ family, text: families.get(family) as FamilyText, isFirst: i === 0 })),
  )
}
