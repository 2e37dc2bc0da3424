/** Blocks compared and reduced as sets of series. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RowCursor } from '../../src/rows/block.ts'
import { decodeLabels } from '../../src/rows/label-bytes.ts'
import { collectSeries, reduceBlock, sameSeries, seriesId } from '../../src/store/series-sets.ts'
import { anyGadget, blockOf, createGadget, shared } from '../encoding/gadgets.ts'

const cursor = new RowCursor(shared)

function read(bytes: Uint8Array, at: number) {
  const rows: { series: string; value: number; labels: [string, string][] }[] = []
  cursor.open(bytes, at)
  while (cursor.next()) {
    if (cursor.duplicate) continue
    const labels = decodeLabels(cursor.labels, cursor.labelsStart, cursor.labelsEnd)
    rows.push({ series: seriesId(cursor), value: cursor.value, labels })
  }
  return rows
}

function seriesOf(bytes: Uint8Array, at: number): Set<string> {
  const series = new Set<string>()
  collectSeries(cursor, bytes, at, series)
  return series
}

describe('a reduced block', () => {
  test('has the rows that are kept, each series once, and stands alone', () => {
    const property = fc.property(anyGadget, fc.nat(0xff), (gadget, mask) => {
      const { bytes, at, length } = blockOf(gadget)
      const rows = read(bytes, at)
      const kept = rows.filter((_, i) => (mask >> (i % 8)) & 1)
      const series = new Set(kept.map((row) => row.series))
      const reduced = reduceBlock(cursor, bytes, at, (row) => series.has(seriesId(row)))
      expect(reduced?.rows ?? 0).toBe(kept.length)
      if (reduced === undefined) return
      expect(read(reduced.bytes, 0)).toEqual(kept)
      expect(reduced.bytes.length).toBeLessThanOrEqual(length)
    })
    fc.assert(property, { numRuns: 200 })
  })

  test('takes the label sets of its rows alone, from far within the dictionary too', () => {
    const labels = (i: number) => [['l', `${i}`.padEnd(100, 'x')]] as const
    const gadget = createGadget({ free: Array.from({ length: 1_000 }, (_, i) => [i, labels(i)]) })
    const { bytes, at } = blockOf(gadget)
    const rows = read(bytes, at)
    const reduced = reduceBlock(cursor, bytes, at, ({ value }) => value === 7 || value === 990)
    expect(read(reduced?.bytes ?? bytes, 0)).toEqual([rows[7], rows[990]])
    expect(reduced?.bytes.length).toBeLessThan(400)
  })
})

describe('series of two blocks', () => {
  const compare = (a: ReturnType<typeof blockOf>, b: ReturnType<typeof blockOf>) =>
    sameSeries({ cursor, ...a }, { cursor: new RowCursor(shared), ...b })

  test('are the same when values alone differ', () => {
    const [one, two] = [1, 70_000].map((value) =>
      blockOf(
        createGadget({
          free: [
            [value, [['l', 'a']]],
            [value, []],
          ],
          phase: value === 1 ? 'On' : 'Off',
        }),
      ),
    )
    expect(one && two && compare(one, two)).toBe(true)
  })

  test('are never called the same when they are not', () => {
    const property = fc.property(anyGadget, anyGadget, (left, right) => {
      const [a, b] = [blockOf(left), blockOf({ ...right, metadata: left.metadata })]
      if (compare(a, b)) expect(seriesOf(a.bytes, a.at)).toEqual(seriesOf(b.bytes, b.at))
      expect(compare(a, a)).toBe(true)
    })
    fc.assert(property, { numRuns: 300 })
  })
})
