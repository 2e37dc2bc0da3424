import { describe, expect, it } from 'vitest'
import type { Exchange } from '../scripted-api-server.ts'
import { pod } from '../scripted-api-server.ts'
import type { RunningReflector, Setup } from './running-reflector.ts'
import { runReflector } from './running-reflector.ts'

/** A reflector that has listed up to resourceVersion 9, and the watch that it has opened from there. */
async function runWatching(setup: Setup = {}): Promise<RunningReflector & { watch: Exchange }> {
  const running = await runReflector({ ...setup, options: { watchList: false, ...setup.options } })
  ;(await running.server.next()).list([], { resourceVersion: '9' })
  const watch = await running.server.next()
  expect(watch.query).toMatchObject({ watch: 'true', resourceVersion: '9' })
  await running.called('began', 'ended')
  running.counts.splice(0)
  return { ...running, watch }
}

const present = { limit: '500' }

describe('a watch that has ended', () => {
  it.each(['end', 'cut'] as const)('goes on from the last event (%s)', async (way) => {
    const { watch, server, called, wait, counts, lines } = await runWatching()
    const stream = watch.stream().event('MODIFIED', pod('a', '12'))
    await called('+a')
    stream[way]()
    await wait()
    expect((await server.next()).query).toMatchObject({ watch: 'true', resourceVersion: '12' })
    expect(counts).toEqual(['watch:success', 'event:pods:modified', 'restart:pods:ended'])
    expect(lines).toEqual([])
  })

  it('goes on from the last bookmark', async () => {
    const { watch, server, wait } = await runWatching()
    watch.stream().event('MODIFIED', pod('a', '12')).bookmark('40').end()
    await wait()
    expect((await server.next()).query).toMatchObject({ resourceVersion: '40' })
  })

  it('goes on at once after a long life', async () => {
    const { watch, server, called, clock } = await runWatching()
    const stream = watch.stream().event('MODIFIED', pod('a', '12'))
    await called('+a')
    clock.elapse(400_000)
    stream.end()
    expect((await server.next()).query).toMatchObject({ watch: 'true', resourceVersion: '12' })
  })

  it('is followed by a list of the present when nothing was delivered: the store may have been put back', async () => {
    const { watch, server, called, wait } = await runWatching()
    watch.stream().end()
    await wait()
    const again = await server.next()
    expect(again.query).toEqual(present)
    again.list([pod('a', '3')], { resourceVersion: '4' })
    await called('began', '+a', 'ended')
    expect((await server.next()).query).toMatchObject({ watch: 'true', resourceVersion: '4' })
  })

  it('waits longer each time when it ends as soon as it has begun', async () => {
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

describe('a watch in which nothing comes', () => {
  it('is given up, and followed by a list when nothing had come at all', async () => {
    const { watch, server, silence, wait, lines } = await runWatching()
    watch.stream()
    await silence(180_000)
    await watch.gone
    await wait()
    expect((await server.next()).query).toEqual(present)
    expect(lines[0]).toMatchObject({ message: 'a stream of pods received nothing for too long; restarting it' })
  })

  it('goes on where it fell silent', async () => {
    const { watch, server, called, silence } = await runWatching()
    watch.stream().event('ADDED', pod('a', '12'))
    await called('+a')
    await silence(180_000)
    expect((await server.next()).query).toMatchObject({ watch: 'true', resourceVersion: '12' })
  })

  it('is given up even before it is answered', async () => {
    const { watch, server, silence, wait } = await runWatching()
    await silence(180_000)
    await watch.gone
    await wait()
    expect((await server.next()).query).toEqual(present)
  })
})

describe('a watch that goes wrong', () => {
  it.each([
    ['in its stream', (watch: Exchange) => watch.stream().error(410, { reason: 'Expired' })],
    ['at once', (watch: Exchange) => watch.refuse(410, { reason: 'Expired' })],
  ])('is followed by a list when its resourceVersion is too old (%s)', async (_, expire) => {
    const { watch, server, wait, counts } = await runWatching()
    expire(watch)
    await wait()
    expect((await server.next()).query).toEqual(present)
    expect(counts).toContain('restart:pods:expired')
  })

  it.each([
    [429, 'throttled'],
    [500, 'unavailable'],
  ])('goes on where it was after an error %i in its stream', async (code, reason) => {
    const { watch, server, wait, counts } = await runWatching()
    watch.stream().event('ADDED', pod('a', '12')).error(code, { message: 'not now' })
    await wait()
    expect((await server.next()).query).toMatchObject({ resourceVersion: '12' })
    expect(counts).toContain(`restart:pods:${reason}`)
  })

  it('waits as long as an error in its stream asks', async () => {
    const { watch, wait } = await runWatching()
    watch
      .stream()
      .event('ADDED', pod('a', '12'))
      .error(429, { details: { retryAfterSeconds: 17 } })
    expect(await wait()).toBe(17_000)
  })

  it('leaves out what it cannot read, counts it, tells of it once, and goes on', async () => {
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

  it('is followed by a list when its bytes are no watch at all', async () => {
    const { watch, server, wait, lines } = await runWatching()
    watch.answer('text/html', '<p>Sign in first</p>')
    await wait()
    expect((await server.next()).query).toEqual(present)
    expect(lines[0]).toMatchObject({ reason: 'expected Kubernetes objects, got text/html' })
  })
})

describe('a reflector', () => {
  it('ends at once when it is told to', async () => {
    const { watch, finished, stop } = await runWatching()
    watch.stream()
    stop()
    await finished
    await watch.gone
  })

  it('ends in the middle of a wait', async () => {
    const { watch, finished, stop, clock } = await runWatching()
    watch.refuse(503)
    await clock.alarm((ms) => ms < 1000)
    stop()
    await finished
    expect(clock.pending()).toEqual([])
  })

  it('lists at once when it is told to relist, in a watch and in a wait', async () => {
    const { watch, server, called, relist, clock } = await runWatching()
    watch.stream().event('ADDED', pod('a', '12'))
    await called('+a')
    relist()
    await watch.gone
    const list = await server.next()
    expect(list.query).toEqual(present)
    list.refuse(503)
    await clock.alarm((ms) => ms < 1000)
    relist()
    const again = await server.next()
    expect(again.query).toEqual(present)
    again.list([], { resourceVersion: '14' })
    await called('began', 'ended')
    expect((await server.next()).query).toMatchObject({ resourceVersion: '14' })
  })

  it('leaves out an object whose handler throws, counts it, logs it once, and goes on', async () => {
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

  it.each(['began', 'ended'])('goes on when a handler of the list itself throws (%s)', async (moment) => {
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
