import { describe, expect, it } from 'vitest'
import type { Permits } from '../../../src/kubernetes/permits.ts'
import { Secret } from '../../../src/schemas/secret.ts'
import { pod } from '../scripted-api-server.ts'
import { pods, runReflector } from './running-reflector.ts'

const streamed = { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }

describe('a streaming list', () => {
  it('delivers objects in any order, is complete at its bookmark and continues as a watch', async () => {
    const { server, called, status } = await runReflector({
      scope: { namespace: 'a', fieldSelector: 'spec.nodeName=n' },
    })
    expect(status()).toBe('connecting')
    const request = await server.next()
    expect(request.path).toBe('/api/v1/namespaces/a/pods')
    expect(request.query).toEqual({
      watch: 'true',
      allowWatchBookmarks: 'true',
      timeoutSeconds: '450',
      fieldSelector: 'spec.nodeName=n',
      ...streamed,
    })
    const stream = request.stream()
    await called('began')
    expect(status()).toBe('listing')
    stream.event('ADDED', pod('b', '7')).event('ADDED', pod('a', '3')).listEnd('9')
    await called('+b', '+a', 'ended')
    expect(status()).toBe('synced')
    stream.event('MODIFIED', pod('a', '10')).event('DELETED', pod('b', '11')).event('ADDED', pod('c', '12'))
    await called('+a', '-b', '+c')
  })

  it('starts again if it was cut before its bookmark: it cannot be resumed from any of its objects', async () => {
    const { server, called, wait, status } = await runReflector()
    const stream = (await server.next()).stream().event('ADDED', pod('a', '7')).bookmark('8')
    await called('began', '+a')
    stream.cut()
    await wait()
    const again = await server.next()
    expect(again.query).toMatchObject(streamed)
    expect(again.query).not.toHaveProperty('resourceVersion')
    expect(status()).toBe('listing')
    again.stream().listEnd('9')
    await called('began', 'ended')
  })

  it('gives way to pages when it is cut every time', async () => {
    const { server, wait } = await runReflector()
    for (const _ of [1, 2, 3]) {
      ;(await server.next()).stream().event('ADDED', pod('a', '7')).end()
      await wait()
    }
    expect((await server.next()).query).toEqual({ limit: '500' })
  })

  it('is replaced by pages when the server always responds with errors', async () => {
    const { server, called, wait } = await runReflector()
    for (const _ of [1, 2, 3]) {
      ;(await server.next()).refuse(503)
      await wait()
    }
    const paged = await server.next()
    expect(paged.query).toEqual({ limit: '500' })
    paged.list([], { resourceVersion: '9' })
    await called('began', 'ended')
    // The next list is streamed once more, and gives way at the first failure.
    ;(await server.next()).refuse(410)
    await wait()
    const streaming = await server.next()
    expect(streaming.query).toMatchObject(streamed)
    streaming.refuse(500)
    await wait()
    expect((await server.next()).query).toEqual({ limit: '500' })
  })

  it.each([
    [302, 'text/html', '<p>Sign in first</p>'],
    [400, 'text/html', '<p>Bad request</p>'],
    [400, 'application/json', '{"error":"too many watches"}'],
  ])(
    'is read in pages at once after an answer that is no Status, and streamed the next time (%i %s)',
    async (code, contentType, body) => {
      const { server, called, wait, traits, lines } = await runReflector()
      ;(await server.next()).refuseAs(code, contentType, Buffer.from(body))
      const paged = await server.next()
      expect(paged.query).toEqual({ limit: '500' })
      paged.list([], { resourceVersion: '9' })
      await called('began', 'ended')
      expect(lines).toEqual([])
      ;(await server.next()).refuse(410)
      await wait()
      expect((await server.next()).query).toMatchObject(streamed)
      expect(traits.withoutWatchList.size).toBe(0)
    },
  )

  it('is not asked for without a pause when pages are refused too', async () => {
    const { server, wait } = await runReflector()
    const page = Buffer.from('<p>Bad request</p>')
    for (const query of [streamed, { limit: '500' }]) {
      const request = await server.next()
      expect(request.query).toMatchObject(query)
      request.refuseAs(400, 'text/html', page)
    }
    await wait()
    expect((await server.next()).query).toMatchObject(streamed)
  })

  it.each([400, 422])('is replaced by pages for its group and version after a Status %i', async (code) => {
    const { server, called, traits, lines } = await runReflector()
    ;(await server.next()).refuse(code, { reason: 'Invalid', message: 'sendInitialEvents is forbidden' })
    const request = await server.next()
    expect(request.query).toEqual({ limit: '500' })
    request.list([pod('a', '3')], { resourceVersion: '9' })
    await called('began', '+a', 'ended')
    expect((await server.next()).query).toMatchObject({ watch: 'true', resourceVersion: '9' })
    expect(lines).toEqual([])
    const same = await runReflector({ traits })
    expect((await same.server.next()).query).toEqual({ limit: '500' })
    const deployments = { ...pods, plural: 'deployments', apiVersion: 'apps/v1', kind: 'Deployment' }
    const other = await runReflector({ traits, target: deployments })
    expect((await other.server.next()).query).toMatchObject(streamed)
  })

  it.each([
    [406, 'NotAcceptable'],
    [415, 'UnsupportedMediaType'],
  ])('is replaced by pages at once when it is not served in the requested form (%i)', async (code, reason) => {
    const secrets = { plural: 'secrets', apiVersion: 'v1', kind: 'Secret', form: 'table' as const, schema: Secret }
    const { server, called, traits, lines } = await runReflector({ target: secrets })
    ;(await server.next()).refuse(code, { reason, message: 'only the following media types are accepted' })
    const request = await server.next()
    expect(request.query).toEqual({ limit: '500' })
    expect(request.headers.accept).toContain('as=Table')
    const table = { kind: 'Table', metadata: { resourceVersion: '9' }, rows: [] }
    request.answer('application/json', JSON.stringify(table))
    await called('began', 'ended')
    expect((await server.next()).query).toMatchObject({ watch: 'true', resourceVersion: '9' })
    expect(lines).toEqual([])
    // Other resources of the group and version, and other forms, may be streamed.
    const other = await runReflector({ traits })
    expect((await other.server.next()).query).toMatchObject(streamed)
  })

  it('is given up for all resources when the first one delivers nothing: a proxy may hold streams back', async () => {
    const { server, silence, wait, traits } = await runReflector()
    expect((await server.next()).query).toMatchObject(streamed)
    await silence(30_000)
    await wait()
    expect((await server.next()).query).toEqual({ limit: '500' })
    const other = await runReflector({ traits })
    expect((await other.server.next()).query).toEqual({ limit: '500' })
  })

  it('is given up for one resource alone when another was complete', async () => {
    const complete = await runReflector()
    const { traits } = complete
    ;(await complete.server.next()).stream().listEnd('9')
    await complete.called('began', 'ended')
    const silent = await runReflector({ traits })
    await silent.server.next()
    await silent.silence(30_000)
    await silent.wait()
    expect((await silent.server.next()).query).toEqual({ limit: '500' })
    const other = await runReflector({ traits })
    expect((await other.server.next()).query).toMatchObject(streamed)
  })

  it('is replaced by pages when its bookmark never arrives', async () => {
    const { server, called, silence, traits } = await runReflector()
    const first = await server.next()
    first.stream().event('ADDED', pod('a', '3'))
    await called('began', '+a')
    await silence(30_000)
    await first.gone
    expect((await server.next()).query).toEqual({ limit: '500' })
    expect(traits.withoutWatchList.size).toBe(0)
  })
})

