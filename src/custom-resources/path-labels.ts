/** `labelsFromPath`: labels whose values stand in the object. */

import { compareKeys } from '../families/label-name.ts'
import type { LabelDeclaration, LabelPaths } from './configuration.ts'
import type { Levels } from './each-path.ts'
import { isMap } from './json-value.ts'
import { toLabelText } from './label-text.ts'
import { compileLabelValue } from './label-value.ts'
import type { Path } from './path.ts'
import { compilePath, PathError } from './path.ts'

type SetLabel = (key: string, value: string) => void

/** Compiled labels; `read` sets those that are there. */
export interface PathLabels {
  readonly isEmpty: boolean
  /** From the value on that is given to `read`. */
  readonly paths: readonly Path[]
  read(value: unknown, set: SetLabel, levels?: Levels): void
}

/**
 * A key that begins or ends with `*` copies an object; what stands before a star at the end becomes the prefix. Copies go
 * first, so that named labels replace theirs. `levelNames` are those that paths may start from. Throws PathError.
 */
export function compilePathLabels(declared: LabelPaths, levelNames: readonly string[] = []): PathLabels {
  const entries = [...declared].map(([key, label]) => ({ key, label, source: compileSource(label.path, levelNames) }))
  entries.sort((left, right) => compareKeys(left.key, right.key))
  const isStar = ({ key }: { key: string }) => key.startsWith('*') || key.endsWith('*')
  const copies = entries.filter(isStar).map(({ key, label, source }) => ({
    prefix: key.endsWith('*') ? key.slice(0, -1) : '',
    source,
    toText: compileCopiedValue(label),
  }))
  const named = entries
    .filter((entry) => !isStar(entry))
    .map(({ key, label, source }) => ({
      key,
      source,
      toText: compileLabelValue(label),
    }))
  return {
    isEmpty: entries.length === 0,
    paths: entries.map(({ source }) => source.path),
    read(value, set, levels) {
      for (const { prefix, source, toText } of copies) copyMap(source.get(value, levels), prefix, toText, set)
      for (const { key, source, toText } of named) {
        const text = toText(source.get(value, levels))
        if (text !== undefined) set(key, text)
      }
    },
  }
}

/** Where a label's value is looked for: in the value at hand, in the element of a level, or in that element's key. */
interface LabelSource {
  readonly path: Path
  get(value: unknown, levels: Levels | undefined): unknown
}

function compileSource(parts: readonly string[], levelNames: readonly string[]): LabelSource {
  const [first = '', ...rest] = parts
  const level = /^[@#]/.test(first) ? levelNames.indexOf(first.slice(1)) : -1
  if (level < 0) {
    const path = compilePath(parts)
    return { path, get: (value) => path.get(value) }
  }
  const path = compilePath(rest)
  if (first.startsWith('@')) return { path, get: (_value, levels) => path.get(levels?.elements[level]) }
  if (rest.length > 0) throw new PathError(`expected nothing behind "${first}", which is a key, got "${rest[0]}"`)
  return { path, get: (_value, levels) => levels?.keys[level] }
}

/** The values of a copied object: without changes null is printed too, as Go does. */
function compileCopiedValue(label: LabelDeclaration): (value: unknown) => string | undefined {
  return Object.keys(label).length === 1 ? toLabelText : compileLabelValue(label)
}

function copyMap(value: unknown, prefix: string, toText: (value: unknown) => string | undefined, set: SetLabel): void {
  if (!isMap(value)) return
  for (const key of Object.keys(value).sort(compareKeys)) {
    const text = toText(value[key])
    if (text !== undefined) set(prefix + key, text)
  }
}
