/** What one layer of the configuration names: values as they are written, and what is wrong apart from them. */
import type { Notice, Problem, Source } from '../problem.ts'
import type { Key } from '../schema.ts'

/** A value of a key: text that the format has yet to read, or what a file's list or map was read to. */
export interface Assignment {
  readonly key: Key
  readonly raw: unknown
  readonly source: Source
}

/** The values that one place names, in their order. */
export interface Layer {
  readonly assignments: Assignment[]
  readonly problems: Problem[]
  readonly notices: Notice[]
}

/** A layer that names nothing yet. */
export function createLayer(): Layer {
  return { assignments: [], problems: [], notices: [] }
}
