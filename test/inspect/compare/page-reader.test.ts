/** The page reader with pages of the text encoder: every label and value is read as it was written. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createFamilyText } from '../../../src/encoding/family-text.ts'
import { LineWriter, lineBound } from '../../../src/encoding/line-writer.ts'
import type { AnyFamily } from '../../../src/families/family.ts'
import { PageError, readPage } from '../../../src/inspect/compare/page-reader.ts'
import { headerLength, RowCursor, writeU32 } from '../../../src/rows/block.ts'
import { encodeLabels } from '../../../src/rows/label-bytes.ts'
import { RowBuffer } from '../../../src/rows/row-buffer.ts'
import { createSharedLabelSets } from '../../../src/rows/shared-label-sets.ts'
import { still } from './pages.ts'

type Labels = readonly (readonly [string, string])[]

const signal = new AbortController().signal
const shared = createSharedLabelSets()
const family = { name: 'kube_something', type: 'gauge', help: 'Help.' } as AnyFamily

/** A line as our encoder writes it. */
function lineOf(labels: Labels, value: number): string {
  const text = createFamilyText(family, 'text')
  const rows = new RowBuffer()
  rows.addPlain(0, value, false)
  const block = Buffer.alloc(headerLength + rows.length)
  writeU32(rows.length, block, 8)
  rows.bytes.copy(block, headerLength, 0, rows.length)
  const row = new RowCursor(shared).open(block, 0)
  row.next()
  row.labels = encodeLabels(labels)
  row.labelsEnd = row.labels.length
  const target = new Uint8Array(lineBound(row, text))
  return Buffer.from(target.subarray(0, new LineWriter().write(row, text, target, 0))).toString()
}

interface ReadSample {
  readonly name: string
  readonly key: string
  readonly series: string
  readonly value: number
}

async function read(text: string, pieceBytes: number): Promise<ReadSample[]> {
  const samples: ReadSample[] = []
  await readPage('page', await still(text, pieceBytes).open(signal), {
    type() {},
    sample(name, { low, high, value }, series) {
      samples.push({ name, key: `${low}/${high}`, series: series(), value })
    },
  })
  return samples
}

const labelName = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,8}$/)
const labelValue = fc.oneof(
  fc.string({ unit: fc.constantFrom('\\', '"', '\n', 'n', ',', '=', '{', '}', ' ', '\r', '\t', 'a'), maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
)
const labelSet = fc.uniqueArray(fc.tuple(labelName, labelValue), { selector: ([name]) => name, maxLength: 6 })
const value = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(0, 1, 1e6, 1e21, 1.7e9, Infinity, -Infinity, Number.NaN),
)
const pieceBytes = fc.integer({ min: 1, max: 40 })
const canonical = (labels: Labels) => JSON.stringify(labels.toSorted(([a], [b]) => (a < b ? -1 : 1)))

describe('a line that our encoder wrote', () => {
  test('returns its value, and its series as written', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(labelSet, value), { maxLength: 5 }), pieceBytes, async (rows, size) => {
        const lines = rows.map(([labels, number]) => lineOf(labels, number))
        const samples = await read(lines.join(''), size)
        expect(samples.map((sample) => sample.name)).toEqual(rows.map(() => family.name))
        for (const [i, sample] of samples.entries()) {
          const written = rows[i]?.[1] as number
          expect(sample.value === 0 ? 0 : sample.value).toBe(written === 0 ? 0 : written)
          expect(lines[i]).toMatch(/ \S+\n$/)
          expect(sample.series).toBe(lines[i]?.replace(/ \S+\n$/, ''))
        }
      }),
    )
  })

  test('has the key of its set of labels, whatever their order, and no other set has it', async () => {
    const sets = fc.array(labelSet, { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(sets, pieceBytes, async (labelSets, size) => {
        const all = labelSets.flatMap((labels) => [labels, labels.toReversed()])
        const samples = await read(all.map((labels) => lineOf(labels, 1)).join(''), size)
        const keys = new Map<string, string>()
        for (const [i, labels] of all.entries()) {
          const key = samples[i]?.key as string
          expect(keys.get(key) ?? canonical(labels)).toBe(canonical(labels))
          keys.set(key, canonical(labels))
        }
        expect(keys.size).toBe(new Set(all.map(canonical)).size)
      }),
    )
  })

  test('has a key that its neighbours do not share', async () => {
    const labels = (i: number): Labels => [
      ['namespace', `ns-${i % 50}`],
      ['pod', `pod-${i}`],
      ['uid', `${i}-${i * 7}`],
      [`phase`, i % 2 ? 'Running' : 'Pending'],
    ]
    const lines = Array.from({ length: 30_000 }, (_, i) => lineOf(labels(i), 1))
    expect(new Set((await read(lines.join(''), 65_536)).map(({ key }) => key)).size).toBe(lines.length)
  })
})

test('names and values of labels are kept apart', async () => {
  const pages = [
    'kube_a{a="b",c="d"} 1',
    'kube_a{a="d",c="b"} 1',
    'kube_a{c="",a="bd"} 1',
    'kube_a{ab="",c="d"} 1',
    'kube_ab{c="d"} 1',
  ]
  const keys = await Promise.all(pages.map(async (page) => (await read(page, 10))[0]?.key))
  expect(new Set(keys).size).toBe(pages.length)
})

test('a page without line ends is rejected before it fills the memory', async () => {
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) yield Buffer.alloc(1024 * 1024, 'x')
  }
  const visitor = { type() {}, sample() {} }
  await expect(readPage('page', endless(), visitor)).rejects.toThrow(
    new PageError('page is not a metrics page: it has no lines'),
  )
})
