/** Which kinds are served: definitions count more than discovery documents, which list a deleted kind for a while longer. */
import { expect, test } from 'vitest'
import { KindCatalogue } from '../../src/runtime/kind-catalogue.ts'
import type { CustomResourceDefinition } from '../../src/schemas/custom-resource-definition.ts'

const group = 'sea.example'
const definition = (uid: string, kind: string) =>
  ({
    metadata: { uid },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural: `${kind.toLowerCase()}s` },
      versions: [{ name: 'v1', served: true }],
    },
    status: { conditions: [] },
  }) as unknown as CustomResourceDefinition
const kind = (name: string, version = 'v1') => ({
  ...{ group, version, kind: name, plural: `${name.toLowerCase()}s`, namespaced: true },
})
const served = (catalogue: KindCatalogue) => catalogue.kinds().map(({ version, kind: name }) => `${version} ${name}`)

test('documents count for kinds without a definition', () => {
  const catalogue = new KindCatalogue()
  expect(catalogue.define(definition('1', 'Buoy'))).toBe(true)
  expect(catalogue.document(group, [kind('Buoy', 'v2'), kind('Tide')])).toBe(true)
  expect(served(catalogue)).toEqual(['v1 Buoy', 'v1 Tide'])
  expect(catalogue.document(group, [kind('Buoy', 'v2'), kind('Tide')])).toBe(false)
})

test('a kind whose definition is deleted is gone, although documents list it for a while', () => {
  const catalogue = new KindCatalogue()
  catalogue.define(definition('1', 'Buoy'))
  catalogue.document(group, [kind('Buoy')])
  expect(catalogue.remove('1')).toBe(true)
  expect(served(catalogue)).toEqual([])
  catalogue.document(group, [kind('Buoy')])
  expect(served(catalogue)).toEqual([])
  catalogue.document(group, [])
  expect(served(catalogue)).toEqual([])
  expect(catalogue.document(group, [kind('Buoy')])).toBe(true)
  expect(served(catalogue)).toEqual(['v1 Buoy'])
})

test('a kind that moves from a definition to an aggregated API is found by its documents', () => {
  const catalogue = new KindCatalogue()
  catalogue.beginList()
  catalogue.define(definition('1', 'Buoy'))
  catalogue.endList()
  catalogue.document(group, [kind('Buoy')])
  catalogue.beginList()
  expect(catalogue.endList()).toBe(1)
  catalogue.document('other.example', [])
  const readings = [1, 2, 3].map(() => [catalogue.document(group, [kind('Buoy')]), served(catalogue)])
  expect(readings).toEqual([
    [false, []],
    [false, []],
    [true, ['v1 Buoy']],
  ])
})

test('a definition that comes back counts at once', () => {
  const catalogue = new KindCatalogue()
  catalogue.define(definition('1', 'Buoy'))
  catalogue.remove('1')
  catalogue.document(group, [kind('Buoy', 'v9')])
  catalogue.define(definition('2', 'Buoy'))
  expect(served(catalogue)).toEqual(['v1 Buoy'])
  expect(catalogue.remove('1')).toBe(false)
})
