/** Writes objects to the etcd of an API server, reads them as JSON and as protobuf, alone, in lists and in watches, and compares. */
import type { IncomingMessage } from 'node:http'
import { expect } from 'vitest'
import type { AnyResource } from '../../src/families/family.ts'
import { decodeEnveloped } from '../../src/kubernetes/decode/envelope.ts'
import { compileJsonDecoder } from '../../src/kubernetes/decode/json.ts'
import { parseExact } from '../../src/kubernetes/decode/json-scan.ts'
import { createJsonListReader, createJsonWatchReader } from '../../src/kubernetes/decode/json-stream.ts'
import { compileProtobufDecoder } from '../../src/kubernetes/decode/protobuf.ts'
import { createProtobufListReader, createProtobufWatchReader } from '../../src/kubernetes/decode/protobuf-stream.ts'
import type { KubernetesObject } from '../../src/schemas/object-meta.ts'
import type { ApiServer } from './api-server.ts'
import { corpusOf, folderOf, storeAll } from './corpus.ts'

const json = 'application/json'
const protobuf = 'application/vnd.kubernetes.protobuf'
const keepLastApplied = true

type ListReader = ReturnType<typeof createJsonListReader<unknown>>
type WatchReader = ReturnType<typeof createJsonWatchReader<unknown>>

export interface DecoderComparison {
  readonly resource: AnyResource
  /** Whether the API server streams lists; otherwise a watch from its cache is read, until it has as many objects as the list. */
  readonly streamsLists: boolean
}

/** Stores the objects of the cases of one resource, and expects that both decoders read the same. Returns their number. */
export async function compareDecoders(
  server: ApiServer,
  { resource, streamsLists }: DecoderComparison,
): Promise<number> {
  const objects = corpusOf(resource)
  const decodeJson = compileJsonDecoder<KubernetesObject>(resource.schema)
  const decodeProtobuf = compileProtobufDecoder<KubernetesObject>(resource.schema)
  expect(objects.length).toBeGreaterThan(0)
  await storeAll(server, resource, objects)
  const read: unknown[] = []
  for (const { metadata } of objects) {
    const path = pathOf(resource, metadata)
    const fromJson = decodeJson(parseExact(String(await readBody(server, path, json))))
    const enveloped = decodeEnveloped(await readBody(server, path, protobuf), decodeProtobuf)
    expect(enveloped).toStrictEqual({ apiVersion: resource.apiVersion, kind: resource.kind, object: fromJson })
    expect(fromJson.metadata.name).toBe(metadata.name)
    read.push(fromJson)
  }

  const folder = folderOf(resource)
  const jsonList = await readList(server, folder, json, createJsonListReader({ decode: decodeJson, keepLastApplied }))
  const protobufReader = createProtobufListReader({ decode: decodeProtobuf, keepLastApplied })
  // At the same revision, since the API server writes objects of its own in between.
  const same = `${folder}?resourceVersion=${jsonList.end.metadata?.resourceVersion}&resourceVersionMatch=Exact`
  expect(await readList(server, same, protobuf, protobufReader)).toStrictEqual(jsonList)
  expect(jsonList.objects).toEqual(expect.arrayContaining(read))
  expect(jsonList.end).toMatchObject({ kind: `${resource.kind}List`, metadata: { continue: '' } })

  const watch = (accept: string, reader: WatchReader) =>
    streamsLists
      ? readInitialEvents(server, folder, accept, reader)
      : readCachedEvents(server, folder, accept, reader, jsonList.objects.length)
  const jsonEvents = await watch(json, createJsonWatchReader({ decode: decodeJson, keepLastApplied }))
  const watchReader = createProtobufWatchReader({ decode: decodeProtobuf, keepLastApplied })
  const protobufEvents = await watch(`${protobuf};stream=watch`, watchReader)
  expect(jsonEvents).toEqual(expect.arrayContaining(read.map((object) => ({ type: 'ADDED', object }))))
  expect(jsonEvents).toHaveLength(jsonList.objects.length)
  expect(new Set(protobufEvents)).toEqual(new Set(jsonEvents))
  return objects.length
}

function pathOf(resource: AnyResource, { namespace, name }: Record<string, unknown>): string {
  const scope = resource.namespaced ? `namespaces/${namespace}/` : ''
  return folderOf(resource).replace(/[^/]+$/, `${scope}${resource.plural}/${name}`)
}

/** The body of a response. */
export async function bodyOf(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function readBody(server: ApiServer, path: string, accept: string): Promise<Buffer> {
  const answer = await server.get(path, accept)
  const body = await bodyOf(answer)
  expect(answer.statusCode, `${path}: ${body}`).toBe(200)
  expect(answer.headers['content-type']).toContain(accept)
  return body
}

async function readList(server: ApiServer, path: string, accept: string, reader: ListReader) {
  const answer = await server.get(path, accept)
  const objects: unknown[] = []
  for await (const chunk of answer) objects.push(...reader.read(chunk))
  return { objects, end: reader.end() }
}

async function readInitialEvents(server: ApiServer, path: string, accept: string, reader: WatchReader) {
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

async function readCachedEvents(server: ApiServer, path: string, accept: string, reader: WatchReader, count: number) {
  const answer = await server.get(`${path}?watch=true&resourceVersion=0&timeoutSeconds=30`, accept)
  const events: unknown[] = []
  for await (const chunk of answer) {
    events.push(...reader.read(chunk))
    if (events.length >= count) return events
  }
  throw new Error(`the watch ended after ${events.length} of ${count} objects`)
}
