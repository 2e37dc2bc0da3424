/** Counts, for each label, the series that have it, its distinct values, and its bytes on a page. */

import type { RowCursor } from '../rows/block.ts'
import { hashBytes } from '../rows/byte-hash.ts'
import type { AttributeView } from '../rows/label-bytes.ts'
import { viewAttribute } from '../rows/label-bytes.ts'
import { DistinctValues } from './distinct-values.ts'

/** The cost of one label over all families. */
export interface LabelCost {
  readonly label: string
  /** Distinct values; of hundreds of thousands a few may be missing, since they are counted by a hash. */
  readonly values: number
  readonly series: number
  /** Names, values and punctuation on a page, without escapes. */
  readonly bytes: number
}

interface Tally {
  readonly name: Buffer
  readonly values: DistinctValues
  series: number
  bytes: number
}

/** `=`, two quotes, and a comma or a brace. */
const punctuation = 4

export class LabelTally {
  readonly #byHash = new Map<number, Tally>()
  readonly #view: AttributeView = { keyStart: 0, keyEnd: 0, valueStart: 0, valueEnd: 0 }
  #bytes: Uint8Array = new Uint8Array(0)
  #data = new DataView(this.#bytes.buffer)

  /** Counts the labels of a row. */
  add(row: RowCursor): void {
    this.#addPart(row.bytes, row.identityStart, row.identityEnd)
    this.#addPart(row.labels, row.labelsStart, row.labelsEnd)
    if (row.isSorted) this.#addPart(row.constants, row.constantsStart, row.constantsEnd)
  }

  costs(): LabelCost[] {
    return [...this.#byHash.values()].map(({ name, values, series, bytes }) => {
      return { label: name.toString(), values: values.count, series, bytes }
    })
  }

  #addPart(bytes: Uint8Array, start: number, end: number): void {
    if (start === end) return
    if (bytes !== this.#bytes) {
      this.#bytes = bytes
      this.#data = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    }
    const view = this.#view
    for (let at = start; at < end; ) {
      at = viewAttribute(bytes, at, view)
      const tally = this.#tallyOf(bytes)
      tally.values.add(hashBytes(this.#data, view.valueStart, view.valueEnd, 0))
      tally.series++
      tally.bytes += view.keyEnd - view.keyStart + view.valueEnd - view.valueStart + punctuation
    }
  }

  /** The tally of the label in view; names with the same hash stand one after the other. */
  #tallyOf(bytes: Uint8Array): Tally {
    const { keyStart, keyEnd } = this.#view
    for (let hash = hashBytes(this.#data, keyStart, keyEnd, 0); ; hash++) {
      const known = this.#byHash.get(hash)
      if (known === undefined) {
        const name = Buffer.from(bytes.subarray(keyStart, keyEnd))
        const tally: Tally = { name, values: new DistinctValues(), series: 0, bytes: 0 }
        this.#byHash.set(hash, tally)
        return tally
      }
      if (isName(known.name, bytes, keyStart, keyEnd)) return known
    }
  }
}

function isName(name: Buffer, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false
  for (let i = 0; i < name.length; i++) if (name[i] !== bytes[start + i]) return false
  return true
}
