/** Lines read back by a small parser of the text format, and the rules of headers. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TextFormat } from '../../src/encoding/text-encoder.ts'
import { createFamilyText, lineBound, writeLine } from '../../src/encoding/text-encoder.ts'
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
    const end = writeLine(cursor, text, target, 0)
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
})

describe('family headers', () => {
  const header = (name: string, format: TextFormat) => {
    const family = layout.families.map((one) => one.family).find((one) => one.name === name)
    if (family === undefined) throw new Error(`no family ${name}`)
    return Buffer.from(createFamilyText(family, format).header).toString()
  }

  test.each([
    ['gadget_free', 'text', 'gadget_free', 'gauge', 'Backslash \\\\, "quotes" and\\na new line.'],
    ['gadget_restarts_total', 'text', 'gadget_restarts_total', 'counter', 'Backslash \\\\, "quotes" and\\na new line.'],
    ['gadget_free', 'openmetrics', 'gadget_free', 'gauge', 'Backslash \\\\, \\"quotes\\" and\\na new line.'],
    [
      'gadget_restarts_total',
      'openmetrics',
      'gadget_restarts',
      'counter',
      'Backslash \\\\, \\"quotes\\" and\\na new line.',
    ],
  ] as const)('%s as %s', (family, format, name, type, help) => {
    expect(header(family, format)).toBe(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`)
  })
})

describe('slices', () => {
  test('are full from their size on, keep order, and are released when taken', () => {
    const slice = createTextSlice(10)
    slice.append(Buffer.from('12345'))
    expect([slice.length, slice.isFull]).toEqual([5, false])
    slice.append(Buffer.from('67890abc'))
    expect([slice.length, slice.isFull]).toEqual([13, true])
    const taken = slice.take()
    slice.append(Buffer.from('next'))
    expect(Buffer.from(taken).toString()).toBe('1234567890abc')
    expect(Buffer.from(slice.take()).toString()).toBe('next')
    expect(slice.length).toBe(0)
  })
})
