import { describe, expect, it } from 'vitest'
import type { Exchange } from '../scripted-api-server.ts'
import { pod } from '../scripted-api-server.ts'
import type { RunningReflector, Setup } from './running-reflector.ts'
import { runReflector } from './running-reflector.ts'

/** A reflector after a list at resourceVersion 9, and its watch from there. */
async function runWatching(setup: Setup = {}): Promise<RunningReflector & { watch: Exchange }> {
  const running = await runReflector({ ...setup, options: { watchList: false, ...setup.options } })
  ;(await running.server.next()).list([], { resourceVersion: '9' })
  const watch = await running.server.next()
  expect(watch.query).toMatchObject({ watch: 'true', resourceVersion: '9' })
  await running.called('began', 'ended')
  running.counts.splice(0)
  return { ...running, watch }
}

const currentState = { limit: '500' }

describe('after the end of a watch', () => {
  it.each(['end', 'cut'] as const)('the next watch starts at the last event (%s)', async (way) => {
    const { watch, server, called, wait, counts, lines } = await runWatching()
    const stream = watch.stream().event('MODIFIED', pod('a', '12'))
    await called('+a')
    stream[way]()
    await wait()
    // After a connection that broke the server has to show that it has come so far.
    if (way === 'cut') (await server.next()).list([], { resourceVersion: '12' })
    expect((await server.next()).query).toMatchObject({ watch: 'true', resourceVersion: '12' })
    expect(counts).toEqual(['watch:success', 'event:pods:modified', 'restart:pods:ended'])
    expect(lines).toEqual([])
  })

  it('the next watch starts at the last bookmark', async () => {
    const { watch, server, wait } = await runWatching()
    watch.stream().event('MODIFIED', pod('a', '12')).bookmark('40').end()
    await wait()
    expect((await server.next()).query).toMatchObject({ resourceVersion: '40' })
  })

  it('the next watch starts immediately if the last one lasted long', async () => {
    const { watch, server, called, clock } = await runWatching()
    const stream = watch.stream().event('MODIFIED', pod('a', '12'))
    await called('+a')
    clock.elapse(400_000)
    stream.end()
    expect((await server.next()).query).toMatchObject({ watch: 'true', resourceVersion: '12' })
  })

  it('the reflector lists the current state if nothing was delivered: the store may have been restored from a backup', async () => {
    const { watch, server, called, wait } = await runWatching()
    watch.stream().end()
    await wait()
    const again = await server.next()
    expect(again.query).toEqual(currentState)
    again.list([pod('a', '3')], { resourceVersion: '4' })
    await called('began', '+a', 'ended')
    expect((await server.next()).query).toMatchObject({ watch: 'true', resourceVersion: '4' })
  })

  it('the wait grows each time that a watch ends immediately', async () => {
    const { watch, server, wait } = await runWatching()
    watch.stream().event('MODIFIED', pod('a', '12')).end()
    const waits = [await wait()]
    for (const version of ['13', '14', '15']) {
      ;(await server.next()).stream().event('MODIFIED', pod('a', version)).end()
      waits.push(await wait())
    }
    expect(waits).toEqual([375, 750, 1500, 3000])
  })
})

describe('a watch that delivers nothing', () => {
  it('is cancelled, and followed by a list if it never delivered anything', async () => {
    const { watch, server, silence, wait, lines } = await runWatching()
    watch.stream()
    await silence(180_000)
    await watch.gone
    await wait()
    expect((await server.next()).query).toEqual(currentState)
    expect(lines[0]).toMatchObject({ message: 'a stream of pods received nothing for too long; restarting it' })
  })

  it('continues at the last event before the silence', async () => {
    const { watch, server, called, silence } = await runWatching()
    watch.stream().event('ADDED', pod('a', '12'))
    await called('+a')
    await silence(180_000)
    ;(await server.next()).list([], { resourceVersion: '12' })
    expect((await server.next()).query).toMatchObject({ watch: 'true', resourceVersion: '12' })
  })

  it('is followed by a list if the server is behind: its store was restored while the connection was broken', async () => {
    const { watch, server, called, wait } = await runWatching()
    const stream = watch.stream().event('ADDED', pod('a', '12'))
    await called('+a')
    stream.cut()
    await wait()
    const check = await server.next()
    expect(check.query).toEqual({ limit: '1' })
    check.list([pod('b', '3')], { resourceVersion: '9' })
    await wait()
    const again = await server.next()
    expect(again.query).toEqual(currentState)
    again.list([pod('b', '3')], { resourceVersion: '9' })
    await called('began', '+b', 'ended')
  })

  it('is cancelled even before the response', async () => {
    const { watch, server, silence, wait } = await runWatching()
    await silence(180_000)
    await watch.gone
    await wait()
    expect((await server.next()).query).toEqual(currentState)
  })
})

