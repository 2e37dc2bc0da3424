/**
 * The path of a metric, which may visit all elements of lists and all entries of objects: `[*]`, or `[*:listener]` for a
 * level with a name. Labels start from a named level with `@listener`; `#listener` is the key or index of the element there.
 */

import { isList, isMap } from './json-value.ts'
import type { Path } from './path.ts'
import { compilePath } from './path.ts'

/** The elements that are visited at present, by level, and their keys. */
export interface Levels {
  readonly elements: readonly unknown[]
  readonly keys: readonly (string | number)[]
}

export interface EachPath {
  readonly parts: readonly string[]
  /** The path up to the first level. */
  readonly root: Path
  /** The names of levels, from the outermost on; empty for those without. */
  readonly levelNames: readonly string[]
  /** The path ends with a level: what it finds are elements, to be taken as they are. */
  readonly findsElements: boolean
  /** Visits what the path finds; false when the part before the first level is not there. */
  visit(object: unknown, visitor: (value: unknown, levels: Levels) => void): boolean
}

const levelPart = /^\[\*(?::([A-Za-z_]\w*))?\]$/

/** The names of the levels in a path, from the outermost on; empty for those without. */
export function levelNamesOf(parts: readonly string[]): string[] {
  return parts.flatMap((part) => {
    const level = levelPart.exec(part)
    return level === null ? [] : [level[1] ?? '']
  })
}

/** Compiles the path. Throws PathError. */
export function compileEachPath(parts: readonly string[]): EachPath {
  const sections: string[][] = []
  let section: string[] = []
  for (const part of parts) {
    if (!levelPart.test(part)) section.push(part)
    else {
      sections.push(section)
      section = []
    }
  }
  const last = compilePath(section)
  const levels = sections.map(compilePath)
  const elements: unknown[] = []
  const keys: (string | number)[] = []
  const current: Levels = { elements, keys }

  const descend = (value: unknown, depth: number, visitor: (value: unknown, levels: Levels) => void): void => {
    const level = levels[depth]
    if (level === undefined) {
      visitor(last.get(value), current)
      return
    }
    const found = level.get(value)
    for (const [key, element] of entriesOf(found)) {
      elements[depth] = element
      keys[depth] = key
      descend(element, depth + 1, visitor)
    }
  }
  const root = levels[0] ?? last
  return {
    parts,
    root,
    levelNames: levelNamesOf(parts),
    findsElements: sections.length > 0 && section.length === 0,
    visit(object, visitor) {
      const first = root.get(object)
      if (first == null) return false
      if (levels.length === 0) {
        visitor(first, current)
        return true
      }
      descend(object, 0, visitor)
      return true
    },
  }
}

function entriesOf(value: unknown): Iterable<readonly [string | number, unknown]> {
  if (isList(value)) return value.entries()
  return isMap(value) ? Object.entries(value) : []
}
