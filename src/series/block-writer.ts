/**
 * Owns the step from an object to its row block: runs the callbacks of a layout's families and writes what they
 * observe. A callback that throws loses its family's rows of this object, nothing else.
 */

import type { CopyFamily, FixedFamily, FreeFamily, KubernetesObject, StateSetFamily } from '../families/family.ts'
import { headerLength, writeU32 } from './block.ts'
import type { PreparedKey } from './label-bytes.ts'
import { attributeBound, prepareKey, writeAttribute } from './label-bytes.ts'
import { createLabelDictionary } from './label-dictionary.ts'
import { compareKeys, toLabelNames } from './label-names.ts'
import type { FamilyLayout, PreparedState, ResourceLayout } from './layout.ts'
import { createRowBuffer } from './row-buffer.ts'

/** A finished block. The bytes belong to the writer and are good until its next `write`. */
export interface WrittenBlock {
  readonly bytes: Uint8Array
  readonly length: number
  readonly rows: number
  /** Rows whose series stands earlier in the block; text prints them, OTLP does not. */
  readonly duplicates: number
}

export interface BlockWriter {
  write(object: KubernetesObject): WrittenBlock
}

/** Told of a callback that threw. */
export type FamilyErrorListener = (family: FamilyLayout, object: KubernetesObject, error: unknown) => void

interface FamilyRun {
  readonly layout: FamilyLayout
  run(object: KubernetesObject): void
}

const maxPreparedKeys = 10_000

export function createBlockWriter(layout: ResourceLayout, onFamilyError: FamilyErrorListener): BlockWriter {
  const dictionary = createLabelDictionary()
  const rows = createRowBuffer()
  let output = new Uint8Array(4096)
  let plainFamily = -1

  const addLabelled = (family: number, value: number, length: number) => {
    if (length === 0) {
      rows.addPlain(family, value, plainFamily === family)
      plainFamily = family
      return
    }
    const entry = dictionary.add(length)
    rows.addOwn(family, value, dictionary.offset(entry), dictionary.use(entry, family))
  }
  const runs = layout.families.map((family) => createRun(family))

  function createRun(family: FamilyLayout): FamilyRun {
    switch (family.family.kind) {
      case 'fixed':
        return fixedRun(family, family.family)
      case 'stateSet':
        return stateSetRun(family, family.family)
      case 'copy':
        return copyRun(family, family.family)
      default:
        return freeRun(family, family.family)
    }
  }

  function fixedRun(family: FamilyLayout, { callback }: FixedFamily<KubernetesObject>): FamilyRun {
    const { index, keys } = family
    const observe = (value: number, ...values: string[]) => {
      let bound = 0
      for (let i = 0; i < keys.length; i++) bound += attributeBound(keys[i] as PreparedKey, values[i] as string)
      const scratch = dictionary.reserve(bound)
      let at = 0
      for (let i = 0; i < keys.length; i++)
        at = writeAttribute(keys[i] as PreparedKey, values[i] as string, scratch, at)
      addLabelled(index, value, at)
    }
    return { layout: family, run: (object) => callback(object, observe) }
  }

  function stateSetRun(family: FamilyLayout, { current }: StateSetFamily<KubernetesObject>): FamilyRun {
    const { index, states } = family
    const add = (state: PreparedState, value: number) => {
      if (state.shared !== undefined) return rows.addShared(index, value, state.shared, state.repeated)
      dictionary.reserve(state.labels.length).set(state.labels)
      return addLabelled(index, value, state.labels.length)
    }
    return {
      layout: family,
      run(object) {
        const now = current(object)
        if (now !== undefined) for (const state of states) add(state, state.name === now ? 1 : 0)
      },
    }
  }

  const preparedKeys = new Map<string, PreparedKey>()
  const preparedKey = (name: string): PreparedKey => {
    let key = preparedKeys.get(name)
    if (key === undefined) {
      if (preparedKeys.size === maxPreparedKeys) preparedKeys.clear()
      key = prepareKey(name)
      preparedKeys.set(name, key)
    }
    return key
  }

  function freeRun(family: FamilyLayout, { callback }: Pick<FreeFamily<KubernetesObject>, 'callback'>): FamilyRun {
    const observe = (value: number, names: readonly string[], values: readonly string[]) => {
      const keys = names.map(preparedKey)
      let bound = 0
      for (let i = 0; i < keys.length; i++) bound += attributeBound(keys[i] as PreparedKey, values[i] as string)
      const scratch = dictionary.reserve(bound)
      let at = 0
      for (let i = 0; i < keys.length; i++)
        at = writeAttribute(keys[i] as PreparedKey, values[i] as string, scratch, at)
      addLabelled(family.index, value, at)
    }
    return { layout: family, run: (object) => callback(object, observe) }
  }

  function copyRun(family: FamilyLayout, { prefix, from }: CopyFamily<KubernetesObject>): FamilyRun {
    const { copies } = family
    return freeRun(family, {
      callback(object, observe) {
        const map = copies === undefined ? undefined : from(object)
        if (map === undefined) return
        const keys = [...map.keys()].filter(copies as (key: string) => boolean).sort(compareKeys)
        observe(
          1,
          toLabelNames(prefix, keys),
          keys.map((key) => map.get(key) as string),
        )
      },
    })
  }

  const observeAll = (object: KubernetesObject) => {
    for (const { layout: family, run } of runs) {
      const mark = rows.mark()
      try {
        run(object)
      } catch (error) {
        rows.rollBack(mark)
        onFamilyError(family, object, error)
      }
    }
  }

  const writeIdentity = (object: KubernetesObject): number => {
    let at = headerLength
    for (const { key, read } of layout.identity) {
      const value = read(object)
      const needed = at + attributeBound(key, value)
      if (needed > output.length) output = enlarged(output, 2 * needed)
      at = writeAttribute(key, value, output, at)
    }
    return at
  }

  return {
    write(object) {
      dictionary.reset()
      rows.rollBack([0, 0, 0])
      plainFamily = -1
      observeAll(object)
      const identityEnd = writeIdentity(object)
      const length = identityEnd + dictionary.length + rows.length
      if (length > output.length) output = enlarged(output, 2 * length)
      writeU32(identityEnd - headerLength, output, 0)
      writeU32(dictionary.length, output, 4)
      writeU32(rows.length, output, 8)
      writeU32(startOf(object), output, 12)
      output.set(dictionary.bytes.subarray(0, dictionary.length), identityEnd)
      output.set(rows.bytes.subarray(0, rows.length), identityEnd + dictionary.length)
      return { bytes: output, length, rows: rows.count, duplicates: rows.duplicates }
    },
  }
}

/** Counters start with the object; a time outside the u32 range counts as unknown. */
function startOf({ metadata }: KubernetesObject): number {
  const start = metadata.creationTimestamp ?? 0
  return start >>> 0 === start ? start : 0
}

function enlarged(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(length)
  larger.set(bytes)
  return larger
}
