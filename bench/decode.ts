/**
 * Decodes pods of 10 KB. The baseline is JSON.parse alone; the other variants are ratios to it in the same run.
 * Run: node bench/decode.ts
 */

import protobufjs from 'protobufjs'
import { encodeEnvelope, encodeListMessage } from '../simulator/protobuf-envelope.ts'
import { compileJsonDecoder } from '../src/kubernetes/decode/json.ts'
import { createJsonListReader, createJsonWatchReader } from '../src/kubernetes/decode/json-stream.ts'
import { compileProtobufDecoder } from '../src/kubernetes/decode/protobuf.ts'
import { createProtobufListReader } from '../src/kubernetes/decode/protobuf-stream.ts'
import { Pod } from '../src/schemas/pod.ts'
import type { Field, Schema } from '../src/schemas/schema.ts'
import { createClosureDecoder } from './closure-decoder.ts'
import { createPods } from './pod-of-ten-kilobytes.ts'

const podCount = 500
const rounds = 15
const chunkBytes = 16 * 1024

const { json, protobuf } = createPods(podCount)
const jsonBytes = json.map((text) => Buffer.from(text))
const parsed = json.map((text) => JSON.parse(text))
const decodeJson = compileJsonDecoder(Pod)
const decodeByClosures = createClosureDecoder(Pod)
const decodeProtobuf = compileProtobufDecoder(Pod)
const PodOfProtobufjs = createProtobufjsType(Pod)

const jsonList = Buffer.from(
  `{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[${json.join(',')}]}`,
)
const watchLines = Buffer.from(json.map((pod) => `{"type":"ADDED","object":${pod}}\n`).join(''))
const protobufList = encodeEnvelope('v1', 'PodList', encodeListMessage({ resourceVersion: '1' }, protobuf))

/** The same fields as protobufjs descriptors, with wrapper messages as in Go. */
function createProtobufjsType(of: Schema): protobufjs.Type {
  const root = new protobufjs.Root()
  let count = 0
  const typeOf = (schema: Schema): string => {
    const type = new protobufjs.Type(`Message${count++}`)
    for (const [name, field] of Object.entries(schema.fields)) {
      if (field.within !== undefined) continue
      const value = valueType(field)
      if (field.cardinality === 'map') type.add(new protobufjs.MapField(name, field.number, 'string', value))
      else
        type.add(
          new protobufjs.Field(name, field.number, value, field.cardinality === 'list' ? 'repeated' : 'optional'),
        )
    }
    root.add(type)
    return type.name
  }
  const small = (fields: Schema['fields']) => typeOf({ fields })
  const valueType = (field: Field): string => {
    if (field.type === 'message') return typeOf(field.schema as Schema)
    if (field.type === 'time') return small({ seconds: { number: 1, type: 'int', cardinality: 'plain' } })
    if (field.type === 'quantity') return small({ text: { number: 1, type: 'string', cardinality: 'plain' } })
    return { int: 'int64', exactInt: 'int64', bool: 'bool' }[field.type as string] ?? 'string'
  }
  return root.lookupType(typeOf(of))
}

function inChunks(bytes: Buffer, read: (chunk: Buffer) => Iterable<unknown>): number {
  let objects = 0
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    for (const _ of read(bytes.subarray(at, at + chunkBytes))) objects++
  }
  return objects
}

const ways: Readonly<Record<string, () => unknown>> = {
  'JSON.parse alone': () => jsonBytes.map((bytes) => JSON.parse(bytes.toString())),
  'decode parsed JSON, generated code': () => parsed.map(decodeJson),
  'decode parsed JSON, closures': () => parsed.map((value) => decodeByClosures(value, undefined)),
  'JSON.parse and decode': () => jsonBytes.map((bytes) => decodeJson(JSON.parse(bytes.toString()))),
  'JSON list, scanned in chunks': () => {
    const reader = createJsonListReader({ decode: decodeJson })
    return inChunks(jsonList, (chunk) => reader.read(chunk))
  },
  'JSON watch, in chunks': () => {
    const reader = createJsonWatchReader({ decode: decodeJson })
    return inChunks(watchLines, (chunk) => reader.read(chunk))
  },
  'protobuf, generated code': () => protobuf.map((bytes) => decodeProtobuf(bytes, 0, bytes.length)),
  'protobuf list, in chunks': () => {
    const reader = createProtobufListReader({ decode: decodeProtobuf })
    return inChunks(protobufList, (chunk) => reader.read(chunk))
  },
  protobufjs: () => protobuf.map((bytes) => PodOfProtobufjs.decode(bytes)),
}

/** The minimum CPU time of a round in microseconds per pod; the rounds of all variants alternate. */
function measure(): ReadonlyMap<string, number> {
  const least = new Map<string, number>()
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(ways)) {
      const before = process.cpuUsage()
      run()
      const { user, system } = process.cpuUsage(before)
      least.set(name, Math.min(least.get(name) ?? Number.POSITIVE_INFINITY, (user + system) / podCount))
    }
  }
  return least
}

const sizes = { json: jsonList.length / podCount, protobuf: protobufList.length / podCount }
console.log(`${podCount} pods, ${sizes.json.toFixed(0)} bytes of JSON, ${sizes.protobuf.toFixed(0)} of protobuf each`)
const results = measure()
const baseline = results.get('JSON.parse alone') ?? Number.NaN
for (const [name, micros] of results) {
  console.log(
    `${name.padEnd(38)} ${(micros / baseline).toFixed(2).padStart(6)} x  ${micros.toFixed(1).padStart(7)} µs per pod`,
  )
}
