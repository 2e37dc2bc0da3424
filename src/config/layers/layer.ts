/** Owns what one layer of configuration yields, and how a raw value of it becomes a typed one or a problem. */
import type { Reading } from '../formats/format.ts'
import type { Notice, Problem, Source } from '../problem.ts'
import { show } from '../problem.ts'
import type { Key } from '../schema.ts'
import { settingOf } from '../schema.ts'

/** The values that one place names, already read, and what was wrong there. */
export interface Layer {
  readonly values: Map<Key, { readonly value: unknown; readonly source: Source }>
  readonly problems: Problem[]
  readonly notices: Notice[]
}

/** A layer that names nothing yet. */
export function createLayer(): Layer {
  return { values: new Map(), problems: [], notices: [] }
}

/** Reads one raw value into the layer; empty text takes away a value that need not be there. */
export function put(
  layer: Layer,
  key: Key,
  raw: unknown,
  source: Source,
  read: (raw: never) => Reading<unknown>,
): void {
  const setting = settingOf(key)
  if (raw === '' && setting.default === undefined) {
    layer.values.set(key, { value: undefined, source })
    return
  }
  const reading = read(raw as never)
  if ('value' in reading) {
    layer.values.set(key, { value: reading.value, source })
  } else {
    const value = setting.secret ? '(hidden)' : show(raw)
    layer.problems.push({ key, value, source, message: `expected ${reading.expected}` })
  }
}
