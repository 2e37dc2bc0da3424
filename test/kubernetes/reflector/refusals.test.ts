import { describe, expect, it } from 'vitest'
import { pod } from '../scripted-api-server.ts'
import { pods, runReflector } from './running-reflector.ts'

const paged = { options: { watchList: false } }

describe('when the server rejects requests', () => {
  it('a 401 renews the credentials, once for all requests that are rejected at that time', async () => {
    const { server, called, wait, renewals, lines } = await runReflector(paged)
    const first = await server.next()
    expect(first.headers.authorization).toBe('Bearer token-0')
    first.refuse(401, { reason: 'Unauthorized', message: 'Unauthorized' })
    await wait()
    const second = await server.next()
    expect(second.headers.authorization).toBe('Bearer token-1')
    second.refuse(401)
    await wait()
    expect(renewals.count).toBe(1)
    ;(await server.next()).list([], { resourceVersion: '9' })
    await called('began', 'ended')
    await server.next()
    expect(lines.map(({ message }) => message)).toEqual([
      'the API server does not accept the credentials (401); reading them again',
      'the API server accepts the credentials again',
    ])
  })

  it('the watch continues at its last resourceVersion after a token has expired', async () => {
    const { server, wait, called } = await runReflector(paged)
    ;(await server.next()).list([], { resourceVersion: '9' })
    ;(await server.next()).refuse(401)
    await called('began', 'ended')
    await wait()
    expect((await server.next()).query).toMatchObject({ watch: 'true', resourceVersion: '9' })
  })

  it('a missing permission is logged with its rule, once a minute, and the request is retried slowly', async () => {
    const deployments = { ...pods, plural: 'deployments', apiVersion: 'apps/v1', kind: 'Deployment' }
    const { server, wait, called, status, lines } = await runReflector({ ...paged, target: deployments })
    const first = await server.next()
    expect(first.path).toBe('/apis/apps/v1/deployments')
    first.refuse(403, { reason: 'Forbidden', message: 'deployments.apps is forbidden' })
    expect(await wait()).toBe(45_000)
    expect(status()).toBe('forbidden')
    ;(await server.next()).refuse(403)
    await wait()
    expect(lines).toEqual([
      expect.objectContaining({
        level: 'warn',
        resource: 'deployments',
        reason: 'deployments.apps is forbidden',
        message:
          'no permission to read deployments: a ClusterRole must have the rule ' +
          '{ apiGroups: ["apps"], resources: ["deployments"], verbs: ["list", "watch"] }',
      }),
    ])
    ;(await server.next()).refuse(403)
    await wait()
    expect(lines).toHaveLength(2)
    expect(lines[1]).toMatchObject({ repeated: 2 })
    ;(await server.next()).list([], { resourceVersion: '9' })
    await called('began', 'ended')
    expect(status()).toBe('synced')
    await server.next()
    expect(lines[2]).toMatchObject({ message: 'deployments can be read now' })
  })

  it('the log names the namespace in which a permission is missing', async () => {
    const { server, wait, lines } = await runReflector({ ...paged, scope: { namespace: 'shop' } })
    ;(await server.next()).refuse(403)
    await wait()
    expect(lines[0]).toMatchObject({
      namespace: 'shop',
      message:
        'no permission to read pods of namespace shop: a Role in namespace shop must have the rule ' +
        '{ apiGroups: [""], resources: ["pods"], verbs: ["list", "watch"] }',
    })
  })

  it('a forbidden resource does not affect the others', async () => {
    const forbidden = await runReflector(paged)
    const allowed = await runReflector({ ...paged, server: forbidden.server, scope: { namespace: 'b' } })
    for (const _ of [1, 2]) {
      const request = await forbidden.server.next()
      if (request.path === '/api/v1/pods') request.refuse(403)
      else request.list([], { resourceVersion: '9' })
    }
    await allowed.called('began', 'ended')
    await forbidden.clock.alarm((ms) => ms === 45_000)
    expect([forbidden.status(), allowed.status()]).toEqual(['forbidden', 'synced'])
  })

  it('an unknown resource is retried until it is served', async () => {
    const { server, wait, called, status, lines } = await runReflector()
    // A kind that was just defined is served a moment later.
    for (const waitMs of [1500, 3000, 6000, 12_000, 24_000]) {
      ;(await server.next()).refuse(404, { message: 'the server could not find the requested resource' })
      expect(await wait()).toBe(waitMs)
      expect(status()).toBe('absent')
    }
    ;(await server.next()).stream().listEnd('9')
    await called('began', 'ended')
    expect(status()).toBe('synced')
    expect(lines.map(({ message }) => message)).toEqual([
      'pods (v1) are unknown to the API server; retrying periodically',
      'pods are known to the API server now',
    ])
  })

  it('the connection is closed when the response is not a list', async () => {
    const { server, wait, lines } = await runReflector(paged)
    const page = await server.next()
    page.stream('text/html').raw('<html>')
    await wait()
    await page.gone
    expect(lines[0]).toMatchObject({ message: 'the response of the API server for pods cannot be decoded; retrying' })
  })

  it('a form that the server does not have is requested again slowly, and the log names it', async () => {
    const { server, wait, called, lines } = await runReflector({ ...paged, target: { ...pods, form: 'table' } })
    ;(await server.next()).refuse(406, { message: 'only the following media types are accepted' })
    expect(await wait()).toBe(45_000)
    const table = { kind: 'Table', metadata: { resourceVersion: '9' }, rows: [] }
    ;(await server.next()).answer('application/json', JSON.stringify(table))
    await called('began', 'ended')
    expect(lines.map(({ message }) => message)).toEqual([
      'the API server does not serve pods as tables (406); retrying periodically',
      'the API server serves pods as tables now',
    ])
  })

  it('a request that is rejected as invalid is retried slowly', async () => {
    const { server, wait, status, lines } = await runReflector(paged)
    ;(await server.next()).refuse(400, { message: 'field label not supported: spec.color' })
    expect(await wait()).toBe(45_000)
    expect(status()).toBe('connecting')
    expect(lines[0]).toMatchObject({ reason: 'field label not supported: spec.color' })
  })
})

