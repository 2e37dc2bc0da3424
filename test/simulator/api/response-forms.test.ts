import { once } from 'node:events'
import { connect } from 'node:http2'
import { expect, test } from 'vitest'
import { always, cutAfter, requestsFor } from '../../../simulator/api/api-faults.ts'
import { compileJsonDecoder } from '../../../src/kubernetes/decode/json.ts'
import { compileProtobufDecoder } from '../../../src/kubernetes/decode/protobuf.ts'
import { createProtobufListReader, createProtobufWatchReader } from '../../../src/kubernetes/decode/protobuf-stream.ts'
import { Pod } from '../../../src/schemas/pod.ts'
import { createAuthority } from '../otlp/certificates.ts'
import type { Json } from './served.ts'
import { createConfigMaps, get, getJson, serve, watch } from './served.ts'

const table = 'application/json;as=Table;v=v1;g=meta.k8s.io'
const protobuf = 'application/vnd.kubernetes.protobuf'
const pod = {
  metadata: { name: 'p', namespace: 'default', labels: { a: 'b' } },
  spec: {
    nodeName: 'n1',
    containers: [{ name: 'c', image: 'i<&>', resources: { limits: { cpu: '100m' } } }],
    tolerations: [{ key: 'k', tolerationSeconds: 9007199254740993n }],
  },
  status: { phase: 'Running', startTime: '2026-01-01T00:00:00Z' },
}

test('secrets as a Table: cells, and metadata without data; columns once per watch; a bookmark with an empty row', async () => {
  const server = await serve()
  for (const name of ['s0', 's1']) {
    const metadata = { name, namespace: 'default' }
    server.objects.create('secrets', { metadata, type: 'Opaque', data: { password: 'aHVzaA==' } })
  }
  const list = await getJson(server, '/api/v1/secrets', { accept: table })
  expect(list).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata: { resourceVersion: '102' } })
  expect(list.columnDefinitions.map((it: Json) => it.name)).toEqual(['Name', 'Type', 'Data', 'Age'])
  expect(list.rows[0]).toMatchObject({ cells: ['s0', 'Opaque', 1, '0s'], object: { kind: 'PartialObjectMetadata' } })
  expect(JSON.stringify(list)).not.toContain('aHVzaA')

  const query = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'
  const stream = await watch(server, `/api/v1/secrets?${query}`, { accept: table })
  const [first, second, bookmark] = [await stream.next(), await stream.next(), await stream.next()]
  expect(first.object.columnDefinitions).toHaveLength(4)
  expect([second.object.columnDefinitions, second.object.rows[0].cells[0]]).toEqual([null, 's1'])
  expect(bookmark).toMatchObject({ type: 'BOOKMARK', object: { kind: 'Table', metadata: { resourceVersion: '102' } } })
  expect(bookmark.object.rows[0].cells).toEqual(['', '', 0, '<unknown>'])
  expect(bookmark.object.rows[0].object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' })
})

test('ConfigMaps as PartialObjectMetadata; a list type for an object is rejected, and vice versa', async () => {
  const server = await serve()
  createConfigMaps(server, 1)
  const as = (name: string) => ({ accept: `application/json;as=${name};v=v1;g=meta.k8s.io` })
  const list = await getJson(server, '/api/v1/configmaps', as('PartialObjectMetadataList'))
  expect([list.kind, list.items[0].kind, list.items[0].data]).toEqual([
    'PartialObjectMetadataList',
    'PartialObjectMetadata',
    undefined,
  ])
  expect((await get(server, '/api/v1/configmaps', as('PartialObjectMetadata'))).status).toBe(406)
  const stream = await watch(server, '/api/v1/configmaps?watch=1', as('PartialObjectMetadata'))
  expect((await stream.next()).object).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'c0' } })
})

test('protobuf has the same content as JSON, big integers with all digits', async () => {
  const server = await serve()
  server.objects.create('pods', pod)
  server.objects.create('pods', { ...pod, metadata: { name: 'q', namespace: 'default' } })
  const { body, headers } = await get(server, '/api/v1/pods', { accept: protobuf })
  expect(headers['content-type']).toBe(protobuf)
  const decode = compileProtobufDecoder(Pod)
  const reader = createProtobufListReader({ decode })
  const decoded = [...reader.read(body)]
  expect(reader.end()).toMatchObject({ kind: 'PodList', metadata: { resourceVersion: '102' } })
  const json = await get(server, '/api/v1/pods')
  expect(json.body.toString()).toContain('"tolerationSeconds":9007199254740993')
  expect(json.body.toString()).toContain('i\\u003c\\u0026\\u003e')
  const text = json.body.toString().replaceAll('9007199254740993', '"9007199254740993"')
  const fromJson = JSON.parse(text).items.map(compileJsonDecoder(Pod))
  expect(decoded.map(plain)).toEqual(fromJson.map(plain))
  const query = 'watch=1&allowWatchBookmarks=true&timeoutSeconds=1'
  const stream = await get(server, `/api/v1/pods?${query}`, { accept: `${protobuf};stream=watch` })
  expect(stream.headers['content-type']).toBe(`${protobuf};stream=watch`)
  const events = [...createProtobufWatchReader({ decode }).read(stream.body)]
  expect(events.map((event: Json) => event.type)).toEqual(['ADDED', 'ADDED', 'BOOKMARK'])
  expect(events[2]).toMatchObject({ initialEventsEnd: true, resourceVersion: '102' })
})

