/** Which readers start, stop and list again when plans change. */
import { describe, expect, test } from 'vitest'
import type { PlanDifference } from '../../src/rows/registry.ts'
import type { Reader } from '../../src/runtime/reader-set.ts'
import { createReaderSet } from '../../src/runtime/reader-set.ts'

type Layout = PlanDifference['added'][number]

const nothing = { added: [], changed: [], rescoped: [], removed: [] }

/** A set whose resources need readers by the keys that `needs` holds at the time, such as `0 a`. */
function createSet(initial: Record<number, readonly string[]>) {
  const needs = new Map(Object.entries(initial).map(([id, keys]) => [Number(id), keys]))
  const events: string[] = []
  const lines: object[] = []
  const createReader = (name: string): Reader => ({
    scope: { resource: name, namespace: undefined, hasListed: () => true, status: () => 'synced' },
    revision: () => 0,
    relist: (reason) => void events.push(`relist ${name} ${reason}`),
    run(signal) {
      events.push(`run ${name}`)
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          events.push(`stop ${name}`)
          resolve()
        })
      })
    },
  })
  const set = createReaderSet({
    neededBy: ({ id }) => (needs.get(id) ?? []).map((key) => ({ key, create: () => createReader(`${id} ${key}`) })),
    log: { debug: (fields: object) => void lines.push(fields) } as never,
  })
  const layouts = new Map<number, Layout>()
  const layout = (id: number): Layout => {
    const known = layouts.get(id) ?? ({ id } as Layout)
    layouts.set(id, known)
    return known
  }
  const stop = new AbortController()
  return {
    ...{ set, needs, lines, layout, stop, createReader },
    run: () => set.run(stop.signal),
    /** The events since the last call. */
    take: () => events.splice(0),
    names: () => set.scopes().map(({ resource }) => resource),
  }
}

const differences = ['added', 'changed', 'rescoped'] as const

describe('before it runs', () => {
  test.each(differences)('nothing starts and nothing is listed again: %s', (list) => {
    const { set, layout, take, names } = createSet({ 0: ['a'] })
    set.apply({ ...nothing, added: [layout(0)] })
    set.apply({ ...nothing, [list]: [layout(0)] })
    set.relist('server_changed')
    expect([take(), names()]).toEqual([[], ['0 a']])
  })
})

describe('while it runs', () => {
  function createRunning() {
    const running = createSet({ 0: ['a', 'b'], 1: ['all'] })
    running.set.apply({ ...nothing, added: [running.layout(0), running.layout(1)] })
    const ended = running.run()
    expect(running.take()).toEqual(['run 0 a', 'run 0 b', 'run 1 all'])
    return { ...running, ended }
  }

  test('readers that are no longer needed stop before new ones start; the others are left as they are', () => {
    const { set, needs, layout, take, names } = createRunning()
    needs.set(0, ['b', 'c'])
    set.apply({ ...nothing, rescoped: [layout(0)] })
    expect(take()).toEqual(['stop 0 a', 'run 0 c'])
    expect(names()).toEqual(['0 b', '0 c', '1 all'])
    expect(set.scopesOf(0).map(({ resource }) => resource)).toEqual(['0 b', '0 c'])
  })

  test('readers of a changed resource list again, with the reason in the log, and new ones start', () => {
    const { set, needs, layout, take, lines } = createRunning()
    needs.set(0, ['b', 'c'])
    set.apply({ ...nothing, changed: [layout(0)], rescoped: [layout(0)] })
    expect(take()).toEqual(['stop 0 a', 'relist 0 b resource_changed', 'run 0 c'])
    expect(lines).toEqual([{ resource: '0 b', namespace: undefined, reason: 'resource_changed' }])
  })

  test('a removed resource stops, and starts anew when it is added again', () => {
    const { set, layout, take, names } = createRunning()
    set.apply({ ...nothing, removed: [layout(0)] })
    expect([take(), names()]).toEqual([['stop 0 a', 'stop 0 b'], ['1 all']])
    expect(set.scopesOf(0)).toEqual([])
    set.apply({ ...nothing, added: [layout(0)] })
    expect(take()).toEqual(['run 0 a', 'run 0 b'])
  })

  test('no difference touches what was added by itself', async () => {
    const { set, needs, layout, take, createReader, stop, ended } = createRunning()
    set.add(createReader('own'))
    needs.set(0, [])
    set.apply({ ...nothing, rescoped: [layout(0)], removed: [layout(1)] })
    set.relist('server_changed')
    expect(take()).toEqual(['run own', 'stop 1 all', 'stop 0 a', 'stop 0 b', 'relist own server_changed'])
    stop.abort()
    await ended
    expect(take()).toEqual(['stop own'])
  })

  test('nothing starts after the end', async () => {
    const { set, layout, take, stop, ended } = createRunning()
    stop.abort()
    await ended
    take()
    set.apply({ ...nothing, added: [{ ...layout(0), id: 2 }] })
    expect(take()).toEqual([])
  })
})
