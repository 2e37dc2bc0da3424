/** Every field of every schema is read by a family; decoding others would be wasted for every object. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { resources } from '../../src/families/built-in-resources.ts'
import type { AnyResource } from '../../src/families/family.ts'
import type { Manifest } from '../../src/inspect/manifests.ts'
import { parseManifests } from '../../src/inspect/manifests.ts'
import { compileJsonDecoder } from '../../src/kubernetes/decode/json.ts'
import { createBlockWriter } from '../../src/rows/block-writer.ts'
import { createLayout } from '../../src/rows/layout.ts'
import { createRegistry } from '../../src/rows/registry.ts'
import type { KubernetesObject } from '../../src/schemas/object-meta.ts'
import type { Field, Schema } from '../../src/schemas/schema.ts'
import { createKeyFilter } from '../../src/selection/key-filter.ts'
import { goldenFolder, readCases, recordedFolder } from '../conformance/cases.ts'

const manifests = [...readCases(recordedFolder), ...readCases(goldenFolder)].flatMap(({ name, path }) =>
  parseManifests(readFileSync(`${path}.yaml`, 'utf8'), name),
)

test('every field of every schema is read while the cases are observed', () => {
  const read = new Set<Field>()
  for (const resource of resources) observeAll(resource, manifests, read)
  expect(resources.flatMap(({ plural, schema }) => unread(plural, schema, read))).toEqual([])
})

function observeAll(resource: AnyResource, given: readonly Manifest[], read: Set<Field>): void {
  const decode = compileJsonDecoder<KubernetesObject>(resource.schema)
  const everyKey = createKeyFilter(['*'])
  const plan = { resource, families: resource.families, labelKeys: everyKey, annotationKeys: everyKey }
  const writer = createBlockWriter(createLayout(plan, createRegistry()), (family, _, error) => {
    throw new Error(`${family.family.name} failed`, { cause: error })
  })
  for (const { kind, apiVersion, value } of given) {
    if (kind !== resource.kind || apiVersion !== resource.apiVersion) continue
    const object = watched(decode(value), resource.schema, read)
    writer.write(object)
    // The fields that identify an object in the store.
    expect(typeof object.metadata.uid).toBe('string')
  }
}

/** Wraps an object in proxies that record each field that is read. */
function watched<T>(object: T, schema: Schema, read: Set<Field>): T {
  return new Proxy(object as T & object, {
    get(target, name) {
      const value = Reflect.get(target, name)
      const field = typeof name === 'string' ? schema.fields[name] : undefined
      if (field === undefined) return value
      read.add(field)
      if (field.schema === undefined || value === undefined) return value
      const of = field.schema
      return Array.isArray(value) ? value.map((item) => watched(item, of, read)) : watched(value, of, read)
    },
  })
}

function unread(path: string, schema: Schema, read: ReadonlySet<Field>): string[] {
  return Object.entries(schema.fields).flatMap(([name, field]) => {
    const own = `${path}.${name}`
    if (!read.has(field)) return [own]
    return field.schema === undefined ? [] : unread(own, field.schema, read)
  })
}