describe('a list in pages', () => {
  const paged = { options: { watchList: false, pageLimit: 2 } }

  it('follows the continue tokens, then watches from the resourceVersion of the list', async () => {
    const { server, called, counts } = await runReflector(paged)
    const first = await server.next()
    expect(first.query).toEqual({ limit: '2' })
    first.list([pod('a', '1'), pod('b', '2')], { resourceVersion: '9', continue: 'more' })
    const second = await server.next()
    expect(second.query).toEqual({ limit: '2', continue: 'more' })
    second.list([pod('c', '3')], { resourceVersion: '9', continue: '' })
    await called('began', '+a', '+b', '+c', 'ended')
    expect((await server.next()).query).toMatchObject({
      watch: 'true',
      resourceVersion: '9',
      allowWatchBookmarks: 'true',
    })
    expect(counts).toEqual(['list:success', 'list:success'])
  })

  it('is complete, however often reading it yields to the event loop', async () => {
    let calls = 0
    const slices = { isSpent: () => calls++ % 2 === 0, next: () => new Promise<void>((done) => setTimeout(done, 1)) }
    const { server, called } = await runReflector({ ...paged, slices })
    const items = ['a', 'b', 'c', 'd', 'e'].map((name) => pod(name, '1'))
    ;(await server.next()).list(items, { resourceVersion: '9' })
    await called('began', '+a', '+b', '+c', '+d', '+e', 'ended')
  })

  it('starts over when its continue token has expired', async () => {
    const { server, called, wait } = await runReflector(paged)
    ;(await server.next()).list([pod('a', '1')], { resourceVersion: '9', continue: 'more' })
    ;(await server.next()).refuse(410, { reason: 'Expired', metadata: { continue: 'fresh' } })
    await called('began', '+a')
    await wait()
    const again = await server.next()
    expect(again.query).toEqual({ limit: '2' })
    again.list([pod('a', '1')], { resourceVersion: '12' })
    await called('began', '+a', 'ended')
  })

  it('starts over when it is cut', async () => {
    const { server, called, wait, lines } = await runReflector(paged)
    const body = JSON.stringify({
      kind: 'PodList',
      metadata: { resourceVersion: '9' },
      items: [pod('a', '1'), pod('b', '2')],
    })
    const stream = (await server.next()).stream().raw(body.slice(0, -40))
    await called('began', '+a')
    stream.cut()
    await wait()
    ;(await server.next()).list([], { resourceVersion: '9' })
    await called('began', 'ended')
    await server.next()
    expect(lines.map(({ message }) => message)).toEqual([
      'a list of pods was cut off; listing again',
      'pods can be listed again',
    ])
  })

  it('starts over when it ends in the middle of an object', async () => {
    const { server, called, wait, counts } = await runReflector(paged)
    ;(await server.next()).answer('application/json', '{"kind":"PodList","items":[{"metadata":{"name":"a"}},{"meta')
    await called('began', '+a')
    await wait()
    ;(await server.next()).list([], { resourceVersion: '9' })
    await called('began', 'ended')
    expect(counts).toContain('restart:pods:malformed')
  })

  it('is compressed if configured and supported by the server', async () => {
    const { gzipSync } = await import('node:zlib')
    const { server, called } = await runReflector({ options: { watchList: false, gzip: true } })
    const request = await server.next()
    expect(request.headers['accept-encoding']).toBe('gzip')
    const body = JSON.stringify({ kind: 'PodList', metadata: { resourceVersion: '9' }, items: [pod('a', '1')] })
    request.answer('application/json', gzipSync(body), { 'content-encoding': 'gzip' })
    await called('began', '+a', 'ended')
  })
})

