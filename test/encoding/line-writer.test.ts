/** Lines read back by a small parser of the text format. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TextFormat } from '../../src/encoding/family-text.ts'
import { createFamilyText } from '../../src/encoding/family-text.ts'
import { LineWriter, lineBound } from '../../src/encoding/line-writer.ts'
import { createTextSlice } from '../../src/encoding/text-slice.ts'
import { RowCursor } from '../../src/rows/block.ts'
import type { Gadget } from './gadgets.ts'
import { anyGadget, blockOf, createGadget, layout, samplesOf, shared } from './gadgets.ts'

interface Parsed {
  readonly family: string
  readonly value: number
  readonly labels: [string, string][]
}

/** Reads one sample line character by character. */
function parseLine(line: string): Parsed {
  const nameEnd = line.search(/[{ ]/)
  const labels: [string, string][] = []
  let at = nameEnd
  if (line[at] === '{') {
    do {
      const equals = line.indexOf('=', ++at)
      const name = line.slice(at, equals)
      if (line[equals + 1] !== '"') throw new Error(`no quote: ${line}`)
      let value = ''
      for (at = equals + 2; line[at] !== '"'; at++) {
        if (at >= line.length) throw new Error(`no end: ${line}`)
        if (line[at] !== '\\') value += line[at]
        else value += { n: '\n', '\\': '\\', '"': '"' }[line[++at] as string] ?? fail(line)
      }
      labels.push([name, value])
      at++
    } while (line[at] === ',')
    if (line[at++] !== '}') throw new Error(`no closing brace: ${line}`)
  }
  if (line[at] !== ' ') throw new Error(`no space before the value: ${line}`)
  return { family: line.slice(0, nameEnd), value: parseValue(line.slice(at + 1)), labels }
}

const fail = (line: string): never => {
  throw new Error(`unknown escape: ${line}`)
}

function parseValue(text: string): number {
  if (text === '+Inf') return Infinity
  if (text === '-Inf') return -Infinity
  if (text === 'NaN') return Number.NaN
  if (!/^-?\d+(\.\d+)?(e[+-]\d\d+)?$/.test(text)) throw new Error(`no value: ${text}`)
  return Number(text)
}

function linesOf(gadget: Gadget, format: TextFormat): string[] {
  const texts = layout.families.map(({ family }) => createFamilyText(family, format))
  const slice = createTextSlice(64)
  const { bytes, at } = blockOf(gadget)
  const cursor = new RowCursor(shared).open(bytes, at)
  while (cursor.next()) {
    const text = texts[cursor.family] as (typeof texts)[number]
    const target = new Uint8Array(lineBound(cursor, text))
    const end = new LineWriter().write(cursor, text, target, 0)
    expect(end).toBeLessThanOrEqual(target.length)
    slice.line(cursor, text)
  }
  return Buffer.from(slice.take()).toString().split('\n').slice(0, -1)
}

describe('sample lines', () => {
  test.each(['text', 'openmetrics'] as const)('as %s say what was observed, duplicates too', (format) => {
    const property = fc.property(anyGadget, (gadget) => {
      const samples = samplesOf(gadget).map(({ family, value, labels }) => ({ family, value, labels }))
      expect(linesOf(gadget, format).map(parseLine)).toEqual(samples)
    })
    fc.assert(property, { numRuns: 150 })
  })

  test('escape backslashes, quotes and newlines alone', () => {
    const gadget = createGadget({ name: 'a\\b"c\nd\te\ré', counted: [[1e6, '']] })
    expect(linesOf(gadget, 'text')).toEqual([
      'gadget_restarts_total{namespace="ns",gadget="a\\\\b\\"c\\nd\te\ré",container=""} 1e+06',
    ])
  })

  test.each(['\\', '"', '\n', 'é', '𝕏'])(
    'have %j at each place of names of up to nine bytes, and of longer ones',
    (special) => {
      for (const length of [0, 1, 2, 3, 4, 5, 6, 7, 8, 130]) {
        for (let place = 0; place <= Math.min(length, 9); place++) {
          const name = `${'x'.repeat(place)}${special}${'y'.repeat(length - place)}`
          const lines = linesOf(
            createGadget({
              name,
              counted: [
                [1, name],
                [2, 'other'],
              ],
            }),
            'text',
          )
          expect(lines.map(parseLine).map(({ labels }) => labels.map(([, value]) => value))).toEqual([
            ['ns', name, name],
            ['ns', name, 'other'],
          ])
        }
      }
    },
  )
})

describe('a line writer', () => {
  const [first, second] = ['first', 'second'].map((name) =>
    blockOf(
      createGadget({
        name,
        counted: [
          [1, 'a'],
          [2, 'b'],
        ],
      }),
    ),
  )
  const texts = layout.families.map(({ family }) => createFamilyText(family, 'text'))

  /** Writes each row of the blocks, and calls back before each with where it will be written. */
  function write(target: Uint8Array, placeOf: (end: number) => number): string[] {
    const lines = new LineWriter()
    const written: string[] = []
    let end = 0
    for (const { bytes, at } of [first, second, first] as NonNullable<typeof first>[]) {
      const cursor = new RowCursor(shared).open(bytes, at)
      while (cursor.next()) {
        const start = placeOf(end)
        end = lines.write(cursor, texts[cursor.family] as (typeof texts)[number], target, start)
        written.push(Buffer.from(target.subarray(start, end)).toString())
      }
    }
    return written
  }
  const line = (gadget: string, container: string, value: number) =>
    `gadget_restarts_total{namespace="ns",gadget="${gadget}",container="${container}"} ${value}\n`
  const expected = [
    ...[line('first', 'a', 1), line('first', 'b', 2), line('second', 'a', 1), line('second', 'b', 2)],
    ...[line('first', 'a', 1), line('first', 'b', 2)],
  ]

  test('copies only what rows of one object have in common', () => {
    expect(write(new Uint8Array(4096), (end) => end)).toEqual(expected)
  })

  test('writes a line anew when the one before is not where it was', () => {
    const target = new Uint8Array(4096)
    expect(write(target, () => 0)).toEqual(expected)
    expect(
      write(target, (end) => {
        target.fill(0)
        return end + 1
      }),
    ).toEqual(expected)
  })

  test('writes a line anew after it was left', () => {
    const lines = new LineWriter()
    const target = new Uint8Array(4096)
    const { bytes, at } = first as NonNullable<typeof first>
    const cursor = new RowCursor(shared).open(bytes, at)
    cursor.next()
    const text = texts[cursor.family] as (typeof texts)[number]
    const end = lines.write(cursor, text, target, 0)
    target.fill(0)
    lines.leave()
    cursor.next()
    const after = lines.write(cursor, text, target, end)
    expect(Buffer.from(target.subarray(end, after)).toString()).toBe(line('first', 'b', 2))
  })
})
