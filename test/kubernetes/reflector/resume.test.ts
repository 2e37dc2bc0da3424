/** A reflector that continues at the revision where another process stopped. */
import { expect, it } from 'vitest'
import { pod } from '../scripted-api-server.ts'
import type { Setup } from './running-reflector.ts'
import { runReflector } from './running-reflector.ts'

const resumeAt = (revision: string, setup: Setup = {}) =>
  runReflector({ ...setup, options: { pageLimit: 2, resumeFrom: () => revision } })

type Running = Awaited<ReturnType<typeof runReflector>>

const exact = { limit: '2', resourceVersion: '10', resourceVersionMatch: 'Exact' }

/** Answers the list of the past and the question for the present; the watch from the past comes next. */
async function listPast({ server, called }: Running, present = '15') {
  const past = await server.next()
  expect(past.query).toEqual(exact)
  past.list([pod('a', '3'), pod('b', '7')], { resourceVersion: '10' })
  await called('began', '+a', '+b')
  const question = await server.next()
  expect(question.query).toEqual({ limit: '1' })
  question.list([pod('a', '3')], { resourceVersion: present, continue: 'more' })
}

const shortWatch = (resourceVersion: string) => ({
  watch: 'true',
  allowWatchBookmarks: 'true',
  timeoutSeconds: '3',
  resourceVersion,
})

it('lists the past in pages, replays what happened since, and is complete when it comes to the present', async () => {
  const running = await resumeAt('10')
  const { server, called, status } = running
  const first = await server.next()
  expect(first.query).toEqual(exact)
  first.list([pod('a', '3'), pod('b', '7')], { resourceVersion: '10', continue: 'c1' })
  const second = await server.next()
  expect(second.query).toEqual({ limit: '2', continue: 'c1' })
  second.list([pod('c', '10')], { resourceVersion: '10' })
  ;(await server.next()).list([pod('a', '3')], { resourceVersion: '15', continue: 'more' })
  const replay = await server.next()
  expect(replay.query).toEqual(shortWatch('10'))
  replay.stream().event('DELETED', pod('a', '11')).event('ADDED', pod('d', '14')).event('MODIFIED', pod('b', '15'))
  await called('began', '+a', '+b', '+c', '-a', '+d', '+b', 'ended', 'resumed:replayed')
  expect(status()).toBe('synced')
  expect((await server.next()).query).toMatchObject({ watch: 'true', resourceVersion: '15', timeoutSeconds: '450' })
})

it('is complete at a bookmark of the present, or at once when nothing has happened at all', async () => {
  const bookmarked = await resumeAt('10')
  await listPast(bookmarked)
  ;(await bookmarked.server.next()).stream().event('ADDED', pod('c', '12')).bookmark('15')
  await bookmarked.called('+c', 'ended', 'resumed:replayed')

  const unchanged = await resumeAt('10')
  await listPast(unchanged, '10')
  await unchanged.called('ended', 'resumed:replayed')
})

it('watches once more when the watch ends before the present, until one has nothing to tell', async () => {
  const running = await resumeAt('10')
  const { server, called } = running
  await listPast(running)
  ;(await server.next()).stream().event('ADDED', pod('c', '12')).end()
  const again = await server.next()
  expect(again.query).toEqual(shortWatch('12'))
  expect(running.calls).toEqual(['+c'])
  again.stream().end()
  await called('+c', 'ended', 'resumed:replayed')
})

it('takes a watch that breaks off for no answer, and lists the present when that happens again and again', async () => {
  const running = await resumeAt('10')
  const { server, called, wait } = running
  for (let attempt = 0; attempt < 3; attempt++) {
    await listPast(running)
    for (let i = 0; i < 5; i++) {
      const watch = await server.next()
      expect(watch.query).toEqual(shortWatch('10'))
      watch.stream().cut()
    }
    if (attempt < 2) await wait()
  }
  await called('resumed:listed:the watch does not come to the present')
})

it('lists the present when the watch does not reach back so far', async () => {
  const running = await resumeAt('10')
  const { server, called, wait } = running
  await listPast(running)
  ;(await server.next()).stream().error(410, { message: 'too old resource version: 10 (14)' })
  await called('resumed:listed:too old resource version: 10 (14)')
  await wait()
  const present = await server.next()
  expect(present.query).toMatchObject({ sendInitialEvents: 'true' })
  present.stream().event('ADDED', pod('b', '15')).listEnd('16')
  await called('began', '+b', 'ended')
})

it('lists the present when the past is compacted', async () => {
  const { server, called, wait } = await resumeAt('10')
  ;(await server.next()).refuse(410, { reason: 'Expired', message: 'compacted' })
  await called('resumed:refused:compacted')
  await wait()
  ;(await server.next()).stream().listEnd('16')
  await called('began', 'ended')
})

it('lists the past once the server is back, and gives up after three lists that broke off', async () => {
  const running = await resumeAt('10')
  const { server, called, wait } = running
  for (let i = 0; i < 4; i++) {
    ;(await server.next()).refuse(503)
    await wait()
  }
  for (let i = 0; i < 2; i++) {
    ;(await server.next()).cut()
    await wait()
  }
  const { calls } = running
  for (let i = 0; i < 3; i++) {
    const cut = await server.next()
    expect([cut.query, calls]).toEqual([exact, []])
    cut.refuse(429)
    if (i < 2) await wait()
  }
  await called('resumed:refused:HTTP status 429')
})

it('gives its permit back when the past is listed: what it waits for then takes seconds', async () => {
  let held = 0
  const acquire = async () => {
    held++
    return () => void held--
  }
  const lists = { acquire }
  const running = await resumeAt('10', { lists })
  await listPast(running)
  const watch = await running.server.next()
  expect(held).toBe(0)
  watch.stream().bookmark('15')
  await running.called('ended', 'resumed:replayed')
})
