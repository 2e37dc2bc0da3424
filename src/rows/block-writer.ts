/**
 * Creates the row block of an object: runs the families of a layout and writes their observations. If a callback throws,
 * only the rows of its family for this object are missing.
 */

import type { KubernetesObject } from '../families/family.ts'
import { headerLength, writeU32 } from './block.ts'
import { maxKeptBytes } from './block-limits.ts'
import type { FamilyRun } from './family-runs.ts'
import { FamilyRuns } from './family-runs.ts'
import { attributeBound, writeAttribute } from './label-bytes.ts'
import { LabelDictionary } from './label-dictionary.ts'
import type { FamilyLayout, ResourceLayout } from './layout.ts'
import { RowBuffer } from './row-buffer.ts'
import { sortedFlag } from './row-format.ts'
import { SortedIdentity } from './sorted-identity.ts'

const initialBytes = 4096

/** A finished block. The bytes belong to the writer and are valid until its next `write`. */
export interface WrittenBlock {
  readonly bytes: Uint8Array
  readonly length: number
  readonly rows: number
  /** Rows of a series that occurs earlier in the block; text has them, OTLP does not. */
  readonly duplicates: number
}

export interface BlockWriter {
  write(object: KubernetesObject): WrittenBlock
}

/** Called when a callback has thrown. */
export type FamilyErrorListener = (family: FamilyLayout, object: KubernetesObject, error: unknown) => void

export function createBlockWriter(layout: ResourceLayout, onFamilyError: FamilyErrorListener): BlockWriter {
  const dictionary = new LabelDictionary()
  const rows = new RowBuffer()
  const factory = new FamilyRuns(dictionary, rows)
  const runs = layout.families.map((family) => factory.create(family, layout.common !== undefined))
  const sorted = layout.common && new SortedIdentity(layout.common)
  let output = Buffer.alloc(initialBytes)

  const observeAll = (object: KubernetesObject) => {
    for (let i = 0; i < runs.length; i++) {
      const { layout, self, callback, observe } = runs[i] as FamilyRun
      rows.mark()
      dictionary.mark()
      factory.mark()
      try {
        callback.call(self, object, observe)
      } catch (error) {
        rows.rollBack()
        dictionary.rollBack()
        factory.rollBack()
        onFamilyError(layout, object, error)
      }
    }
  }
  const writeIdentity = (object: KubernetesObject): number => {
    if (sorted !== undefined) return copySorted(sorted)
    let at = headerLength
    for (const { key, read } of layout.identity) {
      const value = read(object)
      const needed = at + attributeBound(key, value)
      if (needed > output.length) output = enlarged(output, 2 * needed)
      at = writeAttribute(key, value, output, at)
    }
    return at
  }
  const copySorted = ({ bytes, length }: SortedIdentity): number => {
    const end = headerLength + length
    if (end > output.length) output = enlarged(output, 2 * end)
    bytes.copy(output, headerLength, 0, length)
    return end
  }

  return {
    write(object) {
      dictionary.reset()
      rows.reset()
      factory.reset(sorted?.write(object), sorted?.commonLength)
      if (output.length > maxKeptBytes) output = Buffer.alloc(initialBytes)
      observeAll(object)
      const identityEnd = writeIdentity(object)
      const length = identityEnd + dictionary.length + rows.length
      if (length > output.length) output = enlarged(output, 2 * length)
      writeU32(sorted === undefined ? identityEnd - headerLength : (identityEnd - headerLength) | sortedFlag, output, 0)
      writeU32(dictionary.length, output, 4)
      writeU32(rows.length, output, 8)
      writeU32(startOf(object), output, 12)
      writeU32(0, output, 16)
      dictionary.bytes.copy(output, identityEnd, 0, dictionary.length)
      rows.bytes.copy(output, identityEnd + dictionary.length, 0, rows.length)
      return { bytes: output, length, rows: rows.count, duplicates: rows.duplicates }
    },
  }
}

/** The start time of counters is the creation of the object; unknown if it is outside the u32 range. */
function startOf({ metadata }: KubernetesObject): number {
  const start = metadata.creationTimestamp ?? 0
  return start >>> 0 === start ? start : 0
}

function enlarged(bytes: Buffer, length: number): Buffer<ArrayBuffer> {
  const larger = Buffer.alloc(length)
  bytes.copy(larger)
  return larger
}
