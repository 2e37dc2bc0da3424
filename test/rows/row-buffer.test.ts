/** Rows of any families, labels and values, written and read back by the cursor. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countRows, headerLength, RowCursor, writeU32 } from '../../src/rows/block.ts'
import { eachFamily, setWithheld } from '../../src/rows/family-rows.ts'
import { decodeLabels, encodeLabels, varintLength, writeVarint } from '../../src/rows/label-bytes.ts'
import { prepareStateRows, RowBuffer } from '../../src/rows/row-buffer.ts'
import { maxFamilies } from '../../src/rows/row-format.ts'
import { createSharedLabelSets } from '../../src/rows/shared-label-sets.ts'
import { selectRows } from '../../src/store/series-sets.ts'

interface Row {
  readonly family: number
  readonly value: number
  readonly duplicate: boolean
  /** An index into `own`, a shared set, or the identity alone. */
  readonly labels: number | 'shared' | 'none'
  readonly withheld: boolean
}

const shared = createSharedLabelSets()
const sharedLabels = encodeLabels([['s', 't']])
const sharedId = shared.intern(sharedLabels) as number
const own = ['a', 'b'.repeat(200), 'c'.repeat(70_000), 'd'].map((value) => encodeLabels([['l', value]]))
const offsets = own.map((_, i) => own.slice(0, i).reduce((sum, set) => sum + varintLength(set.length) + set.length, 0))
const identity = encodeLabels([['name', 'x']])

/** Gaps between families around those at which a row's head grows. */
const gap = fc.constantFrom(0, 0, 1, 1, 2, 3, 256, 257, 258, 5000, 70_000)
const anyRows = fc
  .array(
    fc.record({
      gap,
      value: fc.oneof(fc.constantFrom(0, 1, 2, 0xffff_ffff, -1, 0.5), fc.double({ noNaN: true })),
      duplicate: fc.boolean(),
      labels: fc.constantFrom<Row['labels']>(0, 1, 2, 3, 'shared', 'none'),
      withheld: fc.boolean(),
    }),
    { maxLength: 40 },
  )
  .map((rows) => {
    let family = 0
    return rows.map(({ gap, value, ...row }): Row => {
      family += gap
      return { ...row, value: value === 0 ? 0 : value, family }
    })
  })

function blockOf(rows: readonly Row[]): Uint8Array {
  const buffer = new RowBuffer()
  for (const { family, value, duplicate, labels, withheld } of rows) {
    const at = buffer.length
    if (labels === 'none') buffer.addPlain(family, value, duplicate)
    else if (labels === 'shared') buffer.addShared(family, value, sharedId, duplicate)
    else buffer.addOwn(family, value, offsets[labels] as number, duplicate)
    if (withheld) setWithheld(buffer.bytes, at, buffer.length, true)
  }
  const dictionary = own.flatMap((set) => {
    const prefix = new Uint8Array(varintLength(set.length))
    writeVarint(set.length, prefix, 0)
    return [prefix, set]
  })
  const header = new Uint8Array(headerLength)
  const body = Buffer.concat([identity, ...dictionary, buffer.bytes.subarray(0, buffer.length)])
  writeU32(identity.length, header, 0)
  writeU32(body.length - identity.length - buffer.length, header, 4)
  writeU32(buffer.length, header, 8)
  return new Uint8Array(Buffer.concat([header, body]))
}

function read(bytes: Uint8Array, any: boolean): Row[] {
  const cursor = any ? new RowCursor(shared).openAll(bytes, 0) : new RowCursor(shared).open(bytes, 0)
  const rows: Row[] = []
  while (cursor.next()) rows.push(rowAt(cursor))
  return rows
}

function rowAt(cursor: RowCursor): Row {
  const { family, value, duplicate, withheld, labels, labelsStart, labelsEnd } = cursor
  const text = decodeLabels(labels, labelsStart, labelsEnd)[0]?.[1]
  const index = own.findIndex((set) => decodeLabels(set)[0]?.[1] === text)
  const kind = text === undefined ? 'none' : text === 't' ? 'shared' : index
  return { family, value, duplicate, withheld, labels: kind }
}

