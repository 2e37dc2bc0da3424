/**
 * The simulated API server compared with the real one: both get the same objects and the same requests over HTTP, and the
 * parts of their responses that clients rely on must be equal.
 */

import { request } from 'node:https'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { withoutRight } from '../../simulator/api/api-faults.ts'
import type { ApiServer } from '../../simulator/api/api-server.ts'
import { createApiServer } from '../../simulator/api/api-server.ts'
import { builtInKinds } from '../../simulator/api/built-in-kinds.ts'
import { createAuthority } from '../simulator/otlp/certificates.ts'
import type { Answer } from './api-answers.ts'
import { errorForm, listForm, watchForm } from './api-answers.ts'
import { useRealCluster } from './real-cluster.ts'

const facts = inject('cluster')
const namespace = `simulator-${process.pid}`
const secrets = `/api/v1/namespaces/${namespace}/secrets`
const pods = `/api/v1/namespaces/${namespace}/pods`
const leases = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`

const json = 'application/json'
const protobuf = 'application/vnd.kubernetes.protobuf'
const as = (shape: string, type = json) => `${type};as=${shape};v=v1;g=meta.k8s.io`
const table = as('Table')
const metadata = as('PartialObjectMetadata')
const metadataList = as('PartialObjectMetadataList')
const streamingList = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'

/** Access to one of the two servers. */
interface Server {
  readonly url: string
  readonly ca: string
  readonly token: string
  /** Headers of a request by a user without rights. */
  readonly limited: Readonly<Record<string, string>>
}

let simulator: ApiServer
let servers: readonly [real: Server, simulated: Server]

beforeAll(async () => {
  const authority = createAuthority('authority')
  simulator = await createApiServer({
    kinds: builtInKinds,
    tls: authority.issueLeaf('server'),
    tokens: { admin: 'admin', limited: 'limited' },
    faults: withoutRight(({ user }) => user === 'limited'),
  })
  servers = [
    { url: facts.apiUrl, ca: facts.ca, token: facts.token, limited: { 'impersonate-user': 'limited' } },
    { url: simulator.url, ca: authority.cert, token: 'admin', limited: { authorization: 'Bearer limited' } },
  ]
  await fill()
})

afterAll(async () => {
  await send(servers[0], `/api/v1/namespaces/${namespace}`, { method: 'DELETE' })
  await simulator?.stop()
})

interface Asked {
  readonly accept?: string
  readonly method?: string
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
}

function send(server: Server, path: string, asked: Asked = {}): Promise<Answer> {
  const { accept = json, method = 'GET', body, headers } = asked
  const { ca, token, url } = server
  const own = { accept, authorization: `Bearer ${token}`, 'content-type': json, ...headers }
  return new Promise((resolve, reject) => {
    const sent = request(url + path, { method, headers: own, ca, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      )
    })
    sent.on('error', reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

/** Creates the same objects in both over HTTP. */
async function fill(): Promise<void> {
  const container = { name: 'c', image: 'i' }
  const objects: readonly [path: string, object: object][] = [
    ['/api/v1/namespaces', { metadata: { name: namespace } }],
    ...['s0', 's1', 's2', 's3', 's4']
      .map(
        (name) =>
          [secrets, { metadata: { name, labels: { app: name } }, type: 'Opaque', data: { k: 'dg==' } }] as const,
      )
      .map(([path, object]) => [path, object] as [string, object]),
    [pods, { metadata: { name: 'p0' }, spec: { containers: [container], schedulerName: 'nobody' } }],
    [pods, { metadata: { name: 'p1' }, spec: { containers: [container], schedulerName: 'nobody' } }],
    [leases, { metadata: { name: 'l0' }, spec: { holderIdentity: 'a' } }],
  ]
  for (const [path, body] of objects) {
    for (const server of servers) {
      const { status, body: answer } = await send(server, path, { method: 'POST', body })
      expect(status, answer.toString()).toBe(201)
    }
  }
}

/** The resourceVersion of a list of this server. */
async function resourceVersionOf(server: Server): Promise<string> {
  return JSON.parse((await send(server, secrets)).body.toString()).metadata.resourceVersion
}

type Path = string | ((server: Server) => Promise<string>)

/** Fails unless both responses are equal, reduced by `form`. */
async function compare(path: Path, form: (answer: Answer) => unknown, asked: (server: Server) => Asked = () => ({})) {
  const [real, simulated] = await Promise.all(
    servers.map(async (server) =>
      form(await send(server, typeof path === 'string' ? path : await path(server), asked(server))),
    ),
  )
  expect(simulated).toEqual(real)
  return real
}

const at =
  (query: (resourceVersion: string) => string, path = secrets): Path =>
  async (server) =>
    `${path}?${query(await resourceVersionOf(server))}`

/** The continue token after the first page. */
const tokenOf = async (server: Server, limit = 2): Promise<string> =>
  JSON.parse((await send(server, `${secrets}?limit=${limit}`)).body.toString()).metadata.continue

describe('lists', () => {
  test.each<[string, Path, string]>([
    ['whole', secrets, json],
    ['across namespaces, selected by field', `/api/v1/secrets?fieldSelector=metadata.namespace%3D${namespace}`, json],
    ['one by name', `${secrets}?fieldSelector=metadata.name%3Ds1`, json],
    ['all but one', `${secrets}?fieldSelector=metadata.name!%3Ds1`, json],
    ['of a namespace that is not', '/api/v1/namespaces/none-such/secrets', json],
    ['pods of no node', `${pods}?fieldSelector=spec.nodeName%3D`, json],
    ['a page', `${secrets}?limit=2`, json],
    ['a page of a selection', `${secrets}?limit=2&fieldSelector=metadata.name!%3Ds0`, json],
    ['the next page', async (server) => `${secrets}?limit=2&continue=${await tokenOf(server)}`, json],
    ['the last page', async (server) => `${secrets}?limit=2&continue=${await tokenOf(server, 4)}`, json],
    ['from the cache', `${secrets}?resourceVersion=0`, json],
    ['from the cache, whose answers have no pages', `${secrets}?resourceVersion=0&limit=2`, json],
    ['not older than', at((it) => `resourceVersion=${it}&resourceVersionMatch=NotOlderThan`), json],
    ['exactly', at((it) => `resourceVersion=${it}&resourceVersionMatch=Exact`), json],
    ['any form', secrets, '*/*'],
    ['protobuf', secrets, protobuf],
    ['a page of protobuf', `${secrets}?limit=2`, protobuf],
    ['the first form that is known', secrets, `application/cbor-not, ${protobuf}, ${json}`],
    ['a Table', secrets, table],
    ['a Table without objects', `${secrets}?includeObject=None`, table],
    ['a page of a Table', `${secrets}?limit=2`, table],
    ['metadata', secrets, metadataList],
    ['metadata as protobuf', secrets, as('PartialObjectMetadataList', protobuf)],
  ])('%s', async (_what, path, accept) => {
    await compare(path, listForm, () => ({ accept }))
  })

  test('one object, in each form', async () => {
    for (const accept of [json, protobuf, table, metadata]) await compare(`${secrets}/s1`, listForm, () => ({ accept }))
  })
})

describe('watches', () => {
  test.each<[string, Path, string]>([
    ['without a resourceVersion', `${secrets}?watch=1&timeoutSeconds=1`, json],
    ['without a resourceVersion, with bookmarks', `${secrets}?watch=true&timeoutSeconds=1&allowWatchBookmarks=1`, json],
    ['from 0', `${secrets}?watch=1&timeoutSeconds=1&resourceVersion=0&allowWatchBookmarks=true`, json],
    ['from the present', at((it) => `watch=1&timeoutSeconds=1&resourceVersion=${it}`), json],
    ['from the future', `${secrets}?watch=1&timeoutSeconds=2&resourceVersion=99999999&allowWatchBookmarks=true`, json],
    ['beginning with a list', `${secrets}?${streamingList}&timeoutSeconds=1`, json],
    [
      'beginning with a list of the future',
      `${secrets}?${streamingList}&timeoutSeconds=9&resourceVersion=9999999`,
      json,
    ],
    ['beginning with a list, of pods', `${pods}?${streamingList}&timeoutSeconds=1`, json],
    ['beginning with a list, as protobuf', `${secrets}?${streamingList}&timeoutSeconds=1`, `${protobuf};stream=watch`],
    ['beginning with a list, as a Table', `${secrets}?${streamingList}&timeoutSeconds=1`, table],
    ['beginning with a list, metadata', `${secrets}?${streamingList}&timeoutSeconds=1`, metadata],
    ['selected', `${secrets}?${streamingList}&timeoutSeconds=1&fieldSelector=metadata.name%3Ds1`, json],
  ])('%s', async (_what, path, accept) => {
    await compare(path, watchForm, () => ({ accept }))
  })

  test('changes, and changes across a selector', async () => {
    const watchAll = at((it) => `watch=1&timeoutSeconds=3&resourceVersion=${it}`, pods)
    const watchOne = at((it) => `watch=1&timeoutSeconds=3&resourceVersion=${it}&fieldSelector=spec.nodeName%3Dn1`, pods)
    const before = await Promise.all(
      servers.map((server) =>
        Promise.all([watchAll, watchOne].map((it) => (it as (server: Server) => Promise<string>)(server))),
      ),
    )
    for (const server of servers) await changePods(server)
    for (const which of [0, 1]) {
      const form = await compare(async (server) => before[servers.indexOf(server)]?.[which] ?? '', watchForm)
      expect(JSON.stringify(form)).toContain(which === 0 ? '"DELETED p2"' : '"ADDED p2"')
    }
  })
})

/** A pod comes unbound, is bound to a node and goes. */
async function changePods(server: Server): Promise<void> {
  const spec = { containers: [{ name: 'c', image: 'i' }], schedulerName: 'nobody', terminationGracePeriodSeconds: 0 }
  const made = await send(server, pods, { method: 'POST', body: { metadata: { name: 'p2' }, spec } })
  const pod = JSON.parse(made.body.toString())
  const target = { apiVersion: 'v1', kind: 'Node', name: 'n1' }
  if (server === servers[0]) {
    const binding = { metadata: { name: 'p2' }, target }
    await send(server, `${pods}/p2/binding`, { method: 'POST', body: binding })
  } else {
    // The simulator has no subresources: the binding is an update.
    const bound = { ...pod, spec: { ...pod.spec, nodeName: 'n1' } }
    await send(server, `${pods}/p2`, { method: 'PUT', body: bound })
    const metadata = { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 0 }
    const { resourceVersion, ...dying } = metadata
    await send(server, `${pods}/p2`, { method: 'PUT', body: { ...bound, metadata: dying } })
  }
  await send(server, `${pods}/p2?gracePeriodSeconds=0`, { method: 'DELETE' })
}

describe('refusals', () => {
  test.each<[string, Path]>([
    ['an object that is not', `${secrets}/none`],
    ['an object that is not, in a group', '/apis/apps/v1/namespaces/default/deployments/none'],
    ['a resource that is not', '/api/v1/nothings'],
    ['a resource of another group', `/apis/apps/v1/namespaces/${namespace}/secrets`],
    ['a cluster-wide resource in a namespace', `/api/v1/namespaces/${namespace}/nodes`],
    ['a continue token that is none', `${secrets}?continue=garbage`],
    [
      'a token and a resourceVersion',
      async (it) => `${secrets}?limit=2&resourceVersion=1&continue=${await tokenOf(it)}`,
    ],
    ['a resourceVersion that is none', `${secrets}?resourceVersion=abc`],
    ['a resourceVersion of the future', `${secrets}?resourceVersion=99999999`],
    ['not older than the future', `${secrets}?resourceVersion=99999999&resourceVersionMatch=NotOlderThan`],
    ['exactly the future', `${secrets}?resourceVersion=99999999&resourceVersionMatch=Exact`],
    ['a match without resourceVersion', `${secrets}?resourceVersionMatch=NotOlderThan`],
    ['exactly 0', `${secrets}?resourceVersion=0&resourceVersionMatch=Exact`],
    ['an unknown match', `${secrets}?resourceVersion=1&resourceVersionMatch=Foo`],
    ['initial events of a list', `${secrets}?sendInitialEvents=true&resourceVersionMatch=NotOlderThan`],
    ['initial events without match', `${secrets}?watch=1&sendInitialEvents=true`],
    ['a watch with a match only', `${secrets}?watch=1&resourceVersionMatch=NotOlderThan&resourceVersion=1`],
    ['a watch from a resourceVersion that is none', `${secrets}?watch=1&resourceVersion=abc`],
    ['an unknown field', `${secrets}?fieldSelector=spec.nodeName%3Dx`],
    ['a selector that is none', `${secrets}?fieldSelector=foo`],
    ['a limit that is none', `${secrets}?limit=abc`],
    ['a collection that is put', secrets],
  ])('%s', async (what, path) => {
    const method = what.endsWith('is put') ? 'PUT' : 'GET'
    for (const accept of [json, protobuf]) await compare(path, errorForm, () => ({ accept, method }))
  })

  test.each([
    ['an unknown form', secrets, 'text/plain'],
    ['a Table as protobuf', secrets, as('Table', protobuf)],
    ['a Table of an unknown group', secrets, 'application/json;as=Table;v=v1;g=none'],
    ['metadata of an object for a list', secrets, metadata],
    ['metadata of a list for an object', `${secrets}/s1`, metadataList],
  ])('%s', async (_what, path, accept) => {
    await compare(path, errorForm, () => ({ accept }))
  })

  test.each([
    ['list', secrets],
    ['list everywhere', '/api/v1/secrets'],
    ['get', `${secrets}/s1`],
    ['watch in a group', `${leases}?watch=1`],
  ])('403: %s', async (_what, path) => {
    const form = await compare(path, errorForm, ({ limited }) => ({ headers: limited }))
    expect(form).toMatchObject({
      status: 403,
      body: { reason: 'Forbidden', message: expect.stringContaining('limited') },
    })
  })

  test('401', async () => {
    const headers = { authorization: 'Bearer none' }
    for (const accept of [json, protobuf]) {
      expect(await compare(secrets, errorForm, () => ({ headers, accept }))).toMatchObject({ status: 401 })
    }
  })

  test('writes that conflict', async () => {
    const lease = { metadata: { name: 'l0' }, spec: { holderIdentity: 'b' } }
    const outdated = { ...lease, metadata: { name: 'l0', resourceVersion: '1' } }
    await compare(leases, errorForm, () => ({ method: 'POST', body: lease }))
    await compare(`${leases}/l0`, errorForm, () => ({ method: 'PUT', body: outdated }))
    await compare(`${leases}/none`, errorForm, () => ({ method: 'DELETE' }))
  })

  test('health, version and paths that are not', async () => {
    for (const path of ['/readyz', '/livez', '/nothing']) {
      await compare(path, ({ status, headers, body }) => [status, headers['content-type'], body.toString()])
    }
    await compare('/version', ({ status, body }) => [status, JSON.parse(body.toString()).major])
  })
})

test('after a restart and a compaction: 410 for older tokens, resourceVersions and watches, and a token to continue with', async () => {
  const tokens = await Promise.all(servers.map((server) => tokenOf(server)))
  const moments = await Promise.all(servers.map(resourceVersionOf))
  for (const server of servers) await send(server, `${secrets}/s4`, { method: 'DELETE' })
  const cluster = useRealCluster(facts)
  await cluster.killApiServer()
  await cluster.startApiServer()
  await compactBoth()
  const before = (query: (index: number) => string) => async (server: Server) =>
    `${secrets}?${query(servers.indexOf(server))}`
  const page = before((index) => `limit=2&continue=${tokens[index]}`)
  expect(await compare(page, errorForm)).toMatchObject({ status: 410, body: { reason: 'Expired', continue: true } })
  const moment = before((index) => `resourceVersionMatch=Exact&resourceVersion=${moments[index]}`)
  expect(await compare(moment, errorForm)).toMatchObject({ status: 410, body: { reason: 'Expired' } })
  const watch = before((index) => `watch=1&timeoutSeconds=5&resourceVersion=${moments[index]}`)
  expect(JSON.stringify(await compare(watch, watchForm))).toContain('Expired')
})

/** Etcd forgets all but the present, and so does the simulator. */
async function compactBoth(): Promise<void> {
  const etcd = `http://127.0.0.1:${facts.ports.ETCD_PORT}/v3/kv`
  const post = async (action: string, body: object) =>
    (await fetch(`${etcd}/${action}`, { method: 'POST', body: JSON.stringify(body) })).json() as Promise<{
      header?: { revision: string }
    }>
  const { header } = await post('range', { key: Buffer.from('/').toString('base64') })
  expect(header?.revision).toBeDefined()
  await post('compaction', { revision: header?.revision, physical: true })
  simulator.objects.compact()
}
