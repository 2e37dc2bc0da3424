/** Every schema against the published protobuf definitions: a wrong field number reads another field's bytes. */
import { describe, expect, test } from 'vitest'
import { resources } from '../../src/families/built-in-resources.ts'
import { ListMeta, MetadataOnly, Status } from '../../src/kubernetes/decode/stream-forms.ts'
import { CustomResourceDefinition } from '../../src/schemas/custom-resource-definition.ts'
import type { Field, FieldType, Schema } from '../../src/schemas/schema.ts'
import { messageNameOf, readProtobufFields } from './protobuf-fields.ts'

const messages = readProtobufFields()

const wireTypes: Readonly<Record<Exclude<FieldType, 'message'>, readonly string[]>> = {
  string: ['string'],
  int: ['int32', 'int64'],
  exactInt: ['int64'],
  bool: ['bool'],
  time: ['k8s.io.apimachinery.pkg.apis.meta.v1.Time'],
  microTime: ['k8s.io.apimachinery.pkg.apis.meta.v1.MicroTime'],
  quantity: ['k8s.io.apimachinery.pkg.api.resource.Quantity'],
  intOrString: ['k8s.io.apimachinery.pkg.util.intstr.IntOrString'],
  byteLength: ['bytes'],
}

const labels: Readonly<Record<Field['cardinality'], string>> = {
  plain: 'optional',
  pointer: 'optional',
  list: 'repeated',
  map: 'map',
}

/** What differs between the schema and the published message, and between the messages below it. */
function differences(schema: Schema, messageName: string, seen = new Map<Schema, string>()): string[] {
  if (seen.get(schema) === messageName) return []
  seen.set(schema, messageName)
  return Object.entries(schema.fields).flatMap(([name, field]) => {
    const holder = field.within === undefined ? messageName : embeddedMessage(messageName, field.within)
    const published = publishedField(holder, name)
    const where = `${holder} ${name}`
    if (published === undefined) return [`${where}: not published`]
    if (published.number !== field.number) return [`${where}: number ${field.number}, published ${published.number}`]
    if (published.label !== labels[field.cardinality]) {
      return [`${where}: ${field.cardinality}, published ${published.label}`]
    }
    if (field.schema !== undefined) return differences(field.schema, published.type, seen)
    const isSame = field.type !== 'message' && wireTypes[field.type].includes(published.type)
    return isSame ? [] : [`${where}: ${field.type}, published ${published.type}`]
  })
}

/** Two fields (`Webhooks`) are published with the name that they have in Go, of which the JSON name is the lower-case form. */
function publishedField(messageName: string, name: string) {
  const message = messages.get(messageName)
  return message?.get(name) ?? message?.get(`${name[0]?.toUpperCase()}${name.slice(1)}`)
}

/** The message of a struct that Go embeds. */
function embeddedMessage(messageName: string, number: number): string {
  const fields = [...(messages.get(messageName)?.values() ?? [])]
  return fields.find((field) => field.number === number)?.type ?? `${messageName} field ${number}`
}

test.each(resources)('$plural has the published field numbers and types', (resource) => {
  expect(differences(resource.schema, messageNameOf(resource))).toEqual([])
})

test.each([
  ['ListMeta', ListMeta, 'ListMeta'],
  ['the metadata of a bookmark', MetadataOnly, 'PartialObjectMetadata'],
  ['Status', Status, 'Status'],
])('%s has the published field numbers and types', (_, schema, name) => {
  expect(differences(schema, `k8s.io.apimachinery.pkg.apis.meta.v1.${name}`)).toEqual([])
})

test('CustomResourceDefinition has the published field numbers and types', () => {
  const name = 'k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition'
  expect(differences(CustomResourceDefinition, name)).toEqual([])
})

test('the envelope and the frames of a watch have the published field numbers', () => {
  const numbersOf = (name: string) =>
    Object.fromEntries([...(messages.get(name) ?? [])].map(([field, { number }]) => [field, number]))
  // The numbers that decode/envelope.ts and decode/protobuf-stream.ts look for.
  expect(numbersOf('k8s.io.apimachinery.pkg.runtime.Unknown')).toMatchObject({ typeMeta: 1, raw: 2 })
  expect(numbersOf('k8s.io.apimachinery.pkg.runtime.TypeMeta')).toMatchObject({ apiVersion: 1, kind: 2 })
  expect(numbersOf('k8s.io.apimachinery.pkg.apis.meta.v1.WatchEvent')).toEqual({ type: 1, object: 2 })
  expect(numbersOf('k8s.io.apimachinery.pkg.runtime.RawExtension')).toEqual({ raw: 1 })
})

describe('a schema that differs', () => {
  const podName = 'k8s.io.api.core.v1.Pod'
  const pods = resources.find(({ plural }) => plural === 'pods')?.schema as Schema
  const { metadata } = pods.fields as { metadata: Field }
  test.each<[string, Field, string]>([
    ['in a number', { ...metadata, number: 2 }, `${podName} metadata: number 2, published 1`],
    ['in how often it occurs', { ...metadata, cardinality: 'list' }, `${podName} metadata: list, published optional`],
    [
      'in its type',
      { number: 1, type: 'string', cardinality: 'plain' },
      `${podName} metadata: string, published k8s.io.apimachinery.pkg.apis.meta.v1.ObjectMeta`,
    ],
  ])('%s is found', (_, field, difference) => {
    expect(differences({ fields: { metadata: field } }, podName)).toEqual([difference])
  })

  test('in a message below it is found', () => {
    const wrong: Schema = { fields: { uid: { number: 6, type: 'string', cardinality: 'plain' } } }
    expect(differences({ fields: { metadata: { ...metadata, schema: wrong } } }, podName)).toEqual([
      'k8s.io.apimachinery.pkg.apis.meta.v1.ObjectMeta uid: number 6, published 5',
    ])
  })
})
