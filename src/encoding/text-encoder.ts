/**
 * Encodes rows as lines of the Prometheus text format and of OpenMetrics. Labels are transcoded from the canonical label
 * bytes; only backslash, double quote and newline are escaped. Those of sorted blocks are merged by name.
 */

import type { AnyFamily } from '../families/family.ts'
import { labelSetsOf } from '../families/label-sets.ts'
import type { RowCursor } from '../rows/block.ts'
import type { AttributeView } from '../rows/label-bytes.ts'
import { viewAttribute } from '../rows/label-bytes.ts'
import { SortedLabels } from '../rows/sorted-labels.ts'
import { writeGoFloat } from './go-float.ts'

export type TextFormat = 'text' | 'openmetrics'

/** The bytes that the lines of a family share, prepared once. */
export interface FamilyText {
  /** The HELP and TYPE lines. */
  readonly header: Uint8Array
  /** The metric name of samples. */
  readonly name: Uint8Array
}

const backslash = 0x5c
const quote = 0x22
const newline = 0x0a
const comma = 0x2c
const equals = 0x3d
const openBrace = 0x7b
const closeBrace = 0x7d
const space = 0x20
const letterN = 0x6e

/** The end of an OpenMetrics page. */
export const openMetricsEnd: Uint8Array = Buffer.from('# EOF\n')

/** Prepares the header of a family. OpenMetrics requires escaped quotes in help. */
export function createFamilyText(family: AnyFamily, format: TextFormat): FamilyText {
  const isOpen = format === 'openmetrics'
  const { name, type } = isOpen ? openMetricsType(family) : { name: family.name, type: textType(family) }
  const help = family.help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  const helpText = isOpen ? help.replaceAll('"', '\\"') : help
  return {
    header: Buffer.from(`# HELP ${name} ${helpText}\n# TYPE ${name} ${type}\n`),
    name: Buffer.from(family.name),
  }
}

const textType = ({ type }: AnyFamily) => (type === 'counter' ? 'counter' : 'gauge')

/**
 * In OpenMetrics, the name of a counter family has no `_total` and that of an info family no `_info`, and a state set
 * needs a label with its own name. Families that do not follow these rules become gauges, because strict parsers would
 * reject the page.
 */
function openMetricsType(family: AnyFamily): { readonly name: string; readonly type: string } {
  const { name, type } = family
  if (type === 'counter') return { name: name.replace(/_total$/, ''), type }
  if (type === 'info' && name.endsWith('_info')) return { name: name.slice(0, -'_info'.length), type }
  if (type === 'stateset' && labelSetsOf(family).some((labels) => labels.includes(name))) return { name, type }
  return { name, type: 'gauge' }
}

/** An upper bound of the length of the line. */
export function lineBound(row: RowCursor, family: FamilyText): number {
  return family.name.length + 2 * (row.commonLength + row.labelsEnd - row.labelsStart) + 32
}

/** Writes one sample with its newline and returns the offset after it. */
export function writeLine(row: RowCursor, { name }: FamilyText, target: Uint8Array, offset: number): number {
  let at = offset
  for (let i = 0; i < name.length; i++) target[at++] = name[i] as number
  const first = at
  if (row.isSorted) at = writeSorted(row, target, at)
  else {
    at = writeLabels(row.bytes, row.identityStart, row.identityEnd, target, at)
    at = writeLabels(row.labels, row.labelsStart, row.labelsEnd, target, at)
  }
  if (at > first) {
    // Each label was written with a preceding comma.
    target[first] = openBrace
    target[at++] = closeBrace
  }
  target[at++] = space
  at = writeGoFloat(row.value, target, at)
  target[at++] = newline
  return at
}

const view: AttributeView = { keyStart: 0, keyEnd: 0, valueStart: 0, valueEnd: 0 }

function writeLabels(bytes: Uint8Array, start: number, end: number, target: Uint8Array, offset: number): number {
  let at = offset
  for (let from = start; from < end; ) {
    from = viewAttribute(bytes, from, view)
    at = writeLabel(bytes, view, target, at)
  }
  return at
}

const sortedLabels = new SortedLabels()

function writeSorted(row: RowCursor, target: Uint8Array, offset: number): number {
  let at = offset
  sortedLabels.open(row)
  for (let label = sortedLabels.next(); label !== undefined; label = sortedLabels.next()) {
    at = writeLabel(label.bytes, label.view, target, at)
  }
  return at
}

/** Writes a comma and the label. */
function writeLabel(bytes: Uint8Array, label: AttributeView, target: Uint8Array, offset: number): number {
  let at = offset
  target[at++] = comma
  for (let i = label.keyStart; i < label.keyEnd; i++) target[at++] = bytes[i] as number
  target[at++] = equals
  target[at++] = quote
  at = writeEscaped(bytes, label.valueStart, label.valueEnd, target, at)
  target[at++] = quote
  return at
}

function writeEscaped(bytes: Uint8Array, start: number, end: number, target: Uint8Array, offset: number): number {
  let at = offset
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number
    if (byte === backslash || byte === quote) target[at++] = backslash
    else if (byte === newline) {
      target[at++] = backslash
      target[at++] = letterN
      continue
    }
    target[at++] = byte
  }
  return at
}
