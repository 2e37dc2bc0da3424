import { describe, expect, test } from 'vitest'
import type { Json } from './served.ts'
import { brief, createConfigMaps, get, getJson, serve, watch } from './served.ts'

const configMaps = '/api/v1/configmaps'
const streamingList = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'

describe('lists', () => {
  test('have the same format as the real server', async () => {
    const server = await serve()
    createConfigMaps(server, 1)
    expect(await getJson(server, configMaps)).toEqual({
      kind: 'ConfigMapList',
      apiVersion: 'v1',
      metadata: { resourceVersion: '101' },
      items: [
        {
          metadata: {
            name: 'c0',
            namespace: 'default',
            uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
            resourceVersion: '101',
            creationTimestamp: '2026-01-01T00:00:00Z',
          },
          data: { key: 'value' },
        },
      ],
    })
  })

  test('are consistent across pages, in spite of changes in between', async () => {
    const server = await serve()
    createConfigMaps(server, 5)
    const first = await getJson(server, `${configMaps}?limit=2`)
    expect(first.metadata).toMatchObject({ resourceVersion: '105', remainingItemCount: 3 })
    server.objects.delete('configmaps', { name: 'c2', namespace: 'default' })
    server.objects.create('configmaps', { metadata: { name: 'c2x', namespace: 'default' } })
    const second = await getJson(server, `${configMaps}?limit=2&continue=${first.metadata.continue}`)
    const third = await getJson(server, `${configMaps}?limit=2&continue=${second.metadata.continue}`)
    const names = [first, second, third].flatMap(({ items }) => items.map((it: Json) => it.metadata.name))
    expect(names).toEqual(['c0', 'c1', 'c2', 'c3', 'c4'])
    expect(third.metadata).toEqual({ resourceVersion: '105' })
  })

  test('respond 410 to an expired continue token, with a token to continue inconsistently', async () => {
    const server = await serve()
    createConfigMaps(server, 3)
    const { metadata } = await getJson(server, `${configMaps}?limit=1`)
    createConfigMaps(server, 1, 'other')
    server.objects.compact()
    const refused = await get(server, `${configMaps}?limit=1&continue=${metadata.continue}`)
    const status = JSON.parse(refused.body.toString())
    expect([refused.status, status.reason]).toEqual([410, 'Expired'])
    const rest = await getJson(server, `${configMaps}?continue=${status.metadata.continue}`)
    expect(rest.items.map((it: Json) => it.metadata.name)).toEqual(['c1', 'c2', 'c0'])
  })

  test.each([
    ['metadata.name=c1', ['a/c1', 'b/c1']],
    ['metadata.namespace!=a', ['b/c0', 'b/c1']],
    ['metadata.namespace!=a,metadata.name!=c0', ['b/c1']],
  ])('select by %s', async (selector, expected) => {
    const server = await serve()
    createConfigMaps(server, 2, 'a')
    createConfigMaps(server, 2, 'b')
    const { items } = await getJson(server, `${configMaps}?fieldSelector=${encodeURIComponent(selector)}`)
    expect(items.map((it: Json) => `${it.metadata.namespace}/${it.metadata.name}`)).toEqual(expected)
  })

  test.each([
    ['tier=a', ['c1', 'c2']],
    ['tier=a,!old', ['c1']],
    ['tier!=a', ['c0']],
    ['old', ['c2']],
  ])('select by labels %s', async (selector, expected) => {
    const server = await serve()
    const labels = [undefined, { tier: 'a' }, { tier: 'a', old: '' }]
    for (const [i, of] of labels.entries()) {
      server.objects.create('configmaps', {
        metadata: { name: `c${i}`, namespace: 'default', ...(of && { labels: of }) },
      })
    }
    const { items } = await getJson(server, `${configMaps}?labelSelector=${encodeURIComponent(selector)}`)
    expect(items.map((it: Json) => it.metadata.name)).toEqual(expected)
  })

  test('serve older resourceVersions as far as the history goes back', async () => {
    const server = await serve({ historySize: 4 })
    createConfigMaps(server, 8)
    const at = (resourceVersion: number) =>
      get(server, `${configMaps}?resourceVersionMatch=Exact&resourceVersion=${resourceVersion}`)
    expect(JSON.parse((await at(106)).body.toString()).items).toHaveLength(6)
    expect((await at(101)).status).toBe(410)
  })
})