const plain = (value: unknown) =>
  JSON.stringify(value, (_key, it) => (typeof it === 'bigint' ? `${it}` : it instanceof Map ? [...it] : it))

test('custom resources are always JSON; errors are protobuf for clients that accept it', async () => {
  const kinds = [{ plural: 'widgets', apiVersion: 'example.org/v1', kind: 'Widget', namespaced: true }]
  const server = await serve({ kinds })
  server.objects.create('widgets', { metadata: { name: 'w', namespace: 'default' } })
  const accept = `${protobuf}, application/json`
  const { items } = await getJson(server, '/apis/example.org/v1/widgets', { accept })
  expect(items[0]).toMatchObject({ kind: 'Widget', apiVersion: 'example.org/v1' })
  const missing = await get(server, '/apis/example.org/v1/namespaces/default/widgets/none', { accept })
  expect([missing.status, missing.headers['content-type']]).toEqual([404, protobuf])
  expect((await get(server, '/apis/example.org/v1/widgets', { accept: protobuf })).status).toBe(406)
})

test('TLS: HTTP/2 if the client offers it, HTTP/1.1 otherwise, tokens in both', async () => {
  const authority = createAuthority('authority')
  const tls = authority.issueLeaf('server')
  const server = await serve({ tls, authority: authority.cert, tokens: { secret: 'alice' } })
  createConfigMaps(server, 2000)
  const session = connect(server.url, { ca: authority.cert })
  const stream = session.request({ ':path': '/api/v1/configmaps', authorization: 'Bearer secret' })
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  session.close()
  expect(JSON.parse(Buffer.concat(chunks).toString()).items).toHaveLength(2000)
  const refused = await get(server, '/api/v1/configmaps', { authority: authority.cert, token: 'wrong' })
  expect([refused.status, JSON.parse(refused.body.toString()).reason]).toEqual([401, 'Unauthorized'])
  expect(server.requests.map(({ httpVersion, user }) => `${httpVersion} ${user}`)).toEqual([
    '2.0 alice',
    '1.1 system:anonymous',
  ])
  const { users, clusters } = JSON.parse(server.kubeconfig())
  expect([users[0].user.token, clusters[0].cluster.server]).toEqual(['secret', server.url])
})

test('writes: create, update by compare-and-swap, delete', async () => {
  const server = await serve()
  const path = '/apis/coordination.k8s.io/v1/namespaces/default/leases'
  const lease = { metadata: { name: 'l' }, spec: { holderIdentity: 'a' } }
  const send = async (method: string, target: string, body?: unknown) => {
    const answer = await get(server, target, { method, body })
    return { status: answer.status, ...JSON.parse(answer.body.toString()) }
  }
  const created = await send('POST', path, lease)
  expect(created).toMatchObject({
    status: 201,
    kind: 'Lease',
    metadata: { namespace: 'default', resourceVersion: '101' },
  })
  expect(await send('POST', path, lease)).toMatchObject({ reason: 'AlreadyExists' })
  const renewed = { ...lease, metadata: created.metadata, spec: { holderIdentity: 'b' } }
  expect(await send('PUT', `${path}/l`, renewed)).toMatchObject({ spec: { holderIdentity: 'b' } })
  expect(await send('PUT', `${path}/l`, renewed)).toMatchObject({ reason: 'Conflict', code: 409 })
  expect((await send('DELETE', `${path}/l`)).status).toBe(200)
  expect(await send('GET', `${path}/l`)).toMatchObject({ reason: 'NotFound' })
})

test('over HTTP/2 a cut closes the session with all streams, after the data sent before', async () => {
  const authority = createAuthority('authority')
  const server = await serve({ tls: authority.issueLeaf('server') })
  createConfigMaps(server, 3)
  const session = connect(server.url, { ca: authority.cert })
  const idle = session.request({ ':path': '/api/v1/pods?watch=1' })
  await once(idle, 'response')
  server.setFaults(always(requestsFor('configmaps'), cutAfter(2)))
  const stream = session.request({ ':path': '/api/v1/configmaps' })
  let text = ''
  stream.on('data', (chunk) => {
    text += chunk
  })
  for (const broken of [session, stream, idle]) broken.on('error', () => {})
  await Promise.all([session, stream, idle].map((it) => once(it, 'close')))
  expect(JSON.parse(`${text}]}`).items).toHaveLength(2)
})
