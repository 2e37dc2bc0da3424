/** The rules of headers, and slices of pages. */

import { describe, expect, test } from 'vitest'
import type { TextFormat } from '../../src/encoding/family-text.ts'
import { createFamilyText } from '../../src/encoding/family-text.ts'
import { createTextSlice } from '../../src/encoding/text-slice.ts'
import { layout } from './gadgets.ts'

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
