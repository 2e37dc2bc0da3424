/**
 * The cost of observing an object compared with decoding it from a list, per resource: the minimum time of many rounds over
 * the objects of the conformance cases, with managedFields as from a server. `families` runs only the callbacks, `observe`
 * everything up to a finished block. The ratios are observing to decoding JSON, and to decoding protobuf, in the same run.
 * Besides managedFields, the protobuf has only fields of the schema, so its decoding time is a lower bound.
 * Run: node bench/observe.ts [resource...]
 */

import { readFileSync } from 'node:fs'
import type { JsonObject } from '../simulator/protobuf-encode.ts'
import { encodeProtobuf } from '../simulator/protobuf-encode.ts'
import { encodeEnvelope, encodeListMessage } from '../simulator/protobuf-envelope.ts'
import { resources } from '../src/families/built-in-resources.ts'
import type { AnyFamily, AnyResource } from '../src/families/family.ts'
import { parseManifests } from '../src/inspect/manifests.ts'
import { compileJsonDecoder } from '../src/kubernetes/decode/json.ts'
import { createJsonListReader } from '../src/kubernetes/decode/json-stream.ts'
import { compileProtobufDecoder } from '../src/kubernetes/decode/protobuf.ts'
import { createProtobufListReader } from '../src/kubernetes/decode/protobuf-stream.ts'
import { createBlockWriter } from '../src/rows/block-writer.ts'
import { createLayout } from '../src/rows/layout.ts'
import { createRegistry } from '../src/rows/registry.ts'
import type { KubernetesObject } from '../src/schemas/object-meta.ts'
import { ObjectMeta } from '../src/schemas/object-meta.ts'
import type { Schema } from '../src/schemas/schema.ts'
import { list, message } from '../src/schemas/schema.ts'
import { readCases, recordedFolder } from '../test/conformance/cases.ts'
import { createPods, ManagedFields } from './pod-of-ten-kilobytes.ts'

const rounds = 60
/** Few enough to stay in the CPU cache: in the program, objects are observed right after decoding. */
const batchSize = 16
/** Cases with unusual texts, which take the slow paths for quantities and schedules. */
const exotic = /grammar|daylight-saving|quantities|extremes|null-and-twice/

interface Sample {
  readonly json: readonly string[]
  readonly protobuf: readonly Buffer[]
}

const managers = ['kubectl-client-side-apply', 'kube-controller-manager'].map((manager) => ({
  manager,
  operation: 'Update',
  apiVersion: 'v1',
  time: '2024-05-06T07:08:09Z',
  fieldsType: 'FieldsV1',
  fieldsV1: {
    'f:metadata': { 'f:annotations': { '.': {} }, 'f:labels': { '.': {}, 'f:app': {}, 'f:tier': {} } },
    'f:spec': { 'f:replicas': {}, 'f:selector': {}, 'f:template': { 'f:metadata': {}, 'f:spec': {} } },
  },
}))

const manifests = readCases(recordedFolder)
  .filter(({ group, name }) => resources.some(({ plural }) => plural === group) && !exotic.test(name))
  .flatMap(({ path, name }) => parseManifests(readFileSync(`${path}.yaml`, 'utf8'), name))

/** The objects of the cases, without digits that only exact parsing preserves. */
function corpusOf({ kind, apiVersion, schema }: AnyResource): Sample {
  const toNumber = (_: string, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)
  const objects = manifests
    .filter((manifest) => manifest.kind === kind && manifest.apiVersion === apiVersion)
    .map(({ value }) => JSON.parse(JSON.stringify(value, toNumber)) as { metadata?: object })
  const managed = (value: { metadata?: object }, managedFields: readonly object[]): JsonObject => ({
    ...value,
    metadata: { ...value.metadata, managedFields },
  })
  const asBytes = managers.map((entry) => ({
    ...entry,
    fieldsV1: { raw: Buffer.from(JSON.stringify(entry.fieldsV1)).toString('base64') },
  }))
  return {
    json: objects.map((value) => JSON.stringify(managed(value, managers))),
    protobuf: objects.map((value) => encodeProtobuf(asServed(schema), managed(value, asBytes))),
  }
}

/** The schema with managedFields. */
function asServed(schema: Schema): Schema {
  const metadata = { fields: { ...ObjectMeta.fields, managedFields: list(message(17, ManagedFields)) } }
  return { fields: { ...schema.fields, metadata: message(1, metadata) } }
}

interface Costs {
  /** Microseconds per object. */
  readonly json: number
  readonly protobuf: number
  /** The callbacks of the families, with an observer that does nothing. */
  readonly families: number
  /** The callbacks, and writing the block. */
  readonly observe: number
  readonly rows: number
}

