/**
 * What observing an object costs beside decoding it, resource by resource: the least time of alternating rounds over the
 * objects of the conformance cases. A resource's ratio is that of observing to decoding JSON, and to decoding protobuf, in the
 * same run. The JSON has the managedFields that a server would send; the protobuf has nothing but the fields of our schema, so
 * that its cost is the least possible. Run: node bench/observe.ts [resource...]
 */

import { readFileSync } from 'node:fs'
import type { KubernetesObject } from '../src/api/object-meta.ts'
import { parseManifests } from '../src/app/manifests.ts'
import type { AnyResource } from '../src/families/family.ts'
import { resources } from '../src/families/resources.ts'
import { compileJsonDecoder } from '../src/kubernetes/decode/json.ts'
import { compileProtobufDecoder } from '../src/kubernetes/decode/protobuf.ts'
import { createBlockWriter } from '../src/series/block-writer.ts'
import { createLayout } from '../src/series/layout.ts'
import { createSharedLabelSets } from '../src/series/shared-label-sets.ts'
import type { JsonObject } from '../src/simulator/protobuf-encode.ts'
import { encodeProtobuf } from '../src/simulator/protobuf-encode.ts'
import { readCases, recordedFolder } from '../test/conformance/cases.ts'
import { createPods } from './pod-of-ten-kilobytes.ts'

const rounds = 60
/** So few that they stay in the processor's cache from one way to the next: objects are observed right after decoding. */
const batchSize = 16
/** Cases about texts that nobody writes, which take the slow and exact ways through quantities and schedules. */
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

/** The objects of the cases, without those digits that only exact parsing keeps. */
function corpusOf({ kind, apiVersion, schema }: AnyResource): Sample {
  const toNumber = (_: string, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)
  const json = manifests
    .filter((manifest) => manifest.kind === kind && manifest.apiVersion === apiVersion)
    .map(({ value }) => value as { metadata?: object })
    .map((value) => ({ ...value, metadata: { ...value.metadata, managedFields: managers } }))
    .map((value) => JSON.stringify(value, toNumber))
  return { json, protobuf: json.map((text) => encodeProtobuf(schema, JSON.parse(text) as JsonObject)) }
}

interface Costs {
  /** Microseconds per object. */
  readonly json: number
  readonly protobuf: number
  readonly observe: number
  readonly rows: number
}

function measure(resource: AnyResource, { json, protobuf }: Sample): Costs {
  const decodeJson = compileJsonDecoder<KubernetesObject>(resource.schema)
  const decodeProtobuf = compileProtobufDecoder<KubernetesObject>(resource.schema)
  const plan = { resource, families: resource.families, labelKeys: undefined, annotationKeys: undefined }
  const writer = createBlockWriter(createLayout(plan, createSharedLabelSets()), () => {})
  const sums = { json: 0, protobuf: 0, observe: 0, rows: 0 }
  for (let first = 0; first < json.length; first += batchSize) {
    const texts = json.slice(first, first + batchSize)
    const messages = protobuf.slice(first, first + batchSize)
    const objects = texts.map((text) => decodeJson(JSON.parse(text)))
    sums.json += leastMicros(() => texts.forEach((text) => void decodeJson(JSON.parse(text))))
    sums.protobuf += leastMicros(() => messages.forEach((bytes) => void decodeProtobuf(bytes, 0, bytes.length)))
    sums.observe += leastMicros(() => objects.forEach((object) => void writer.write(object)))
    sums.rows += objects.reduce((rows, object) => rows + writer.write(object).rows, 0)
  }
  const perObject = (sum: number) => sum / json.length
  return {
    json: perObject(sums.json),
    protobuf: perObject(sums.protobuf),
    observe: perObject(sums.observe),
    rows: perObject(sums.rows),
  }
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

function report(name: string, { json, protobuf, observe, rows }: Costs): boolean {
  const column = (value: number, digits: number) => value.toFixed(digits).padStart(8)
  const ratios = `${column(observe / json, 2)}${column(observe / protobuf, 2)}`
  const cheaper = observe < json
  console.log(
    `${name.padEnd(34)}${column(rows, 1)}${column(observe, 2)}${column(json, 2)}${column(protobuf, 2)}${ratios}${cheaper ? '' : '  !'}`,
  )
  return cheaper
}

const selected = process.argv.slice(2)
const isSelected = (name: string) => selected.length === 0 || selected.some((part) => name.includes(part))
const header = ['rows', 'observe', 'json', 'protobuf', 'o/json', 'o/proto'].map((word) => word.padStart(8)).join('')
console.log(`${'microseconds per object'.padEnd(34)}${header}`)
const samples: [string, AnyResource, Sample][] = resources.map((one) => [one.plural, one, corpusOf(one)])
const pods = resources.find(({ plural }) => plural === 'pods') as AnyResource
samples.push(['pods of 10 KB', pods, createPods(50)])
const dear = samples
  .filter(([name]) => isSelected(name))
  .filter(([name, resource, sample]) => !report(name, measure(resource, sample)))
console.log(`observing costs more than decoding JSON: ${dear.map(([name]) => name).join(', ') || 'nowhere'}`)
