/** Authorisation that is passed in: its requests, and the responses for its results. */
import { afterEach, expect, test } from 'vitest'
import type { AccessDecision, AccessRequest } from '../../src/server/request-guard.ts'
import { ask, startServers } from './fixture.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function start(decision: AccessDecision) {
  const asked: AccessRequest[] = []
  const authorise = async (request: AccessRequest) => {
    asked.push(request)
    return decision
  }
  const servers = await startServers(() => [Buffer.from('a 1\n')], { authorise })
  closers.push(() => servers.close(0))
  return { ...servers, asked }
}

test.each([
  ['allowed', 200, undefined],
  ['unauthenticated', 401, 'Bearer realm="kube-state-otlp"'],
  ['forbidden', 403, undefined],
  ['unavailable', 503, undefined],
] as const)('%s is %i, on both ports', async (decision, status, challenge) => {
  const { url, selfUrl, pages } = await start(decision)
  for (const address of [url('/metrics'), selfUrl('/metrics')]) {
    const answer = await ask(address)
    expect(answer.status).toBe(status)
    expect(answer.headers['www-authenticate']).toBe(challenge)
  }
  expect(pages).toHaveLength(decision === 'allowed' ? 1 : 0)
})

test('it is asked with verb, path and token; what leads to a route is that route', async () => {
  const { url, asked } = await start('forbidden')
  const headers = { authorization: 'Bearer abc' }
  await ask(url('/metrics?resources=pods'), { headers })
  await ask(url('/%6detrics'), { method: 'HEAD' })
  await ask(url('/secret/page'))
  expect(asked).toEqual([
    { authorization: 'Bearer abc', verb: 'get', path: '/metrics' },
    { authorization: undefined, verb: 'head', path: '/metrics' },
    { authorization: undefined, verb: 'get', path: '/secret/page' },
  ])
})

test('probes, readiness and the page of links are open', async () => {
  const { url, selfUrl, asked } = await start('forbidden')
  for (const address of [url('/'), url('/livez'), url('/healthz'), selfUrl('/readyz'), selfUrl('/')]) {
    expect((await ask(address)).status).toBe(200)
  }
  expect(asked).toEqual([])
})

test('what the series cost is for those who may see it', async () => {
  const cardinality = async () => ({ total: { series: 7 } })
  for (const [decision, status] of [
    ['forbidden', 403],
    ['allowed', 200],
  ] as const) {
    const asked: AccessRequest[] = []
    const authorise = async (request: AccessRequest) => {
      asked.push(request)
      return decision
    }
    const servers = await startServers(() => [], { cardinality, authorise })
    closers.push(() => servers.close(0))
    expect((await ask(servers.selfUrl('/cardinality'))).status).toBe(status)
    expect(asked).toEqual([{ authorization: undefined, verb: 'get', path: '/cardinality' }])
  }
})

test('the status page at / is for those who may see it', async () => {
  const status = { read: async () => expect.fail('nobody may read it'), lookUp: () => undefined }
  const servers = await startServers(() => [], { status, authorise: async () => 'forbidden' })
  closers.push(() => servers.close(0))
  expect((await ask(servers.selfUrl('/'))).status).toBe(403)
  expect((await ask(servers.selfUrl('/readyz'))).status).toBe(200)
  expect((await ask(servers.url('/'))).status).toBe(200)
})
