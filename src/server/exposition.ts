/**
 * Owns the order of a page: resource by resource, family by family, every object that lives during the whole page once
 * per family. It is produced in slices on demand, so that the caller owns the clock and the memory.
 */

import { RowCursor } from '../series/block.ts'
import type { ResourceReader, Store } from '../store/store.ts'
import type { FamilyText, TextFormat } from '../wire/text-encoder.ts'
import { createFamilyText, lineBound, openMetricsEnd, writeLine } from '../wire/text-encoder.ts'

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
    const slice = createSlice(options.sliceBytes)
    const headers = new Set<string>()
    for (const [resource, layout] of store.layouts.entries()) {
      if (!includes(layout.resource.plural) || store.objects(resource) === 0) continue
      yield* writeResource(store, resource, prepared[format][resource] as FamilyText[], headers, slice)
    }
    if (format === 'openmetrics') slice.append(openMetricsEnd)
    if (slice.length > 0) yield slice.take()
  }
}

/** The slice being filled; a new buffer per slice, since the reader may still hold the last one. */
interface Slice {
  readonly length: number
  readonly isFull: boolean
  append(bytes: Uint8Array): void
  line(row: RowCursor, family: FamilyText): void
  take(): Uint8Array
}

function createSlice(sliceBytes: number): Slice {
  let bytes = new Uint8Array(0)
  let length = 0
  const makeRoom = (size: number) => {
    if (length + size <= bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(sliceBytes + 4096, length + size))
    larger.set(bytes.subarray(0, length))
    bytes = larger
  }
  return {
    get length() {
      return length
    },
    get isFull() {
      return length >= sliceBytes
    },
    append(added) {
      makeRoom(added.length)
      bytes.set(added, length)
      length += added.length
    },
    line(row, family) {
      makeRoom(lineBound(row, family))
      length = writeLine(row, family, bytes, length)
    },
    take() {
      const taken = bytes.subarray(0, length)
      bytes = new Uint8Array(0)
      length = 0
      return taken
    },
  }
}

function* writeResource(
  store: Store,
  resource: number,
  families: readonly FamilyText[],
  headers: Set<string>,
  slice: Slice,
): Generator<Uint8Array, void> {
  const walk = createWalk(store.reader(resource), new RowCursor(store.shared))
  for (const [index, family] of families.entries()) {
    const name = Buffer.from(family.name).toString()
    if (!headers.has(name)) slice.append(family.header)
    headers.add(name)
    for (let i = 0; i < walk.size; i++) {
      walk.rows(i, index, (row) => slice.line(row, family))
      if (slice.isFull) yield slice.take()
    }
  }
}

/** Visits objects family by family; remembers in each block where the next family begins, as long as it is the same. */
function createWalk(reader: ResourceReader, cursor: RowCursor) {
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