describe('a list from the cache of the API server', () => {
  const cached = { options: { watchList: false, useCache: true } }

  it('may be of any age at first, later not older than the last resourceVersion, and is consistent when the server is behind', async () => {
    const { server, called, wait, lines } = await runReflector(cached)
    const first = await server.next()
    expect(first.query).toEqual({ limit: '500', resourceVersion: '0', resourceVersionMatch: 'NotOlderThan' })
    first.list([], { resourceVersion: '9' })
    ;(await server.next()).stream().bookmark('15').error(410)
    await called('began', 'ended')
    await wait()
    const second = await server.next()
    expect(second.query).toEqual({ limit: '500', resourceVersion: '15', resourceVersionMatch: 'NotOlderThan' })
    second.refuse(504, {
      reason: 'Timeout',
      message: 'Too large resource version: 15, current: 4',
      details: { causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }] },
    })
    await wait()
    const third = await server.next()
    expect(third.query).toEqual({ limit: '500' })
    expect(lines[0]).toMatchObject({ reason: 'Too large resource version: 15, current: 4', resource: 'pods' })
    third.list([], { resourceVersion: '4' })
    await called('began', 'ended')
    expect((await server.next()).query).toMatchObject({ resourceVersion: '4' })
  })

  it('can be streamed', async () => {
    const { server } = await runReflector({ options: { useCache: true } })
    expect((await server.next()).query).toMatchObject({ resourceVersion: '0', ...streamed })
  })
})

describe('a list with a limit of objects', () => {
  it('is read in pages up to the limit, and later changes still arrive', async () => {
    const { server, called } = await runReflector({ options: { objectLimit: 3, pageLimit: 2 } })
    const first = await server.next()
    expect(first.query).toEqual({ limit: '2' })
    first.list([pod('a', '1'), pod('b', '2')], { resourceVersion: '9', continue: 'more' })
    const second = await server.next()
    expect(second.query).toEqual({ limit: '1', continue: 'more' })
    second.list([pod('c', '3')], { resourceVersion: '9', continue: 'even more' })
    await called('began', '+a', '+b', '+c', 'ended')
    const watch = await server.next()
    expect(watch.query).toMatchObject({ watch: 'true', resourceVersion: '9' })
    watch.stream().event('MODIFIED', pod('d', '10'))
    await called('+d')
  })
})

describe('the permit to list', () => {
  /** Grants a permit when the test says so. */
  function createGate() {
    const { promise: granted, resolve: grant } = Promise.withResolvers<void>()
    const held = { count: 0 }
    const lists: Permits = {
      async acquire() {
        await granted
        held.count += 1
        let isHeld = true
        return () => {
          if (isHeld) held.count -= 1
          isHeld = false
        }
      },
    }
    return { lists, grant, held }
  }

  it.each([{ watchList: true }, { watchList: false }])(
    'is waited for, and given back when the list is complete (%o)',
    async (options) => {
      const { lists, grant, held } = createGate()
      const { server, called } = await runReflector({ lists, options })
      const request = server.next()
      const first = await Promise.race([request, new Promise((resolve) => setImmediate(resolve, 'none'))])
      expect(first).toBe('none')
      grant()
      const list = await request
      expect(held.count).toBe(1)
      if (options.watchList) list.stream().listEnd('9')
      else list.list([], { resourceVersion: '9' })
      await called('began', 'ended')
      expect(held.count).toBe(0)
    },
  )

  it('is given back when the list fails', async () => {
    const { lists, grant, held } = createGate()
    grant()
    const { server, wait } = await runReflector({ lists })
    ;(await server.next()).refuse(503)
    await wait()
    await server.next()
    expect(held.count).toBe(1)
  })
})