describe('watches', () => {
  test('start from a resourceVersion with later and new changes', async () => {
    const server = await serve()
    createConfigMaps(server, 2)
    const stream = await watch(server, `${configMaps}?watch=true&resourceVersion=101`)
    expect(brief(await stream.next())).toBe('ADDED c1')
    server.objects.update('configmaps', { metadata: { name: 'c0', namespace: 'default' } })
    server.objects.delete('configmaps', { name: 'c1', namespace: 'default' })
    expect(brief(await stream.next())).toBe('MODIFIED c0')
    expect(await stream.next()).toMatchObject({ type: 'DELETED', object: { metadata: { resourceVersion: '104' } } })
  })

  test('send 410 in the stream if the history does not go back that far', async () => {
    const server = await serve()
    createConfigMaps(server, 2)
    server.objects.compact()
    const stream = await watch(server, `${configMaps}?watch=true&resourceVersion=101`)
    expect(await stream.next()).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } })
    expect(await stream.ended).toBe(true)
  })

  test('send 410 after a restart of the server, which can still list the past', async () => {
    const server = await serve()
    createConfigMaps(server, 2)
    server.objects.forgetChanges()
    const stream = await watch(server, `${configMaps}?watch=true&resourceVersion=101`)
    expect(await stream.next()).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } })
    const past = await getJson(server, `${configMaps}?resourceVersion=101&resourceVersionMatch=Exact`)
    expect(past.items.map((it: Json) => it.metadata.name)).toEqual(['c0'])
    createConfigMaps(server, 1, 'other')
    const later = await watch(server, `${configMaps}?watch=true&resourceVersion=102`)
    expect(brief(await later.next())).toBe('ADDED c0')
  })

  test('start with a list and its bookmark, then continue', async () => {
    const server = await serve()
    createConfigMaps(server, 2)
    const stream = await watch(server, `${configMaps}?${streamingList}`)
    const events = [await stream.next(), await stream.next(), await stream.next()]
    expect(events.map(brief)).toEqual(['ADDED c0', 'ADDED c1', 'BOOKMARK 102'])
    expect(events[2].object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' })
    createConfigMaps(server, 1, 'other')
    expect(brief(await stream.next())).toBe('ADDED c0')
  })

  test('send nothing from a future resourceVersion until it is passed', async () => {
    const server = await serve()
    const stream = await watch(server, `${configMaps}?watch=1&resourceVersion=102&allowWatchBookmarks=1`)
    server.sendBookmarks()
    createConfigMaps(server, 3)
    server.sendBookmarks()
    expect([brief(await stream.next()), brief(await stream.next())]).toEqual(['ADDED c2', 'BOOKMARK 103'])
  })

  test('turn changes across a selector into ADDED and DELETED', async () => {
    const server = await serve()
    const pod = (nodeName: string) => ({ metadata: { name: 'p', namespace: 'default' }, spec: { nodeName } })
    const stream = await watch(server, '/api/v1/pods?watch=1&fieldSelector=spec.nodeName%3Dn1')
    server.objects.create('pods', pod(''))
    server.objects.update('pods', pod('n1'))
    server.objects.update('pods', { ...pod('n1'), status: { phase: 'Running' } })
    server.objects.update('pods', pod('n2'))
    const types = [await stream.next(), await stream.next(), await stream.next()].map(({ type }) => type)
    expect(types).toEqual(['ADDED', 'MODIFIED', 'DELETED'])
  })

  test('end at their timeout, two seconds after a last bookmark', async () => {
    const server = await serve()
    const stream = await watch(
      server,
      `${configMaps}?watch=1&timeoutSeconds=3&resourceVersion=100&allowWatchBookmarks=1`,
    )
    expect(brief(await stream.next())).toBe('BOOKMARK 100')
    expect(await stream.ended).toBe(true)
  })

  test('continue after a compaction', async () => {
    const server = await serve()
    const stream = await watch(server, `${configMaps}?watch=1`)
    createConfigMaps(server, 1)
    server.objects.compact()
    expect(brief(await stream.next())).toBe('ADDED c0')
  })

  test.each([
    ['without WatchList', false, streamingList, 422],
    ['sendInitialEvents without resourceVersionMatch', true, 'watch=1&sendInitialEvents=true', 422],
    ['an unreadable resourceVersion', true, 'watch=1&resourceVersion=abc', 500],
  ])('are refused: %s', async (_why, watchList, query, status) => {
    const server = await serve({ watchList })
    expect((await get(server, `${configMaps}?${query}`)).status).toBe(status)
  })
})

test('restore: resourceVersion and objects are older, connections are dropped, newer resourceVersions are too large', async () => {
  const server = await serve()
  createConfigMaps(server, 1)
  const snapshot = server.objects.snapshot()
  createConfigMaps(server, 2, 'other')
  const stream = await watch(server, `${configMaps}?watch=1&resourceVersion=103`)
  await server.restore(snapshot)
  expect(await stream.ended).toBe(false)
  const { metadata, items } = await getJson(server, configMaps)
  expect([metadata.resourceVersion, items.length]).toEqual(['101', 1])
  const tooLarge = await get(server, `${configMaps}?resourceVersion=103&resourceVersionMatch=NotOlderThan`)
  expect([tooLarge.status, tooLarge.headers['retry-after']]).toEqual([504, '1'])
})

test('stops and starts on the same port', async () => {
  const server = await serve()
  const stream = await watch(server, `${configMaps}?watch=1`)
  await server.stop()
  expect(await stream.ended).toBe(false)
  await expect(get(server, configMaps)).rejects.toThrow('ECONNREFUSED')
  await server.start()
  expect((await get(server, configMaps)).status).toBe(200)
})
