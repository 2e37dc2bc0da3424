/**
 * Both decoders on a real API server: every object of the conformance cases is written to its etcd and read back as JSON and
 * as protobuf, alone, in lists and in watch streams.
 */

import type { IncomingMessage } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { resources } from '../../src/families/built-in-resources.ts'
import type { AnyResource } from '../../src/families/family.ts'
import { decodeEnveloped } from '../../src/kubernetes/decode/envelope.ts'
import { compileJsonDecoder } from '../../src/kubernetes/decode/json.ts'
import { parseExact } from '../../src/kubernetes/decode/json-scan.ts'
import { createJsonListReader, createJsonWatchReader } from '../../src/kubernetes/decode/json-stream.ts'
import { compileProtobufDecoder } from '../../src/kubernetes/decode/protobuf.ts'
import { createProtobufListReader, createProtobufWatchReader } from '../../src/kubernetes/decode/protobuf-stream.ts'
import type { KubernetesObject } from '../../src/schemas/object-meta.ts'
import type { ApiServer } from './api-server.ts'
import { startApiServer } from './api-server.ts'
import { corpusOf, folderOf, storeAll } from './corpus.ts'

const json = 'application/json'
const protobuf = 'application/vnd.kubernetes.protobuf'
let server: ApiServer
beforeAll(async () => {
  server = await startApiServer()
}, 120_000)
afterAll(() => server?.stop())

function pathOf(resource: AnyResource, { namespace, name }: Record<string, unknown>): string {
  const scope = resource.namespaced ? `namespaces/${namespace}/` : ''
  return folderOf(resource).replace(/[^/]+$/, `${scope}${resource.plural}/${name}`)
}

async function bodyOf(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function get(path: string, accept: string): Promise<Buffer> {
  const answer = await server.get(path, accept)
  const body = await bodyOf(answer)
  expect(answer.statusCode, `${path}: ${body}`).toBe(200)
  expect(answer.headers['content-type']).toContain(accept)
  return body
}

async function readList(path: string, accept: string, reader: ReturnType<typeof createJsonListReader<unknown>>) {
  const answer = await server.get(path, accept)
  const objects: unknown[] = []
  for await (const chunk of answer) objects.push(...reader.read(chunk))
  return { objects, end: reader.end() }
}

async function readInitialEvents(
  path: string,
  accept: string,
  reader: ReturnType<typeof createJsonWatchReader<unknown>>,
) {
  const query = 'watch=true&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan'
  const answer = await server.get(`${path}?${query}`, accept)
  const events: unknown[] = []
  for await (const chunk of answer) {
    for (const event of reader.read(chunk)) {
      if ('type' in event && event.type === 'BOOKMARK' && event.initialEventsEnd) return events
      events.push(event)
    }
  }
  throw new Error('the watch ended before its initial events did')
}

describe.each(resources.map((resource) => [resource.plural, resource] as const))('%s', (_, resource) => {
  const objects = corpusOf(resource)
  const decodeJson = compileJsonDecoder<KubernetesObject>(resource.schema)
  const decodeProtobuf = compileProtobufDecoder<KubernetesObject>(resource.schema)

  test('objects, lists and watches read the same in both formats', async () => {
    expect(objects.length).toBeGreaterThan(0)
    await storeAll(server, resource, objects)
    const read: unknown[] = []
    for (const { metadata } of objects) {
      const path = pathOf(resource, metadata)
      const fromJson = decodeJson(parseExact(String(await get(path, json))))
      const enveloped = decodeEnveloped(await get(path, protobuf), decodeProtobuf)
      expect(enveloped).toStrictEqual({ apiVersion: resource.apiVersion, kind: resource.kind, object: fromJson })
      expect(fromJson.metadata.name).toBe(metadata.name)
      read.push(fromJson)
    }

    const folder = folderOf(resource)
    const keepLastApplied = true
    const jsonList = await readList(folder, json, createJsonListReader({ decode: decodeJson, keepLastApplied }))
    const protobufReader = createProtobufListReader({ decode: decodeProtobuf, keepLastApplied })
    expect(await readList(folder, protobuf, protobufReader)).toStrictEqual(jsonList)
    expect(jsonList.objects).toEqual(expect.arrayContaining(read))
    expect(jsonList.end).toMatchObject({ kind: `${resource.kind}List`, metadata: { continue: '' } })

    const jsonEvents = await readInitialEvents(
      folder,
      json,
      createJsonWatchReader({ decode: decodeJson, keepLastApplied }),
    )
    const watchReader = createProtobufWatchReader({ decode: decodeProtobuf, keepLastApplied })
    const protobufEvents = await readInitialEvents(folder, `${protobuf};stream=watch`, watchReader)
    expect(jsonEvents).toEqual(expect.arrayContaining(read.map((object) => ({ type: 'ADDED', object }))))
    expect(jsonEvents).toHaveLength(jsonList.objects.length)
    expect(new Set(protobufEvents)).toEqual(new Set(jsonEvents))
  })
})
