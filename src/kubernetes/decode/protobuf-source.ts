/**
 * The source text of a protobuf decoder: one function per message of the schema, with the fields in local variables, a loop
 * over the tags, and a case per field. test/kubernetes/decode/protobuf-source.test.ts shows the text for a small schema.
 *
 * The functions read from `b` at `p` up to an end; `p` moves on. Tags and lengths of one byte, nearly all of them, are read in
 * place; longer ones by the functions of protobuf-values.ts, which leave the position in `cursor`.
 */

import type { Field, FieldType, Schema } from '../../schemas/schema.ts'
import { absentValue, emptyList, emptyMap, reachableSchemas, schemaOf } from './object-form.ts'

/** A function body that returns the decoder of the schema, and the values that it refers to as `constants[i]`. */
export interface DecoderSource {
  readonly text: string
  readonly constants: readonly unknown[]
}

export function protobufDecoderSource(schema: Schema): DecoderSource {
  const schemas = reachableSchemas(schema)
  const scope: Scope = { nameOf: (message) => `message${schemas.indexOf(message)}`, functions: [], constants: [] }
  for (const message of schemas) scope.functions.push(messageFunction(message, scope))
  const text = `'use strict'\n${scope.functions.join('\n\n')}\n\nreturn message0`
  return { text: indented(text), constants: scope.constants }
}

/** What the functions of one decoder share. */
interface Scope {
  readonly nameOf: (message: Schema) => string
  readonly functions: string[]
  readonly constants: unknown[]
}

/** A field and the local variable that collects its value. */
interface Slot {
  readonly variable: string
  readonly field: Field
}

/** Object literals with every field in schema order give the objects the hidden class that decoded JSON has. */
function messageFunction(message: Schema, scope: Scope): string {
  const slots = Object.values(message.fields).map((field, at) => ({ variable: `f${at}`, field }))
  const properties = Object.keys(message.fields).map((name, at) => `${JSON.stringify(name)}: f${at}`)
  return `function ${scope.nameOf(message)}(b, p, end) {
${slots.map((slot) => `let ${slot.variable} = ${absent(slot.field, scope)}`).join('\n')}
${fieldLoop(slots, scope)}
return { ${properties.join(', ')} }
}`
}

/** The value of a field that the wire does not have. */
function absent(field: Field, scope: Scope): string {
  const value = absentValue(field)
  if (value === undefined) return 'undefined'
  if (value === emptyList) return 'emptyList'
  if (value === emptyMap) return 'emptyMap'
  if (typeof value === 'bigint') return `${value}n`
  return typeof value === 'object' ? constant(value, scope) : JSON.stringify(value)
}

function constant(value: unknown, scope: Scope): string {
  return `constants[${scope.constants.push(value) - 1}]`
}

/** The loop over the fields of a message, with a loop inside for each struct that Go embeds as a message of its own. */
function fieldLoop(slots: readonly Slot[], scope: Scope): string {
  const own = slots.filter(({ field }) => field.within === undefined)
  const embedded = [...Map.groupBy(slots, ({ field }) => field.within)].filter(([number]) => number !== undefined)
  const cases = own.map((slot) => fieldCase(slot, 'end', scope))
  const numbers = own.map(({ field }) => field.number)
  for (const [number = 0, group] of embedded) {
    const innerCases = group.map((slot) => fieldCase(slot, 'inner', scope))
    const innerNumbers = group.map(({ field }) => field.number)
    cases.push(lengthCase(number, 'end', `const inner = stop\n${tagLoop(innerCases, innerNumbers, 'inner', scope)}`))
    numbers.push(number)
  }
  return tagLoop(cases, numbers, 'end', scope)
}

/** Reads tags up to `end`; a field that the schema does not have is skipped. */
function tagLoop(cases: readonly string[], numbers: readonly number[], end: string, scope: Scope): string {
  const known = new Uint8Array(Math.max(0, ...numbers) + 1)
  for (const number of numbers) {
    if (known[number] === 1) throw new TypeError(`a schema with two fields of number ${number}`)
    known[number] = 1
  }
  return `while (p < ${end}) {
let tag = b[p++]
if (tag > 127) { tag = readUnsigned(b, p - 1, ${end}); p = cursor.position }
switch (tag) {
${cases.join('\n')}
default: p = skipField(b, p, ${end}, tag, ${constant(known, scope)})
}
}`
}

