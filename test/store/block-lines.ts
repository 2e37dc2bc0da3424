/** Row blocks read back as lines, through the cursor alone. */
import type { RowCursor } from '../../src/rows/block.ts'
import { decodeLabels } from '../../src/rows/label-bytes.ts'
import type { Registry } from '../../src/rows/registry.ts'
import type { Line } from './universe.ts'

/** Reads the block at `at` in the order of its rows; with `duplicates: false` each series once, with `withheld` also withheld ones. */
export type ReadLines = (bytes: Uint8Array, at: number, options: { duplicates: boolean; withheld?: boolean }) => Line[]

/** A reader that remembers the names of series by their bytes. */
export function createLineReader(registry: Registry, cursor: RowCursor): ReadLines {
  const names = new Map<string, string>()
  const nameOf = (): string => {
    const key = cursor.seriesKey()
    const known = names.get(`${cursor.family} ${key}`)
    if (known !== undefined) return known
    const labels = decodeLabels(Buffer.from(key, 'latin1')).map(([label, value]) => `${label}="${value}"`)
    const name = `${registry.family(cursor.family).name}{${labels.join(',')}}`
    names.set(`${cursor.family} ${key}`, name)
    return name
  }
  return (bytes, at, { duplicates, withheld = false }) => {
    const lines: Line[] = []
    if (withheld) cursor.openAll(bytes, at)
    else cursor.open(bytes, at)
    while (cursor.next()) if (duplicates || !cursor.duplicate) lines.push([nameOf(), cursor.value])
    return lines
  }
}
