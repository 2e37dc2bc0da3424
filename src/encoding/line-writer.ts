/**
 * Writes rows as lines of the Prometheus text format, which are those of OpenMetrics too. Labels are transcoded from the
 * canonical label bytes; only backslash, double quote and newline are escaped. Those of sorted blocks are merged by name.
 */

import type { RowCursor } from '../rows/block.ts'
import type { AttributeView } from '../rows/label-bytes.ts'
import { viewAttribute } from '../rows/label-bytes.ts'
import { SortedLabels } from '../rows/sorted-labels.ts'
import { copyWords, hasByte, repeated, viewOf } from './byte-words.ts'
import type { FamilyText } from './family-text.ts'
import { writeGoFloat } from './go-float.ts'

const backslash = 0x5c
const quote = 0x22
const newline = 0x0a
const comma = 0x2c
const equals = 0x3d
const openBrace = 0x7b
const closeBrace = 0x7d
const space = 0x20
const letterN = 0x6e

const backslashes = repeated(backslash)
const quotes = repeated(quote)
const newlines = repeated(newline)

const nothing = new Uint8Array(0)

/** An upper bound of the length of the line. */
export function lineBound(row: RowCursor, { name }: FamilyText): number {
  return name.byteLength + 2 * (row.commonLength + row.labelsEnd - row.labelsStart) + 32
}

/** Bytes that change rarely from line to line, and a view of them. */
class Viewed {
  bytes: Uint8Array = nothing
  view: DataView = viewOf(nothing)

  set(bytes: Uint8Array): this {
    if (bytes === this.bytes) return this
    this.bytes = bytes
    this.view = viewOf(bytes)
    return this
  }
}

/** The lines of one page, one after the other. */
export class LineWriter {
  readonly #target = new Viewed()
  readonly #block = new Viewed()
  readonly #shared = new Viewed()
  readonly #attribute: AttributeView = { keyStart: 0, keyEnd: 0, valueStart: 0, valueEnd: 0 }
  readonly #sorted = new SortedLabels()
  // The last line: where it is, where its name and identity end, and of which family and object they are.
  #start = 0
  #identityEnd = 0
  #end = 0
  #family: FamilyText | undefined
  #identityAt = 0

  /** Writes one sample with its newline and returns the offset after it. The target must have `lineBound` bytes left. */
  write(row: RowCursor, family: FamilyText, target: Uint8Array, offset: number): number {
    const first = offset + family.name.byteLength
    let at = row.isSorted
      ? this.#writeSorted(row, family, target, offset)
      : this.#writePlain(row, family, target, offset)
    if (at > first) {
      // Each label was written with a preceding comma.
      target[first] = openBrace
      target[at++] = closeBrace
    }
    target[at++] = space
    at = writeGoFloat(row.value, target, at)
    target[at++] = newline
    this.#end = at
    return at
  }

  /** The bytes of the last line may change from now on. */
  leave(): void {
    this.#family = undefined
  }

  #writePlain(row: RowCursor, family: FamilyText, target: Uint8Array, offset: number): number {
    // Rows of one family and object have name and identity in common, which are copied from the line before.
    const follows =
      offset === this.#end &&
      target === this.#target.bytes &&
      row.bytes === this.#block.bytes &&
      row.identityStart === this.#identityAt &&
      family === this.#family
    if (follows) target.copyWithin(offset, this.#start, this.#identityEnd)
    const at = follows ? offset + this.#identityEnd - this.#start : this.#writeIdentity(row, family, target, offset)
    this.#start = offset
    this.#identityEnd = at
    const labels = row.labels === row.bytes ? this.#block : this.#shared.set(row.labels)
    return this.#writeLabels(labels, row.labelsStart, row.labelsEnd, at)
  }

  #writeIdentity(row: RowCursor, family: FamilyText, target: Uint8Array, offset: number): number {
    this.#target.set(target)
    this.#family = family
    this.#identityAt = row.identityStart
    const at = copyWords(family.name, 0, family.name.byteLength, this.#target.view, offset)
    return this.#writeLabels(this.#block.set(row.bytes), row.identityStart, row.identityEnd, at)
  }

  #writeSorted(row: RowCursor, { name }: FamilyText, target: Uint8Array, offset: number): number {
    this.#family = undefined
    let at = copyWords(name, 0, name.byteLength, this.#target.set(target).view, offset)
    this.#sorted.open(row)
    for (let label = this.#sorted.next(); label !== undefined; label = this.#sorted.next()) {
      at = this.#writeLabel(this.#shared.set(label.bytes), label.view, at)
    }
    return at
  }

  #writeLabels(from: Viewed, start: number, end: number, offset: number): number {
    let at = offset
    for (let next = start; next < end; ) {
      next = viewAttribute(from.bytes, next, this.#attribute)
      at = this.#writeLabel(from, this.#attribute, at)
    }
    return at
  }

  /** Writes a comma and the label. */
  #writeLabel(from: Viewed, label: AttributeView, offset: number): number {
    const target = this.#target.bytes
    let at = offset
    target[at++] = comma
    at = copyWords(from.view, label.keyStart, label.keyEnd, this.#target.view, at)
    target[at++] = equals
    target[at++] = quote
    at = this.#writeValue(from, label.valueStart, label.valueEnd, at)
    target[at++] = quote
    return at
  }

  /** Copies the value, and writes it again byte by byte if anything in it must be escaped. */
  #writeValue({ bytes, view: from }: Viewed, start: number, end: number, offset: number): number {
    const { view: target } = this.#target
    const shift = offset - start
    let special = 0
    let i = start
    for (; i + 4 <= end; i += 4) {
      const word = from.getInt32(i)
      special |= hasByte(word, backslashes) | hasByte(word, quotes) | hasByte(word, newlines)
      target.setInt32(i + shift, word)
    }
    for (; i < end; i++) {
      const byte = bytes[i] as number
      if (byte === backslash || byte === quote || byte === newline) special = 1
      target.setUint8(i + shift, byte)
    }
    return special === 0 ? end + shift : writeEscaped(bytes, start, end, this.#target.bytes, offset)
  }
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