/** The case of one field: its tag, and what is done with its value. */
function fieldCase(slot: Slot, end: string, scope: Scope): string {
  const { variable, field } = slot
  if (field.cardinality === 'map') return mapCase(slot, end, scope)
  const store = (value: string) =>
    field.cardinality === 'list'
      ? `if (${variable} === emptyList) ${variable} = []\n${variable}.push(${value})`
      : `${variable} = ${value}`
  const varint = varintReaders[field.type]
  if (varint) return varintCase(field, end, varint, store)
  const value = field.type === 'message' ? `${scope.nameOf(schemaOf(field))}(b, p, stop)` : lengthReaders[field.type]
  return lengthCase(field.number, end, `${store(value ?? '')}\np = stop`)
}

const lengthReaders: Partial<Record<FieldType, string>> = {
  string: 'readText(b, p, stop)',
  quantity: 'readQuantity(b, p, stop)',
  intOrString: 'readIntOrString(b, p, stop)',
  time: 'readSeconds(b, p, stop)',
  microTime: 'readSeconds(b, p, stop)',
  byteLength: 'stop - p',
}

/** A length-delimited field; in the body its content stands from `p` to `stop`. */
function lengthCase(number: number, end: string, body: string): string {
  return `case ${number * 8 + lengthDelimited}: {
let stop = b[p++]
if (stop > 127) { stop = readUnsigned(b, p - 1, ${end}); p = cursor.position }
stop += p
if (!(stop <= ${end})) throw truncated(p)
${body}
break
}`
}

interface VarintReader {
  /** Of a value of one byte, which is in `byte`. */
  readonly short: string
  /** The function that reads a longer one. */
  readonly long: string
}

const varintReaders: Partial<Record<FieldType, VarintReader>> = {
  int: { short: 'byte', long: 'readSigned' },
  exactInt: { short: 'BigInt(byte)', long: 'readSignedExact' },
  bool: { short: 'byte !== 0', long: '0 !== readSigned' },
}

/** Numbers in lists come one by one, or packed into one length-delimited field. */
function varintCase(field: Field, end: string, reader: VarintReader, store: (value: string) => string): string {
  const readTo = (limit: string) => `if (p >= ${limit}) throw truncated(p)
const byte = b[p++]
if (byte > 127) {
${store(`${reader.long}(b, p - 1, ${limit})`)}
p = cursor.position
} else {
${store(reader.short)}
}`
  const single = `case ${field.number * 8}: {\n${readTo(end)}\nbreak\n}`
  if (field.cardinality !== 'list') return single
  return `${single}\n${lengthCase(field.number, end, `while (p < stop) {\n${readTo('stop')}\n}`)}`
}

/** A map is a list of entries: messages with the key in field 1 and the value in field 2, read by a function of their own. */
function mapCase({ variable, field }: Slot, end: string, scope: Scope): string {
  const element: Field = { ...field, number: 2, cardinality: 'plain' }
  const slots = [
    { variable: 'key', field: entryKey },
    { variable: 'value', field: element },
  ]
  const name = `entry${scope.functions.length}`
  scope.functions.push('')
  const at = scope.functions.length - 1
  const cases = slots.map((slot) => fieldCase(slot, 'end', scope))
  scope.functions[at] = `function ${name}(b, p, end, map) {
let key = ''
let value = ${absent(element, scope)}
${tagLoop(cases, [1, 2], 'end', scope)}
map.set(key, value)
}`
  return lengthCase(
    field.number,
    end,
    `if (${variable} === emptyMap) ${variable} = new Map()\n${name}(b, p, stop, ${variable})\np = stop`,
  )
}

const entryKey: Field = { number: 1, type: 'string', cardinality: 'plain' }
const lengthDelimited = 2

/** By braces, for those who read it. */
function indented(text: string): string {
  let depth = 0
  return text
    .split('\n')
    .map((line) => {
      const opened = line.split('{').length - 1
      const closed = line.split('}').length - 1
      if (line.startsWith('}')) depth--
      const at = depth
      depth += opened - closed + (line.startsWith('}') ? 1 : 0)
      return line === '' ? line : '  '.repeat(at) + line
    })
    .join('\n')
}
