/** Decoders from Kubernetes protobuf to the object form: a schema compiled to one function per message. */

import type { Field, FieldType, Schema } from '../../schemas/schema.ts'
import { asBuffer } from './byte-window.ts'
import { absentValue, emptyList, emptyMap, reachableSchemas, schemaOf } from './object-form.ts'
import * as read from './protobuf-values.ts'

/** Decodes the message between two offsets of the bytes; keeps no reference to them. Throws DecodeError. */
export type DecodeProtobuf<T> = (bytes: Uint8Array, start: number, end: number) => T

/**
 * A decoder of the protobuf form of a kind, without the `k8s\0` envelope (see envelope.ts). Absent and null do not exist
 * here: presence is what the bytes show. Throws DecodeError for truncated or malformed bytes.
 */
export function compileProtobufDecoder<T>(schema: Schema<T>): DecodeProtobuf<T> {
  const schemas = reachableSchemas(schema)
  const scope: Scope = { nameOf: (message) => `message${schemas.indexOf(message)}`, declarations: [], absent: [] }
  const functions = schemas.map((message, index) => messageSource(message, index, scope))
  const source = `'use strict'
const { cursor, truncated, readUnsigned, readSigned, readSignedExact, skipField } = read
const { readText, readQuantity, readIntOrString, readSeconds } = read
${scope.declarations.join('\n')}
${functions.join('\n')}
return message0`
  const decode = new Function('read', 'emptyList', 'emptyMap', 'absent', source)(
    read,
    emptyList,
    emptyMap,
    scope.absent,
  )
  return (bytes, start, end) => decode(asBuffer(bytes), start, end)
}

/** What the generated functions share: names, values and functions declared on the way. */
interface Scope {
  readonly nameOf: (message: Schema) => string
  readonly declarations: string[]
  readonly absent: unknown[]
}

/** A field and the local variable that collects its value. */
interface Slot {
  readonly variable: string
  readonly field: Field
}

/** Object literals with every field in schema order give the objects the hidden class that decoded JSON has. */
function messageSource(message: Schema, index: number, scope: Scope): string {
  const slots = Object.values(message.fields).map((field, at) => ({ variable: `f${at}`, field }))
  const properties = Object.keys(message.fields).map((name, at) => `${JSON.stringify(name)}: f${at}`)
  return `function message${index}(b, p, end) {
${slots.map((slot) => `  let ${slot.variable} = ${absentSource(absentValue(slot.field), scope)}`).join('\n')}
${groupsSource(slots, scope)}
  return { ${properties.join(', ')} }
}`
}

function absentSource(value: unknown, scope: Scope): string {
  if (value === emptyList) return 'emptyList'
  if (value === emptyMap) return 'emptyMap'
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value !== 'object') return value === undefined ? 'undefined' : JSON.stringify(value)
  return `absent[${scope.absent.push(value) - 1}]`
}

/** The loop over a message's own fields, with an inner loop for each struct that Go embeds as a message of its own. */
function groupsSource(slots: readonly Slot[], scope: Scope): string {
  const own = slots.filter((slot) => slot.field.within === undefined)
  const embedded = new Map<number, Slot[]>()
  for (const slot of slots) {
    const number = slot.field.within
    if (number !== undefined) embedded.set(number, [...(embedded.get(number) ?? []), slot])
  }
  const inner = [...embedded].map(
    ([number, group]) => `case ${number * 8 + 2}: {
${lengthSource}
const inner = stop
${loopSource(group.map(caseSource(scope)), numbersOf(group), 'inner', scope)}
break }`,
  )
  return loopSource([...own.map(caseSource(scope)), ...inner], [...numbersOf(own), ...embedded.keys()], 'end', scope)
}

const numbersOf = (slots: readonly Slot[]) => slots.map((slot) => slot.field.number)

function loopSource(cases: readonly string[], numbers: readonly number[], end: string, scope: Scope): string {
  const known = new Uint8Array(Math.max(0, ...numbers) + 1)
  for (const number of numbers) {
    if (known[number] === 1) throw new TypeError(`a schema with two fields of number ${number}`)
    known[number] = 1
  }
  return `while (p < ${end}) {
  let tag = b[p++]
  if (tag > 127) { tag = readUnsigned(b, p - 1, ${end}); p = cursor.position }
  switch (tag) {
${cases.join('\n').replaceAll('END', end)}
    default: p = skipField(b, p, ${end}, tag, absent[${scope.absent.push(known) - 1}])
  }
}`
}

const lengthSource = `let stop = b[p++]
if (stop > 127) { stop = readUnsigned(b, p - 1, END); p = cursor.position }
stop += p
if (!(stop <= END)) throw truncated(p)`

const lengthReaders: Partial<Record<FieldType, string>> = {
  string: 'readText(b, p, stop)',
  quantity: 'readQuantity(b, p, stop)',
  intOrString: 'readIntOrString(b, p, stop)',
  time: 'readSeconds(b, p, stop)',
  microTime: 'readSeconds(b, p, stop)',
  byteLength: 'stop - p',
}

const varintConversions: Partial<Record<FieldType, readonly [oneByte: string, longer: string]>> = {
  int: ['byte', 'readSigned'],
  exactInt: ['BigInt(byte)', 'readSignedExact'],
  bool: ['byte !== 0', '0 !== readSigned'],
}

function caseSource(scope: Scope): (slot: Slot) => string {
  return ({ variable, field }) => {
    if (field.cardinality === 'map') return mapCaseSource(variable, field, scope)
    const store = (value: string) =>
      field.cardinality === 'list'
        ? `if (${variable} === emptyList) ${variable} = []\n${variable}.push(${value})`
        : `${variable} = ${value}`
    const varint = varintConversions[field.type]
    if (varint) return varintCaseSource(field, varint, store)
    const value = field.type === 'message' ? `${scope.nameOf(schemaOf(field))}(b, p, stop)` : lengthReaders[field.type]
    return `case ${field.number * 8 + 2}: {\n${lengthSource}\n${store(value ?? '')}\np = stop\nbreak }`
  }
}

function varintCaseSource(
  field: Field,
  [oneByte, longer]: readonly [string, string],
  store: (value: string) => string,
): string {
  const value = (end: string) => `if (p >= ${end}) throw truncated(p)
const byte = b[p++]
if (byte > 127) { ${store(`${longer}(b, p - 1, ${end})`)}; p = cursor.position }
else { ${store(oneByte)} }`
  const single = `case ${field.number * 8}: {\n${value('END')}\nbreak }`
  if (field.cardinality !== 'list') return single
  return `${single}\ncase ${field.number * 8 + 2}: {\n${lengthSource}\nwhile (p < stop) { ${value('stop')} }\nbreak }`
}

/** A map is a list of entries: messages with the key in field 1 and the value in field 2. */
function mapCaseSource(variable: string, field: Field, scope: Scope): string {
  const name = `entry${scope.declarations.length}`
  const element: Field = { ...field, number: 2, cardinality: 'plain' }
  const key: Field = { number: 1, type: 'string', cardinality: 'plain' }
  const slots = [
    { variable: 'key', field: key },
    { variable: 'value', field: element },
  ]
  scope.declarations.push(`function ${name}(b, p, end, map) {
  let key = ''
  let value = ${absentSource(absentValue(element), scope)}
${loopSource(slots.map(caseSource(scope)), [1, 2], 'end', scope)}
  map.set(key, value)
}`)
  return `case ${field.number * 8 + 2}: {
${lengthSource}
if (${variable} === emptyMap) ${variable} = new Map()
${name}(b, p, stop, ${variable})
p = stop
break }`
}
