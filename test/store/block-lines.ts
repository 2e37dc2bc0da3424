/** Owns reading row blocks back as lines, through the cursor alone: what the store holds and offers, in words. */
import type { RowCursor } from '../../src/rows/block.ts'
import { decodeLabels } from '../../src/rows/label-bytes.ts'
import type { ResourceLayout } from '../../src/rows/layout.ts'
import type { Line } from './universe.ts'

/** Reads the block at `at` in the order of its rows; with `duplicates: false` each series once. */
export type ReadLines = (resource: number, bytes: Uint8Array, at: number, options: { duplicates: boolean }) => Line[]

/** A reader that remembers the names of series by their bytes. */
export function createLineReader(layouts: readonly ResourceLayout[], cursor: RowCursor): ReadLines {
  const names = layouts.map(({ families }) => families.map(() => new Map<string, string>()))
  const nameOf = (resource: number): string => {
    const known = names[resource]?.[cursor.family] as Map<string, string>
    const key = cursor.seriesKey()
    let name = known.get(key)
    if (name === undefined) {
      const labels = decodeLabels(Buffer.from(key, 'latin1')).map(([label, value]) => `${label}="${value}"`)
      name = `${layouts[resource]?.families[cursor.family]?.family.name}{${labels.join(',')}}`
      known.set(key, name)
    }
    return name
  }
  return (resource, bytes, at, { duplicates }) => {
    const lines: Line[] = []
    cursor.open(bytes, at)
    while (cursor.next()) if (duplicates || !cursor.duplicate) lines.push([nameOf(resource), cursor.value])
    return lines
  }
}