describe('while the server fails', () => {
  it.each([429, 500, 503])('the wait is as long as the server asks (%i)', async (code) => {
    const { server, wait, called } = await runReflector(paged)
    ;(await server.next()).refuse(code, {}, { 'retry-after': '7' })
    expect(await wait()).toBe(7000)
    ;(await server.next()).list([], { resourceVersion: '9' })
    await called('began', 'ended')
  })

  it('the waits grow up to half a minute', async () => {
    const { server, wait } = await runReflector(paged)
    const waits: number[] = []
    for (const _ of Array.from({ length: 9 })) {
      ;(await server.next()).refuse(503)
      waits.push(await wait())
    }
    expect(waits).toEqual([375, 750, 1500, 3000, 6000, 12_000, 22_500, 22_500, 22_500])
  })

  it('a watch continues at its resourceVersion after it was throttled', async () => {
    const { server, wait } = await runReflector(paged)
    ;(await server.next()).list([], { resourceVersion: '9' })
    ;(await server.next()).refuse(429)
    await wait()
    expect((await server.next()).query).toMatchObject({ watch: 'true', resourceVersion: '9' })
  })

  it('start and end of an outage are logged once; afterwards everything is listed, since the store may have been restored from a backup', async () => {
    const { server, clock, wait, called, status, lines, counts } = await runReflector(paged)
    ;(await server.next()).list([pod('a', '3')], { resourceVersion: '9' })
    const watch = (await server.next()).stream().event('MODIFIED', pod('a', '12'))
    await called('began', '+a', 'ended', '+a')
    await server.close()
    watch.cut()
    for (const _ of [1, 2, 3]) await wait()
    const lastWait = await clock.alarm((ms) => ms === 3000)
    await server.reopen()
    lastWait.ring()
    const again = await server.next()
    expect(again.query).toEqual({ limit: '500' })
    expect(status()).toBe('synced')
    again.list([pod('a', '3')], { resourceVersion: '4' })
    await called('began', '+a', 'ended')
    expect((await server.next()).query).toMatchObject({ watch: 'true', resourceVersion: '4' })
    expect(counts.filter((count) => count === 'restart:pods:unreachable')).toHaveLength(3)
    expect(lines.map(({ message }) => message)).toEqual([
      'the API server cannot be reached; retrying',
      'the API server can be reached again',
    ])
    expect(lines[0]?.reason).toMatch(/ECONNREFUSED/)
  })

  it('a connection that is closed before the response is retried', async () => {
    const { server, wait, called, lines } = await runReflector(paged)
    ;(await server.next()).cut()
    await wait()
    ;(await server.next()).list([], { resourceVersion: '9' })
    await called('began', 'ended')
    expect(lines[0]).toMatchObject({ message: 'the API server cannot be reached; retrying', reason: 'socket hang up' })
  })
})