describe('rows', () => {
  test('are read as they were written; withheld ones only on demand', () => {
    const property = fc.property(anyRows, (rows) => {
      const block = blockOf(rows)
      expect(read(block, true)).toEqual(rows)
      expect(read(block, false)).toEqual(rows.filter(({ withheld }) => !withheld))
    })
    fc.assert(property, { numRuns: 200 })
  })

  test('are read from wherever a cursor has been before', () => {
    const property = fc.property(anyRows, fc.nat(39), (rows, from) => {
      const cursor = new RowCursor(shared).openAll(blockOf(rows), 0)
      for (let i = 0; i <= from; i++) if (!cursor.next()) return
      cursor.openAll(cursor.bytes, 0, cursor.rowOffset, from === 0 ? -1 : (rows[from - 1] as Row).family)
      for (const row of rows.slice(from)) {
        expect(cursor.next()).toBe(true)
        expect(rowAt(cursor)).toEqual(row)
      }
      expect(cursor.next()).toBe(false)
    })
    fc.assert(property, { numRuns: 200 })
  })

  test('are selected by their labels, also after those have moved, and stay withheld', () => {
    const property = fc.property(anyRows, fc.nat(0xff), (rows, mask) => {
      let i = 0
      const chosen = rows.map((_, index) => ((mask >> (index % 8)) & 1) === 1)
      const block = selectRows(new RowCursor(shared), blockOf(rows), 0, () => chosen[i++] as boolean)
      const expected = rows.filter((_, index) => chosen[index])
      expect(read(block.bytes, true)).toEqual(expected)
      expect(block.rows).toBe(expected.length)
    })
    fc.assert(property, { numRuns: 200 })
  })

  test('are counted by family without those that are withheld', () => {
    const property = fc.property(anyRows, (rows) => {
      const counts: number[] = []
      const block = blockOf(rows)
      countRows(block, 0, 1, counts)
      const counted = rows.filter(({ withheld }) => !withheld).map(({ family }) => String(family))
      const expected = Object.groupBy(counted, (family) => family)
      expect({ ...counts }).toEqual(Object.fromEntries(Object.entries(expected).map(([key, of]) => [key, of?.length])))
      countRows(block, 0, -1, counts)
      expect(counts.every((count) => count === 0)).toBe(true)
    })
    fc.assert(property, { numRuns: 200 })
  })

  test('are visited by family, and withheld by it', () => {
    const property = fc.property(anyRows, (rows) => {
      const block = blockOf(rows)
      const visited: [family: number, rows: number, changed: number][] = []
      eachFamily(block, 0, (family, count, start, end) => {
        visited.push([family, count, setWithheld(block, start, end, family % 2 === 0)])
      })
      const expected = Map.groupBy(rows, ({ family }) => family)
      const isOther = ({ family, withheld }: Row) => withheld !== (family % 2 === 0)
      expect(visited).toEqual([...expected].map(([family, of]) => [family, of.length, of.filter(isOther).length]))
      expect(read(block, true)).toEqual(rows.map((row) => ({ ...row, withheld: row.family % 2 === 0 })))
    })
    fc.assert(property, { numRuns: 200 })
  })

  test('of a withheld kind are passed over however many they are', () => {
    const rows = Array.from({ length: 50_000 }, (_, value): Row => {
      return { family: 3, value, duplicate: false, labels: 'none', withheld: value < 49_999 }
    })
    expect(read(blockOf(rows), false)).toEqual(rows.slice(-1))
  })

  test('of a withheld kind return', () => {
    const rows: Row[] = [{ family: 7, value: 3, duplicate: false, labels: 'none', withheld: true }]
    const block = blockOf(rows)
    expect(read(block, false)).toEqual([])
    setWithheld(block, block.length - 6, block.length, false)
    expect(read(block, false)).toEqual([{ ...rows[0], withheld: false }])
  })

  test('of a state set follow those of any family, up to the largest number', () => {
    const states = prepareStateRows([
      { name: 'On', shared: sharedId, repeated: false },
      { name: 'Off', shared: sharedId, repeated: false },
    ])
    const buffer = new RowBuffer()
    for (const family of [0, 1, 5, 300, maxFamilies - 1]) if (states) buffer.addStates(family, states, 'Off')
    const header = new Uint8Array(headerLength)
    writeU32(buffer.length, header, 8)
    const block = new Uint8Array(Buffer.concat([header, buffer.bytes.subarray(0, buffer.length)]))
    const families = read(block, false).map(({ family, value }) => `${family}=${value}`)
    expect(families).toEqual([0, 1, 5, 300, maxFamilies - 1].flatMap((family) => [`${family}=0`, `${family}=1`]))
  })
})
