/**
 * The cost of custom resources beside that of a built-in kind in JSON: decoding from a list, observing, encoding, and the
 * bytes of blocks, per object and per series. Both kinds have the same content of 5 KB and the same number of series.
 * Run: node bench/custom-resources.ts
 */

import { createFamilyText } from '../src/encoding/family-text.ts'
import { createOtlpEncoder } from '../src/encoding/otlp-encoder.ts'
import { createTextSlice } from '../src/encoding/text-slice.ts'
import type { AnyResource } from '../src/families/family.ts'
import { compileJsonDecoder } from '../src/kubernetes/decode/json.ts'
import { createJsonListReader } from '../src/kubernetes/decode/json-stream.ts'
import { RowCursor } from '../src/rows/block.ts'
import { createBlockWriter } from '../src/rows/block-writer.ts'
import { createLayout } from '../src/rows/layout.ts'
import type { Registry } from '../src/rows/registry.ts'
import { createRegistry } from '../src/rows/registry.ts'
import type { KubernetesObject } from '../src/schemas/object-meta.ts'
import { cranes, createObject, deployments } from './cranes.ts'

const batch = 64
const rounds = 100
const timestampMs = 1_700_000_000_000

/** Microseconds per object, and the series and bytes of its block. */
interface Figures {
  readonly decodeUs: number
  readonly observeUs: number
  readonly textUs: number
  readonly otlpUs: number
  readonly series: number
  readonly bytes: number
}

/** Runs the parts of one kind once; the minimum of many runs counts, and both kinds run alternately. */
function createRun(resource: AnyResource): () => Figures {
  const { apiVersion, kind } = resource
  const texts = Array.from({ length: batch }, (_, i) => JSON.stringify({ apiVersion, kind, ...createObject(i) }))
  const list = Buffer.from(`{"kind":"${kind}List","apiVersion":"${apiVersion}","metadata":{},"items":[${texts}]}`)
  const decode = compileJsonDecoder<KubernetesObject>(resource.schema)
  const registry = createRegistry()
  const plan = { resource, families: resource.families, labelKeys: undefined, annotationKeys: undefined }
  const writer = createBlockWriter(createLayout(plan, registry), (family, _object, error) => {
    throw new Error(`${family.family.name}: ${error}`)
  })
  const writeText = createTextRun(registry, resource)
  const writeOtlp = createOtlpRun(registry)
  return () => {
    const startedMs = performance.now()
    const objects = [...createJsonListReader({ decode, members: resource.reads }).read(list)] as KubernetesObject[]
    const decodedMs = performance.now()
    let series = 0
    const blocks: Uint8Array[] = []
    for (const object of objects) {
      const { rows, bytes, length } = writer.write(object)
      series += rows
      blocks.push(bytes.slice(0, length))
    }
    const observedMs = performance.now()
    writeText(blocks)
    const pageMs = performance.now()
    writeOtlp(blocks)
    const us = (from: number, to: number) => ((to - from) * 1000) / batch
    return {
      decodeUs: us(startedMs, decodedMs),
      observeUs: us(decodedMs, observedMs),
      textUs: us(observedMs, pageMs),
      otlpUs: us(pageMs, performance.now()),
      series: series / batch,
      bytes: blocks.reduce((sum, { length }) => sum + length, 0) / batch,
    }
  }
}

function createTextRun({ shared }: Registry, { families }: AnyResource) {
  const texts = families.map((family) => createFamilyText(family, 'text'))
  const cursor = new RowCursor(shared)
  return (blocks: readonly Uint8Array[]) => {
    const slice = createTextSlice(256 * 1024)
    for (const bytes of blocks) {
      cursor.open(bytes, 0)
      while (cursor.next()) slice.line(cursor, texts[cursor.family] as (typeof texts)[number])
    }
  }
}

function createOtlpRun(registry: Registry) {
  const encoder = createOtlpEncoder({ registry, resourceAttributes: [], constantLabels: [], maxBytes: 4 * 1024 * 1024 })
  return (blocks: readonly Uint8Array[]) => {
    for (const bytes of blocks) encoder.add(bytes, 0, false)
    encoder.finish(timestampMs)
  }
}

function least(a: Figures, b: Figures): Figures {
  return {
    ...b,
    decodeUs: Math.min(a.decodeUs, b.decodeUs),
    observeUs: Math.min(a.observeUs, b.observeUs),
    textUs: Math.min(a.textUs, b.textUs),
    otlpUs: Math.min(a.otlpUs, b.otlpUs),
  }
}

const runs = [createRun(deployments), createRun(cranes)]
let figures = runs.map((run) => run())
for (let round = 1; round < rounds; round++) figures = runs.map((run, i) => least(figures[i] as Figures, run()))

const [builtIn, custom] = figures.map(({ series, ...one }) => ({ series, ...one })) as [Figures, Figures]
console.log('per series                       built in, JSON     by rules     ratio')
const report = (name: string, of: (figures: Figures) => number, digits: number) => {
  const [left, right] = [of(builtIn) / builtIn.series, of(custom) / custom.series]
  const cell = (value: number, width: number) => value.toFixed(digits).padStart(width)
  console.log(`${name.padEnd(32)}${cell(left, 15)}${cell(right, 13)}${(right / left).toFixed(2).padStart(10)}`)
}
report('decode, us', ({ decodeUs }) => decodeUs, 3)
report('observe, us', ({ observeUs }) => observeUs, 3)
report('decode and observe, us', ({ decodeUs, observeUs }) => decodeUs + observeUs, 3)
report('write text, us', ({ textUs }) => textUs, 3)
report('encode OTLP, us', ({ otlpUs }) => otlpUs, 3)
report('block, bytes', ({ bytes }) => bytes, 1)
console.log(`series per object: ${builtIn.series} and ${custom.series}`)
