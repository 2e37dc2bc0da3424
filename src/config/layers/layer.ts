/** One layer of configuration, and how a raw value becomes a typed value or a problem. */
import type { Reading } from '../formats/format.ts'
import type { Notice, Problem, Source } from '../problem.ts'
import { show } from '../problem.ts'
import type { Key } from '../schema.ts'
import { settingOf } from '../schema.ts'

/** The parsed values of one source, and its problems. */
export interface Layer {
  readonly values: Map<Key, { readonly value: unknown; readonly source: Source }>
  readonly problems: Problem[]
  readonly notices: Notice[]
}

/** An empty layer. */
export function createLayer(): Layer {
  return { values: new Map(), problems: [], notices: [] }
}

/** Parses one raw value into the layer. An empty text removes an optional value. */
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
