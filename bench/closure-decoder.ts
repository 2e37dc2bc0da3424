/** A JSON decoder made of closures instead of generated code, for comparison in bench/decode.ts. */

import * as read from '../src/kubernetes/decode/json-values.ts'
import { absentValue } from '../src/kubernetes/decode/object-form.ts'
import type { Field, Schema } from '../src/schemas/schema.ts'

const scalars = {
  string: read.readString,
  int: read.readInt,
  exactInt: read.readExactInt,
  bool: read.readBool,
  time: read.readTime,
  microTime: read.readMicroTime,
  quantity: read.readQuantity,
  intOrString: read.readIntOrString,
  byteLength: read.readByteLength,
}

/** A decoder with the same results as compileJsonDecoder, except for the paths in errors. */
export function createClosureDecoder(schema: Schema): read.ReadValue {
  const fields = Object.entries(schema.fields).map(([name, field]) => ({
    name,
    read: fieldReader(field),
    absent: absentValue(field),
  }))
  return (value) => {
    const object: Record<string, unknown> = {}
    for (const field of fields) {
      const fieldValue = (value as Record<string, unknown>)[field.name]
      object[field.name] = fieldValue == null ? field.absent : field.read(fieldValue, field.name)
    }
    return object
  }
}

function fieldReader(field: Field): read.ReadValue {
  const single: read.ReadValue =
    field.type === 'message' ? createClosureDecoder(field.schema as Schema) : scalars[field.type]
  if (field.cardinality === 'list') return read.listReader(single)
  return field.cardinality === 'map' ? read.mapReader(single) : single
}
