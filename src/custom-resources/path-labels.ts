/** `labelsFromPath`: labels whose values stand in the object. */

import { compareKeys } from '../families/label-name.ts'
import { isMap } from './json-value.ts'
import { toLabelText } from './label-text.ts'
import type { Path } from './path.ts'
import { compilePath } from './path.ts'

type SetLabel = (key: string, value: string) => void

/** Compiled labels; `read` sets those that are there. */
export interface PathLabels {
  readonly isEmpty: boolean
  readonly paths: readonly Path[]
  read(value: unknown, set: SetLabel): void
}

/**
 * A key that begins or ends with `*` copies an object; what stands before a star at the end becomes the prefix. Copies go
 * first, so that named labels replace theirs. Throws PathError.
 */
export function compilePathLabels(declared: ReadonlyMap<string, readonly string[]>): PathLabels {
  const entries = [...declared].map(([key, parts]) => ({ key, path: compilePath(parts) }))
  entries.sort((left, right) => compareKeys(left.key, right.key))
  const isStar = ({ key }: { key: string }) => key.startsWith('*') || key.endsWith('*')
  const copies = entries.filter(isStar).map(({ key, path }) => ({
    prefix: key.endsWith('*') ? key.slice(0, -1) : '',
    path,
  }))
  const named = entries.filter((entry) => !isStar(entry))
  return {
    isEmpty: entries.length === 0,
    paths: entries.map(({ path }) => path),
    read(value, set) {
      for (const { prefix, path } of copies) copyMap(path.get(value), prefix, set)
      for (const { key, path } of named) {
        const found = path.get(value)
        if (found != null) set(key, toLabelText(found))
      }
    },
  }
}

function copyMap(value: unknown, prefix: string, set: SetLabel): void {
  if (!isMap(value)) return
  for (const key of Object.keys(value).sort(compareKeys)) set(prefix + key, toLabelText(value[key]))
}
