/** The labels of a row of a sorted block in one order: those of all its parts, merged by name. */

import type { RowCursor } from './block.ts'
import type { AttributeView } from './label-bytes.ts'
import { latin1, viewAttribute } from './label-bytes.ts'

/** One attribute in canonical form: `bytes[at, after)`, and the positions of its key and value. */
export interface SortedLabel {
  readonly bytes: Uint8Array
  readonly at: number
  readonly after: number
  readonly view: AttributeView
}

/** Greater than all. */
const noPrefix = 2 ** 32

/** Labels that are sorted by name, at one of them; `at` is `end` after the last. */
class Part implements SortedLabel {
  bytes: Uint8Array = new Uint8Array(0)
  at = 0
  after = 0
  end = 0
  /** The first four bytes of the name, which mostly decide; after a short name follows a tag below all letters. */
  prefix = 0
  readonly view: AttributeView = { keyStart: 0, keyEnd: 0, valueStart: 0, valueEnd: 0 }

  open(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes
    this.after = start
    this.end = end
    this.advance()
  }

  advance(): void {
    this.at = this.after
    if (this.at === this.end) {
      this.prefix = noPrefix
      return
    }
    const { bytes, view } = this
    this.after = viewAttribute(bytes, this.at, view)
    const key = view.keyStart
    const high = ((bytes[key] as number) << 8) | (bytes[key + 1] as number)
    this.prefix = high * 0x10000 + (((bytes[key + 2] as number) << 8) | (bytes[key + 3] as number))
  }
}

/** Goes through the labels of a row by name. */
export class SortedLabels {
  readonly #constants = new Part()
  readonly #identity = new Part()
  readonly #own = new Part()
  /** The part whose label was returned last. */
  #last: Part | undefined

  /** Goes before the first label of the row that the cursor is at. */
  open(row: RowCursor): void {
    this.#constants.open(row.constants, row.constantsStart, row.constantsEnd)
    this.#identity.open(row.bytes, row.identityStart, row.identityEnd)
    this.#own.open(row.labels, row.labelsStart, row.labelsEnd)
    this.#last = undefined
  }

  /** The next label, which is valid until the next call; undefined at the end. */
  next(): SortedLabel | undefined {
    this.#last?.advance()
    const least = lesser(lesser(this.#constants, this.#identity), this.#own)
    this.#last = least.at < least.end ? least : undefined
    return this.#last
  }
}

/** The part whose label has the lesser name. Parts at their end are greater than all others. */
function lesser(left: Part, right: Part): Part {
  if (left.prefix !== right.prefix) return left.prefix < right.prefix ? left : right
  if (left.prefix === noPrefix) return left
  const { keyStart, keyEnd } = left.view
  const shift = right.view.keyStart - keyStart
  const end = Math.min(keyEnd, right.view.keyEnd - shift)
  for (let i = keyStart; i < end; i++) {
    const difference = (left.bytes[i] as number) - (right.bytes[i + shift] as number)
    if (difference !== 0) return difference < 0 ? left : right
  }
  return end === keyEnd ? left : right
}

const joined = new SortedLabels()

/** All labels of a row of a sorted block, by name, as a string of their canonical bytes. */
export function joinSorted(row: RowCursor): string {
  joined.open(row)
  let text = ''
  for (let label = joined.next(); label !== undefined; label = joined.next()) {
    text += latin1(label.bytes, label.at, label.after)
  }
  return text
}
