/** The zero values of the object form, shared by both decoders. */

import type { Field, Schema } from '../../schemas/schema.ts'

/** The list of every field without elements. */
export const emptyList: readonly never[] = Object.freeze([])

/** The map of every field without entries. */
export const emptyMap: ReadonlyMap<string, never> = new Map<string, never>()

const zeroMessages = new WeakMap<Schema, object>()

/** What a single value of the field's type is when the wire has none. A message's zero object is shared. */
export function zeroValue(field: Field): unknown {
  switch (field.type) {
    case 'string':
      return ''
    case 'quantity':
      return '0'
    case 'int':
    case 'byteLength':
    case 'intOrString':
      return 0
    case 'exactInt':
      return 0n
    case 'bool':
      return false
    case 'message':
      return zeroMessage(schemaOf(field))
    case 'time':
    case 'microTime':
      return undefined
  }
}

/** What the field of an object is when the wire has none, by its cardinality. */
export function absentValue(field: Field): unknown {
  if (field.cardinality === 'pointer') return undefined
  if (field.cardinality === 'list') return emptyList
  if (field.cardinality === 'map') return emptyMap
  return zeroValue(field)
}

/** The object of a message that the wire leaves out; one per schema. Not frozen, to keep the shape of decoded ones. */
export function zeroMessage(schema: Schema): object {
  const known = zeroMessages.get(schema)
  if (known) return known
  const zero = Object.fromEntries(Object.entries(schema.fields).map(([name, field]) => [name, absentValue(field)]))
  zeroMessages.set(schema, zero)
  return zero
}

/** The schema of a message field. */
export function schemaOf(field: Field): Schema {
  if (!field.schema) throw new TypeError(`field ${field.number} is a message without a schema`)
  return field.schema
}

/** Every message reachable from the schema, itself first, each once. */
export function reachableSchemas(root: Schema): readonly Schema[] {
  const found = new Set([root])
  for (const schema of found) {
    for (const field of Object.values(schema.fields)) if (field.schema) found.add(field.schema)
  }
  return [...found]
}
