/** Reviews of tokens and of access, with a server whose responses the test sends. */
import { expect, onTestFinished, test } from 'vitest'
import { createApiClient } from '../../../src/kubernetes/api-client.ts'
import { createAccessReview } from '../../../src/kubernetes/coordination/access-review.ts'
import { createConnection } from '../../../src/kubernetes/transport/connection.ts'
import { createLog, createLogGate } from '../../../src/telemetry/log.ts'
import { createManualClock } from '../../time/manual-clock.ts'
import type { Exchange } from '../scripted-api-server.ts'
import { startScriptedApiServer } from '../scripted-api-server.ts'

const request = { authorization: 'Bearer abc', verb: 'get', path: '/metrics' }
const prometheus = {
  username: 'system:serviceaccount:monitoring:prometheus',
  uid: 'u1',
  groups: ['g'],
  extra: { a: ['b'] },
}

async function start() {
  const server = await startScriptedApiServer()
  const clock = createManualClock()
  const access = {
    server: server.url,
    source: 'a test',
    credentials: async () => ({ tls: {}, headers: {} }),
    renew() {},
    renewIfChanged() {},
    generation: 1,
  }
  const client = createApiClient(createConnection({ access, clock }), 'test')
  const records: Record<string, unknown>[] = []
  const destination = { write: (line: string) => void records.push(JSON.parse(line)) }
  const gate = createLogGate(createLog({ level: 'info', format: 'json', destination }), 60_000, clock.now)
  onTestFinished(async () => {
    client.close()
    await server.close()
  })
  const expectNext = async (path: string): Promise<Exchange> => {
    const exchange = await server.next()
    expect(`${exchange.method} ${exchange.path}`).toBe(`POST ${path}`)
    return exchange
  }
  return {
    server,
    clock,
    records,
    review: createAccessReview({ client, clock, gate }),
    nextTokenReview: () => expectNext('/apis/authentication.k8s.io/v1/tokenreviews'),
    nextAccessReview: () => expectNext('/apis/authorization.k8s.io/v1/subjectaccessreviews'),
  }
}

type World = Awaited<ReturnType<typeof start>>

/** Answers both reviews of the next request. */
async function answer({ nextTokenReview, nextAccessReview }: World, allowed: boolean): Promise<void> {
  const identity = await nextTokenReview()
  identity.created({ status: { authenticated: true, user: prometheus } })
  const access = await nextAccessReview()
  access.created({ status: { allowed } })
}

test('a token with permission for the path is accepted, and not reviewed again for a minute', async () => {
  const world = await start()
  const { review, clock, server, nextTokenReview, nextAccessReview } = world
  const decision = review(request)
  const identity = await nextTokenReview()
  expect(await identity.body()).toEqual({
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    spec: { token: 'abc' },
  })
  identity.created({ status: { authenticated: true, user: prometheus } })
  const access = await nextAccessReview()
  expect(await access.body()).toEqual({
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      user: prometheus.username,
      uid: 'u1',
      groups: ['g'],
      extra: { a: ['b'] },
      nonResourceAttributes: { path: '/metrics', verb: 'get' },
    },
  })
  access.created({ status: { allowed: true } })
  expect(await decision).toBe('allowed')
  clock.elapse(59_999)
  expect(await review(request)).toBe('allowed')
  clock.elapse(1)
  const [again] = await Promise.all([review(request), answer(world, false)])
  expect(again).toBe('forbidden')
  expect(server.waiting()).toBe(0)
})

test.each([undefined, '', 'Bearer', 'Bearer ', 'Basic YTpi', 'abc'])('%j is no token', async (authorization) => {
  const { review, server } = await start()
  expect(await review({ ...request, authorization })).toBe('unauthenticated')
  expect(server.waiting()).toBe(0)
})

test.each([
  [{ authenticated: false, error: 'invalid bearer token' }],
  [{ authenticated: true }],
  [{ authenticated: true, user: { username: '' } }],
  [{}],
])('%j is nobody; asked about again after ten seconds', async (status) => {
  const { review, clock, nextTokenReview } = await start()
  for (const _ of [1, 2]) {
    const decision = review(request)
    const exchange = await nextTokenReview()
    exchange.created({ status })
    expect(await decision).toBe('unauthenticated')
    expect(await review(request)).toBe('unauthenticated')
    clock.elapse(10_000)
  }
})

test('a permission is for one verb, path and token only', async () => {
  const world = await start()
  const [first] = await Promise.all([world.review(request), answer(world, true)])
  expect(first).toBe('allowed')
  for (const other of [{ verb: 'head' }, { path: '/debug' }, { authorization: 'Bearer other' }]) {
    const [decision] = await Promise.all([world.review({ ...request, ...other }), answer(world, false)])
    expect(decision).toBe('forbidden')
  }
  expect(await world.review(request)).toBe('allowed')
})

test.each([
  ['a refusal', (exchange: Exchange) => exchange.refuse(403, { message: 'no' })],
  ['an error', (exchange: Exchange) => exchange.refuse(500)],
  ['a broken connection', (exchange: Exchange) => exchange.cut()],
  ['half an answer', (exchange: Exchange) => exchange.answer('application/json', '{"status":{"allowed":true}')],
] as const)('after %s nobody is let in, at either review, and nothing is cached', async (_name, fail) => {
  const world = await start()
  const { review, records } = world
  const first = review(request)
  fail(await world.nextTokenReview())
  expect(await first).toBe('unavailable')
  const second = review(request)
  const identity = await world.nextTokenReview()
  identity.created({ status: { authenticated: true, user: prometheus } })
  fail(await world.nextAccessReview())
  expect(await second).toBe('unavailable')
  const [third] = await Promise.all([review(request), answer(world, true)])
  expect(third).toBe('allowed')
  expect(records.map(({ level }) => level)).toEqual(['warn', 'info'])
  expect(JSON.stringify(records)).not.toContain('abc')
})

test('a right that is missing is named', async () => {
  const { review, records, nextTokenReview } = await start()
  const decision = review(request)
  const exchange = await nextTokenReview()
  exchange.refuse(403, { message: 'no' })
  await decision
  expect(records[0]?.message).toMatch(/no permission to create tokenreviews .* rbac --auth-filter/)
})

test('an answer that does not say yes is a no', async () => {
  const { review, nextTokenReview, nextAccessReview } = await start()
  const decision = review(request)
  const identity = await nextTokenReview()
  identity.created({ status: { authenticated: true, user: prometheus } })
  const access = await nextAccessReview()
  access.created({ status: { allowed: 'true' } })
  expect(await decision).toBe('forbidden')
})

test('one review at a time is sent for the same token, and only a few for different ones', async () => {
  const world = await start()
  const same = [world.review(request), world.review(request)]
  const others = Array.from({ length: 8 }, (_, i) => world.review({ ...request, authorization: `Bearer ${i}` }))
  expect(await others.at(-1)).toBe('unavailable')
  for (let i = 0; i < 8; i++) {
    const exchange = await world.nextTokenReview()
    exchange.created({ status: { authenticated: false } })
  }
  expect(new Set(await Promise.all([...same, ...others.slice(0, -1)]))).toEqual(new Set(['unauthenticated']))
  expect(world.server.waiting()).toBe(0)
})
