/** No schema holds a field that no family reads: decoding it would cost every object and serve nobody. */
import { expect, test } from 'vitest'
import type { KubernetesObject } from '../../src/api/object-meta.ts'
import type { Field, Schema } from '../../src/api/schema.ts'
import type { AnyResource } from '../../src/families/family.ts'
import { resources } from '../../src/families/resources.ts'
import { compileJsonDecoder } from '../../src/kubernetes/decode/json.ts'
import { createPlan } from '../../src/selection/create-plan.ts'
import { isOfKind, readFamilyCases } from './cases.ts'
import { sampleLines } from './observe.ts'

test('every field of every schema is read while the cases are observed', () => {
  const read = new Set<Field>()
  for (const resource of resources) observeCases(resource, read)
  expect(resources.flatMap(({ plural, schema }) => unread(plural, schema, read))).toEqual([])
})

function observeCases(resource: AnyResource, read: Set<Field>): void {
  const decode = compileJsonDecoder<KubernetesObject>(resource.schema)
  for (const { documents, selection } of readFamilyCases(resource.plural)) {
    const plan = createPlan([resource], selection)[0]
    if (plan === undefined) continue
    for (const document of documents.filter((one) => isOfKind(one, resource))) {
      sampleLines(plan, watched(decode(document), resource.schema, read))
    }
  }
}

/** The object behind proxies that note each field that is asked for. */
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
