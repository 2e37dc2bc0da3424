import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import {
  always,
  cutAfter,
  cutConnection,
  errorAfter,
  failWith,
  firstOf,
  garbageAfter,
  inTurn,
  keepSilent,
  refuseToken,
  requestsFor,
  sendSlowly,
  silenceAfter,
  throttle,
  withoutRight,
} from '../../../simulator/api/api-faults.ts'
import { brief, createConfigMaps, get, getJson, serve, watch } from './served.ts'

const path = '/api/v1/configmaps'
const any = () => true

test('errors: 401, 403 with the RBAC message, 429 with Retry-After, 500 and 503', async () => {
  const server = await serve({
    faults: firstOf(
      withoutRight(requestsFor('secrets', 'list')),
      inTurn(requestsFor('configmaps'), refuseToken(), throttle(7), failWith(500), failWith(503)),
    ),
  })
  const answers = []
  for (const target of [path, path, path, path, path, '/api/v1/namespaces/a/secrets'])
    answers.push(await get(server, target))
  expect(answers.map(({ status }) => status)).toEqual([401, 429, 500, 503, 200, 403])
  expect(answers[1]?.headers['retry-after']).toBe('7')
  expect(JSON.parse(answers[5]?.body.toString() ?? '')).toMatchObject({
    reason: 'Forbidden',
    message:
      'secrets is forbidden: User "system:anonymous" cannot list resource "secrets" in API group "" in the namespace "a"',
    details: { kind: 'secrets' },
  })
})

test('closed connections: instead of a response, between items, within an item', async () => {
  const server = await serve()
  createConfigMaps(server, 5)
  server.setFaults(always(any, cutConnection()))
  await expect(get(server, path)).rejects.toThrow('socket hang up')
  server.setFaults(always(any, cutAfter(2)))
  const between = await get(server, path)
  server.setFaults(always(any, cutAfter(2, true)))
  const within = await get(server, path)
  expect([between.isComplete, within.isComplete]).toEqual([false, false])
  expect(JSON.parse(`${between.body}]}`).items).toHaveLength(2)
  expect(within.body.length).toBeGreaterThan(between.body.length)
  expect(() => JSON.parse(`${within.body}]}`)).toThrow()
})

test('an ERROR event after a number of events ends a watch', async () => {
  const server = await serve({ faults: always(requestsFor('configmaps', 'watch'), errorAfter(1)) })
  createConfigMaps(server, 3)
  const stream = await watch(server, `${path}?watch=1`)
  expect([brief(await stream.next()), brief(await stream.next())]).toEqual(['ADDED c0', 'ERROR Expired'])
  expect(await stream.ended).toBe(true)
})

test('silence: no response, or no more events on an open stream', async () => {
  const server = await serve({ faults: inTurn(any, keepSilent(), silenceAfter(1)) })
  createConfigMaps(server, 2)
  const unanswered = get(server, path)
  const stream = await watch(server, `${path}?watch=1`)
  expect(brief(await stream.next())).toBe('ADDED c0')
  createConfigMaps(server, 1, 'other')
  server.sendBookmarks()
  const outcome = await Promise.race([stream.next(), unanswered, stream.ended, sleep(50, 'silence')])
  expect(outcome).toBe('silence')
  const rejected = expect(unanswered).rejects.toThrow()
  await server.stop()
  await rejected
})

test('invalid bytes on an open stream, and slow bytes', async () => {
  const server = await serve({ faults: inTurn(any, garbageAfter(1, Buffer.from('{"type":\n')), sendSlowly(10, 0)) })
  createConfigMaps(server, 2)
  const stream = await watch(server, `${path}?watch=1`)
  await stream.next()
  await expect(stream.next()).rejects.toThrow('JSON')
  expect((await getJson(server, path)).items).toHaveLength(2)
})

test('running watches can be closed, ended or sent errors', async () => {
  const server = await serve()
  const streams = []
  for (const resource of ['configmaps', 'secrets', 'pods'])
    streams.push(await watch(server, `/api/v1/${resource}?watch=1`))
  const [configMaps, secrets, pods] = streams
  await expect.poll(() => server.watches().length).toBe(3)
  expect(await server.interruptWatches('cut', requestsFor('configmaps'))).toBe(1)
  expect(await configMaps?.ended).toBe(false)
  await server.interruptWatches('end', requestsFor('secrets'))
  expect(await secrets?.ended).toBe(true)
  await server.interruptWatches({ error: { code: 429, reason: 'TooManyRequests', message: 'later' } })
  expect(brief(await pods?.next())).toBe('ERROR TooManyRequests')
  await expect.poll(() => server.watches()).toEqual([])
})

test('without bookmarks a streaming list never signals its end', async () => {
  const server = await serve({ faults: always(any, { withoutBookmarks: 'initial' }) })
  createConfigMaps(server, 1)
  const query = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'
  const stream = await watch(server, `${path}?${query}`)
  expect(brief(await stream.next())).toBe('ADDED c0')
  server.sendBookmarks()
  const bookmark = await stream.next()
  expect([bookmark.type, bookmark.object.metadata]).toEqual(['BOOKMARK', { resourceVersion: '101' }])
})

test('a response can be delayed and replaced', async () => {
  let release = () => {}
  const until = new Promise<void>((resolve) => {
    release = resolve
  })
  const review = { kind: 'TokenReview', status: { authenticated: true } }
  const server = await serve({ faults: always(any, { until, response: { code: 201, body: review } }) })
  const answered = get(server, '/apis/authentication.k8s.io/v1/tokenreviews', { method: 'POST', body: { spec: {} } })
  await expect.poll(() => server.requests.length).toBe(1)
  release()
  const { status, body } = await answered
  expect([status, JSON.parse(body.toString())]).toEqual([201, review])
  expect(server.requests[0]?.body).toEqual({ spec: {} })
})