let observations = 0
const count = () => {
  observations++
}

/** Runs a family's callback on an object. */
function runFamily(family: AnyFamily, object: KubernetesObject): void {
  if (family.kind === 'fixed' || family.kind === 'free') family.callback(object, count)
  else if (family.kind === 'stateSet') family.current(object)
  else family.from(object)
}

function measure(resource: AnyResource, { json, protobuf }: Sample): Costs {
  const jsonReader = { decode: compileJsonDecoder<KubernetesObject>(resource.schema) }
  const protobufReader = { decode: compileProtobufDecoder<KubernetesObject>(resource.schema) }
  const plan = { resource, families: resource.families, labelKeys: undefined, annotationKeys: undefined }
  const writer = createBlockWriter(createLayout(plan, createRegistry()), () => {})
  const sums = { json: 0, protobuf: 0, families: 0, observe: 0, rows: 0 }
  for (let first = 0; first < json.length; first += batchSize) {
    const texts = json.slice(first, first + batchSize)
    const messages = protobuf.slice(first, first + batchSize)
    const objects = texts.map((text) => jsonReader.decode(JSON.parse(text)))
    const jsonList = Buffer.from(`{"kind":"List","apiVersion":"v1","metadata":{},"items":[${texts.join(',')}]}`)
    const protobufList = encodeEnvelope('v1', 'List', encodeListMessage({ resourceVersion: '1' }, messages))
    sums.json += leastMicros(() => drain(createJsonListReader(jsonReader).read(jsonList), objects.length))
    sums.protobuf += leastMicros(() =>
      drain(createProtobufListReader(protobufReader).read(protobufList), objects.length),
    )
    sums.families += leastMicros(() => {
      for (const object of objects) for (const family of resource.families) runFamily(family, object)
    })
    sums.observe += leastMicros(() => {
      for (const object of objects) writer.write(object)
    })
    sums.rows += objects.reduce((rows, object) => rows + writer.write(object).rows, 0)
  }
  const perObject = (sum: number) => sum / json.length
  return {
    json: perObject(sums.json),
    protobuf: perObject(sums.protobuf),
    families: perObject(sums.families),
    observe: perObject(sums.observe),
    rows: perObject(sums.rows),
  }
}

/** Decodes a whole list; objects that cannot be decoded would distort the comparison. */
function drain(elements: Iterable<unknown>, expected: number): void {
  let objects = 0
  for (const element of elements) if (!(element instanceof Error)) objects++
  if (objects !== expected) throw new Error(`${objects} of ${expected} objects decode`)
}

function leastMicros(run: () => void): number {
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const before = performance.now()
    for (let i = 0; i < 10; i++) run()
    least = Math.min(least, (performance.now() - before) * 100)
  }
  return least
}

type Measured = readonly [name: string, costs: Costs]

function report([name, { json, protobuf, families, observe, rows }]: Measured): void {
  const column = (value: number, digits: number) => value.toFixed(digits).padStart(8)
  const ratios = `${column(observe / json, 2)}${column(observe / protobuf, 2)}`
  console.log(
    `${name.padEnd(34)}${column(rows, 1)}${column(families, 2)}${column(observe, 2)}${column(json, 2)}${column(protobuf, 2)}${ratios}`,
  )
}

function judge(part: 'families' | 'observe', form: 'json' | 'protobuf', measured: readonly Measured[]): void {
  const slower = measured.filter(([, costs]) => costs[part] >= costs[form]).map(([name]) => name)
  console.log(`${part} costs more than decoding ${form}: ${slower.join(', ') || 'no resource'}`)
}

const selected = process.argv.slice(2)
const isSelected = (name: string) => selected.length === 0 || selected.some((part) => name.includes(part))
const header = ['rows', 'families', 'observe', 'json', 'protobuf', 'o/json', 'o/proto']
  .map((word) => word.padStart(8))
  .join('')
console.log(`${'microseconds per object'.padEnd(34)}${header}`)
const samples: [string, AnyResource, Sample][] = resources.map((one) => [one.plural, one, corpusOf(one)])
const pods = resources.find(({ plural }) => plural === 'pods') as AnyResource
samples.push(['pods of 10 KB', pods, createPods(50)])
const measured: Measured[] = []
for (const [name, resource, sample] of samples.filter(([one]) => isSelected(one))) {
  const one: Measured = [name, measure(resource, sample)]
  measured.push(one)
  report(one)
}
for (const part of ['families', 'observe'] as const)
  for (const form of ['json', 'protobuf'] as const) judge(part, form, measured)
if (observations === 0) throw new Error('no family observed anything')
