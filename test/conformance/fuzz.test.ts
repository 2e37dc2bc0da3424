/**
 * Every object that an API server can store is rendered: no error, no lost object, the same series from JSON and from
 * protobuf, in text and in OTLP. FUZZ_RUNS and FUZZ_SEED set the number of objects and the seed.
 */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeProtobuf } from '../../simulator/protobuf-encode.ts'
import { resources } from '../../src/families/built-in-resources.ts'
import type { AnyResource } from '../../src/families/family.ts'
import { parseManifests } from '../../src/inspect/manifests.ts'
import { compileJsonDecoder } from '../../src/kubernetes/decode/json.ts'
import { parseExact } from '../../src/kubernetes/decode/json-scan.ts'
import { compileProtobufDecoder } from '../../src/kubernetes/decode/protobuf.ts'
import type { Engine } from '../../src/runtime/engine.ts'
import { createEngine } from '../../src/runtime/engine.ts'
import type { KubernetesObject } from '../../src/schemas/object-meta.ts'
import { createKeyFilter } from '../../src/selection/key-filter.ts'
import { goldenFolder, readCases, recordedFolder, relevantLines } from './cases.ts'
import type { Json } from './mutations.ts'
import { mutate, mutations } from './mutations.ts'
import { writePage, writeRequest } from './rendered-case.ts'
import { firstOfEachSeries, pointsOf } from './series-of.ts'

const numRuns = Number(process.env.FUZZ_RUNS ?? 40)
const seed = Number(process.env.FUZZ_SEED ?? 20_260)
const timestampMs = 1_700_000_000_000

const manifests = [recordedFolder, goldenFolder]
  .flatMap(readCases)
  .flatMap(({ path, name }) => parseManifests(readFileSync(`${path}.yaml`, 'utf8'), name))

const label = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"'
const sample = new RegExp(`^[a-z_]+\\{${label}(?:,${label})*\\} (?:NaN|[+-]Inf|-?\\d[\\d.]*(?:e[+-]\\d+)?)$`)

test.each(resources)('$plural', { timeout: 30_000 + 100 * numRuns }, (resource: AnyResource) => {
  const { kind, apiVersion, schema } = resource
  const objects = manifests.filter((one) => one.kind === kind && one.apiVersion === apiVersion)
  const fromJson = createObserver(resource)
  const fromProtobuf = createObserver(resource)
  const decodeJson = compileJsonDecoder<KubernetesObject>(schema)
  const decodeProtobuf = compileProtobufDecoder<KubernetesObject>(schema)
  const property = fc.property(fc.constantFrom(...objects), mutations, ({ value }, changes) => {
    const object = mutate(schema, value as Json, changes)
    const message = encodeProtobuf(schema, object)
    const text = fromJson(decodeJson(parseExact(stringify(object))))
    expect(fromProtobuf(decodeProtobuf(message, 0, message.length))).toEqual(text)
  })
  fc.assert(property, { numRuns, seed })
})

/** TypeScript's library does not know it yet. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown }

/** Big integers with all their digits, as Go writes them. */
function stringify(object: Json): string {
  return JSON.stringify(object, (_, value) => (typeof value === 'bigint' ? rawJSON(String(value)) : value))
}

/** Observes an object alone in the store, with every family on, and compares the encodings; yields the samples in order. */
function createObserver(resource: AnyResource): (object: KubernetesObject) => string[] {
  const everyKey = createKeyFilter(['*'])
  const engine: Engine = createEngine({
    now: () => 0,
    onFamilyError: (family, _, error) => {
      throw new Error(`${family.name} failed`, { cause: error })
    },
    onDuplicates: () => {},
  })
  engine.apply([{ resource, families: resource.families, labelKeys: everyKey, annotationKeys: everyKey }])
  const { store } = engine
  return (object) => {
    expect(engine.upsert(0, object)).toBe('added')
    expect(store.objects(0)).toBe(1)
    const lines = relevantLines(writePage(engine, 'text'))
    const samples = lines.filter((line) => !line.startsWith('#'))
    expect(samples.filter((line) => !sample.test(line))).toEqual([])
    expect(samples).toHaveLength(store.series(0))
    expect(pointsOf(writeRequest(engine, timestampMs), timestampMs, () => true, new Set())).toEqual(
      firstOfEachSeries(lines),
    )
    expect(store.remove(0, object.metadata.uid, 'deleted')).toBe(true)
    return samples.sort()
  }
}
