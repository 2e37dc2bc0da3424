/** Describes why a path finds nothing in an object. */

import { describeType, isList, isMap } from './json-value.ts'
import { compilePath, describePath } from './path.ts'

const mostKeys = 12

/** Names the first part that is not there, and what stands in its place. */
export function explainMissing(object: unknown, parts: readonly string[]): string {
  for (let length = 1; length <= parts.length; length++) {
    if (compilePath(parts.slice(0, length)).get(object) != null) continue
    const parent = compilePath(parts.slice(0, length - 1)).get(object)
    const where = length === 1 ? 'the object' : describePath(parts.slice(0, length - 1))
    return `no ${JSON.stringify(parts[length - 1])} in ${where}, which ${describeContent(parent)}`
  }
  return 'the value is null'
}

function describeContent(value: unknown): string {
  if (isList(value)) return `is a list of ${value.length}`
  if (!isMap(value)) return `is ${describeType(value)}`
  const keys = Object.keys(value)
  if (keys.length === 0) return 'is empty'
  const more = keys.length > mostKeys ? ` and ${keys.length - mostKeys} more` : ''
  return `has ${keys.slice(0, mostKeys).join(', ')}${more}`
}