describe('a watch with an error', () => {
  it.each([
    ['in its stream', (watch: Exchange) => watch.stream().error(410, { reason: 'Expired' })],
    ['at once', (watch: Exchange) => watch.refuse(410, { reason: 'Expired' })],
  ])('is followed by a list when its resourceVersion is too old (%s)', async (_, expire) => {
    const { watch, server, wait, counts } = await runWatching()
    expire(watch)
    await wait()
    expect((await server.next()).query).toEqual(currentState)
    expect(counts).toContain('restart:pods:expired')
  })

  it.each([
    [429, 'throttled'],
    [500, 'unavailable'],
  ])('continues at the last event after an error %i in its stream', async (code, reason) => {
    const { watch, server, wait, counts } = await runWatching()
    watch.stream().event('ADDED', pod('a', '12')).error(code, { message: 'not now' })
    await wait()
    expect((await server.next()).query).toMatchObject({ resourceVersion: '12' })
    expect(counts).toContain(`restart:pods:${reason}`)
  })

  it('waits for the time that an error in its stream asks for', async () => {
    const { watch, wait } = await runWatching()
    watch
      .stream()
      .event('ADDED', pod('a', '12'))
      .error(429, { details: { retryAfterSeconds: 17 } })
    expect(await wait()).toBe(17_000)
  })

  it('skips events that cannot be decoded, counts them, logs them once, and continues', async () => {
    const { watch, called, counts, lines } = await runWatching()
    watch
      .stream()
      .raw('this is no JSON\n')
      .event('ADDED', { metadata: { name: 7 } })
      .event('STRANGE', pod('x', '11'))
      .event('ADDED', pod('a', '12'))
    await called('+a')
    expect(counts.filter((count) => count === 'unreadable:pods')).toHaveLength(3)
    expect(lines.map(({ message }) => message)).toEqual(['an object of pods cannot be decoded and is ignored'])
  })

  it('is followed by a list when the response is not a watch stream', async () => {
    const { watch, server, wait, lines } = await runWatching()
    watch.answer('text/html', '<p>Sign in first</p>')
    await wait()
    expect((await server.next()).query).toEqual(currentState)
    expect(lines[0]).toMatchObject({ reason: 'expected Kubernetes objects, got text/html' })
  })
})

describe('a reflector', () => {
  it('ends immediately at its abort signal', async () => {
    const { watch, finished, stop } = await runWatching()
    watch.stream()
    stop()
    await finished
    await watch.gone
  })

  it('ends during a wait', async () => {
    const { watch, finished, stop, clock } = await runWatching()
    watch.refuse(503)
    await clock.alarm((ms) => ms < 1000)
    stop()
    await finished
    expect(clock.pending()).toEqual([])
  })

  it('lists immediately when relist is called, during a watch and during a wait', async () => {
    const { watch, server, called, relist, clock, counts } = await runWatching()
    watch.stream().event('ADDED', pod('a', '12'))
    await called('+a')
    relist()
    await watch.gone
    const list = await server.next()
    expect(list.query).toEqual(currentState)
    list.refuse(503)
    await clock.alarm((ms) => ms < 1000)
    relist()
    const again = await server.next()
    expect(again.query).toEqual(currentState)
    again.list([], { resourceVersion: '14' })
    await called('began', 'ended')
    expect((await server.next()).query).toMatchObject({ resourceVersion: '14' })
    expect(counts.filter((count) => count === 'restart:pods:resource_changed')).toHaveLength(2)
  })

  it('skips an object whose handler throws, counts it, logs it once, and continues', async () => {
    const { watch, called, counts, lines } = await runWatching({
      onUpserted({ metadata }) {
        if (metadata.name === 'bad') throw new Error('no identity')
      },
    })
    const stream = watch.stream().event('ADDED', pod('bad', '11')).event('MODIFIED', pod('bad', '12'))
    stream.event('ADDED', pod('a', '13'))
    await called('+a')
    expect(counts.filter((count) => count === 'failed:pods')).toHaveLength(2)
    expect(lines).toEqual([
      expect.objectContaining({
        message: 'an object of pods cannot be processed and is ignored',
        namespace: 'a',
        name: 'bad',
        err: expect.objectContaining({ message: 'no identity' }),
      }),
    ])
    stream.event('DELETED', pod('a', '14'))
    await called('-a')
  })

  it.each(['began', 'ended'])('continues when a handler for the start or end of a list throws (%s)', async (moment) => {
    const { watch, called, counts } = await runWatching({
      onCall(word) {
        if (word === moment) throw new Error('the store is broken')
      },
    })
    watch.stream().event('ADDED', pod('a', '12'))
    await called('+a')
    expect(counts).not.toContain('restart:pods:ended')
  })
})
