/** Plans applied one after the other, with objects, pages and requests in between. */
import { describe, expect, test } from 'vitest'
import { createOtlpEncoder } from '../../src/encoding/otlp-encoder.ts'
import type { AnyResource } from '../../src/families/family.ts'
import { createEngine } from '../../src/runtime/engine.ts'
import { createKeyFilter } from '../../src/selection/key-filter.ts'
import type { Plan, ResourcePlan } from '../../src/selection/plan.ts'
import type { ScopeSelection } from '../../src/selection/scope.ts'
import { createScope } from '../../src/selection/scope.ts'
import { createExposition } from '../../src/server/exposition.ts'
import { samplesOf } from '../store/otlp-samples.ts'
import { Receiver } from '../store/receiver.ts'
import { createThing, resources } from '../store/universe.ts'

const [pods, nodes] = resources as [AnyResource, AnyResource]
const planOf = (resource: AnyResource, without: readonly string[] = []): ResourcePlan => ({
  resource,
  families: resource.families.filter(({ name }) => !without.includes(name)),
  labelKeys: undefined,
  annotationKeys: undefined,
})

const scopedPlanOf = (resource: AnyResource, selection: Partial<ScopeSelection>): ResourcePlan => ({
  ...planOf(resource),
  scope: createScope(resource, selection),
})

function createRunningEngine(plan: Plan) {
  const fail = () => expect.fail('nothing is wrong with these objects')
  const slices: (() => void)[] = []
  const engine = createEngine({
    now: () => 0,
    onFamilyError: fail,
    onDuplicates: () => {},
    defer: (slice) => void slices.push(slice),
  })
  const { store } = engine
  const ledger = engine.openLedger({ maxSeries: 1000, maxAgeMs: 1000 })
  const receiver = new Receiver()
  const encoder = createOtlpEncoder({
    registry: store.registry,
    resourceAttributes: [],
    constantLabels: [],
    maxBytes: 1_000_000,
  })
  let timestampMs = 0
  const due = { markers: true, changes: true, refreshBefore: 0, refreshRows: 0 }
  engine.apply(plan)
  return {
    engine,
    store,
    /** A thing with a value per family. */
    put: (resource: number, name: string) =>
      engine.upsert(resource, createThing(name, `uid of ${name}`, 1 + 27 * 5 + 27 * 16)),
    finishSlices() {
      for (let slice = slices.shift(); slice !== undefined; slice = slices.shift()) slice()
    },
    /** Sends all that is pending; returns how many blocks that was, and how many stale markers. */
    deliver() {
      let blocks = 0
      let staleMarkers = 0
      for (;;) {
        const taken = ledger.take(due, encoder.add)
        if (taken === undefined) return { blocks, staleMarkers }
        const request = encoder.finish(++timestampMs)
        receiver.take({ timestampMs, samples: samplesOf(request.bytes).samples })
        taken.batch.acknowledge(0)
        blocks += taken.batch.size
        staleMarkers += request.staleMarkers
      }
    },
    live: () => [...receiver.live().keys()].sort(),
    page: () => {
      const slicesOfPage = createExposition(store, { sliceBytes: 10_000 })({ format: 'text', includes: () => true })
      return Buffer.concat([...slicesOfPage]).toString()
    },
  }
}

/** Each once: OTLP has no series twice, as text may. */
const seriesOnPage = (page: string) => {
  const samples = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return [...new Set(samples.map((line) => line.slice(0, line.lastIndexOf(' '))))].sort()
}

describe('a plan', () => {
  test('is the start when it is the first', () => {
    const { engine } = createRunningEngine([])
    const { added, changed, removed, stripped } = engine.apply([planOf(pods), planOf(nodes)])
    expect(added.map(({ resource }) => resource.plural)).toEqual(['pods', 'nodes'])
    expect([changed, removed, stripped]).toEqual([[], [], []])
  })

  test('that is the same again changes nothing', () => {
    const { engine, put, deliver, finishSlices } = createRunningEngine([planOf(pods), planOf(nodes)])
    engine.markSynced(0)
    put(0, 'a/x')
    deliver()
    const layouts = [...engine.store.registry.layouts]
    expect(engine.apply([planOf(pods), planOf(nodes)])).toEqual({
      ...{ added: [], changed: [], rescoped: [], removed: [], stripped: [] },
    })
    finishSlices()
    expect([...engine.store.registry.layouts]).toEqual(layouts)
    expect(deliver()).toEqual({ blocks: 0, staleMarkers: 0 })
  })

  test('keeps the numbers of its resources and families, wherever they stand in it', () => {
    const { engine } = createRunningEngine([planOf(pods), planOf(nodes)])
    const before = engine.store.registry.layouts.map(({ id, familyIds }) => ({ id, familyIds }))
    engine.apply([planOf(nodes)])
    engine.apply([planOf(nodes), planOf(pods)])
    expect(engine.store.registry.layouts.map(({ id, familyIds }) => ({ id, familyIds }))).toEqual(before.reverse())
  })

  test('without a resource ends its series, and ignores objects that arrive late', () => {
    const { engine, store, put, deliver, finishSlices, live, page } = createRunningEngine([planOf(pods), planOf(nodes)])
    for (const id of [0, 1]) engine.markSynced(id)
    put(0, 'a/x')
    put(1, 'x')
    deliver()
    const { removed } = engine.apply([planOf(nodes)])
    expect(removed.map(({ id }) => id)).toEqual([0])
    finishSlices()
    expect(put(0, 'a/late')).toBe('ignored')
    engine.markSynced(0)
    expect(store.objects(0)).toBe(0)
    expect(deliver()).toMatchObject({ blocks: 1 })
    expect(live().every((series) => series.startsWith('nodes_'))).toBe(true)
    expect(seriesOnPage(page())).toEqual(live())
  })

  test('hands the objects of a resource over without stale markers', () => {
    const { engine, store, put, deliver, finishSlices } = createRunningEngine([planOf(pods)])
    engine.markSynced(0)
    put(0, 'a/x')
    deliver()
    engine.apply([], 'handed over')
    finishSlices()
    expect(store.objects(0)).toBe(0)
    expect(deliver()).toEqual({ blocks: 0, staleMarkers: 0 })
  })

  test('with a resource again, while its objects are being removed, keeps those that the list contains', () => {
    const { engine, store, put, finishSlices } = createRunningEngine([planOf(pods)])
    engine.markSynced(0)
    for (let i = 0; i < 1_200; i++) put(0, `a/x${i}`)
    engine.apply([])
    expect(store.objects(0)).toBe(700)
    const { added } = engine.apply([planOf(pods)])
    expect(added.map(({ id }) => id)).toEqual([0])
    finishSlices()
    expect(store.objects(0)).toBe(700)
    const epoch = store.beginRelist()
    put(0, 'a/x1')
    engine.removeMissing({ resource: 0, namespace: undefined, epoch }, () => 'deleted')
    finishSlices()
    expect(store.objects(0)).toBe(1)
    expect(store.isSynced(0)).toBe(false)
  })

  test('without a family ends its series at once, from the rows that are there, and sends nothing else', () => {
    const { engine, put, deliver, finishSlices, live, page } = createRunningEngine([planOf(pods)])
    engine.markSynced(0)
    for (let i = 0; i < 3; i++) put(0, `a/x${i}`)
    deliver()
    const before = live()
    const { changed, stripped } = engine.apply([planOf(pods, ['pods_labelled', 'pods_info'])])
    expect([changed.length, stripped.length]).toEqual([0, 1])
    expect(page()).not.toContain('pods_info')
    finishSlices()
    const gone = before.filter((series) => /pods_(labelled|info)/.test(series))
    expect(gone.length).toBeGreaterThan(3)
    expect(deliver()).toEqual({ blocks: 3, staleMarkers: gone.length })
    expect(live()).toEqual(before.filter((series) => !gone.includes(series)))
    expect(seriesOnPage(page())).toEqual(live())
    for (let i = 0; i < 3; i++) expect(put(0, `a/x${i}`)).toBe('unchanged')
  })

  test('with a new family is listed again, while the old rows serve', () => {
    const { engine, put, deliver, live, page } = createRunningEngine([planOf(pods, ['pods_info'])])
    engine.markSynced(0)
    put(0, 'a/x')
    deliver()
    const before = live()
    const { changed, stripped, added } = engine.apply([planOf(pods)])
    expect([added.length, changed.length, stripped.length]).toEqual([0, 1, 0])
    expect(seriesOnPage(page())).toEqual(before)
    expect(put(0, 'a/x')).toBe('changed')
    expect(deliver()).toEqual({ blocks: 1, staleMarkers: 0 })
    expect(live()).toHaveLength(before.length + 1)
    expect(seriesOnPage(page())).toEqual(live())
  })

  test('with another list of label keys is listed again; an equal list changes nothing', () => {
    const withKeys = (...keys: string[]) => ({ ...planOf(pods), labelKeys: createKeyFilter(keys) })
    const { engine } = createRunningEngine([withKeys('app')])
    expect(engine.apply([withKeys('app')]).changed).toEqual([])
    expect(engine.apply([withKeys('app', 'team')]).changed).toHaveLength(1)
    expect(engine.apply([planOf(pods)]).changed).toHaveLength(1)
  })

  test('made from configuration again is the same as long as the fingerprints are', () => {
    const made = (fingerprint: string): ResourcePlan => {
      const families = pods.families.map((family) => ({ ...family, fingerprint: `${family.name} ${fingerprint}` }))
      return planOf({ ...pods, families, fingerprint: 'pods' })
    }
    const { engine } = createRunningEngine([made('1')])
    expect(engine.apply([made('1')]).changed).toEqual([])
    expect(engine.apply([made('2')])).toMatchObject({ changed: [{ id: 0 }], stripped: [] })
  })

  test('may have two resources that feed one family, which is printed once', () => {
    const others: AnyResource = { ...pods, apiVersion: 'v2', plural: 'others' }
    const { engine, put, page } = createRunningEngine([planOf(pods), planOf(nodes), planOf(others)])
    expect(engine.store.registry.layouts[2]?.familyIds).toEqual(engine.store.registry.layouts[0]?.familyIds)
    put(0, 'a/x')
    put(2, 'a/y')
    expect(page().match(/# TYPE pods_info/g)).toHaveLength(1)
    expect(page()).toMatch(/pods_info{namespace="a",name="x".*\npods_info{namespace="a",name="y"/)
  })
})

describe('a plan with other namespaces', () => {
  const [all, onlyA] = [scopedPlanOf(pods, {}), scopedPlanOf(pods, { namespaces: ['a'] })]
  const namespacesOf = (series: readonly string[]) => [
    ...new Set(series.map((text) => /namespace="([^"]*)"/.exec(text)?.[1])),
  ]

  test.each<[string, Partial<ScopeSelection>]>([
    ['named', { namespaces: ['a', 'ab'] }],
    ['denied', { namespacesDenylist: ['b'] }],
  ])('ends the objects of those that are gone and sends nothing else: %s', (_how, selection) => {
    const { engine, put, deliver, finishSlices, live, page } = createRunningEngine([all, scopedPlanOf(nodes, {})])
    for (const id of [0, 1]) engine.markSynced(id)
    for (const name of ['a/x', 'b/x', 'ab/x', 'b/y']) put(0, name)
    put(1, 'b')
    deliver()
    const before = live()
    const difference = engine.apply([scopedPlanOf(pods, selection), scopedPlanOf(nodes, selection)])
    expect(difference).toMatchObject({ added: [], changed: [], removed: [], stripped: [] })
    expect(difference.rescoped.map(({ id }) => id)).toEqual([0])
    finishSlices()
    const ended = before.filter((series) => series.includes('namespace="b"'))
    expect(ended.length).toBeGreaterThan(3)
    expect(deliver()).toMatchObject({ staleMarkers: ended.length })
    expect(live()).toEqual(before.filter((series) => !ended.includes(series)))
    expect(seriesOnPage(page())).toEqual(live())
  })

  test('ends nothing more once a later plan includes them again', () => {
    const { engine, store, put, deliver, finishSlices, live } = createRunningEngine([all])
    engine.markSynced(0)
    put(0, 'a/x')
    for (let i = 0; i < 1_200; i++) put(0, `b/x${i}`)
    deliver()
    const before = live()
    engine.apply([onlyA])
    expect(store.objects(0)).toBe(701)
    engine.apply([all])
    finishSlices()
    expect(store.objects(0)).toBe(701)
    // The new list has those that are left, and those that were removed.
    for (let i = 0; i < 1_200; i++) put(0, `b/x${i}`)
    expect(deliver().staleMarkers).toBe(0)
    expect(live()).toEqual(before)
  })

  test('adds them to those that serve, which are not sent again', () => {
    const { engine, put, deliver, finishSlices, live } = createRunningEngine([onlyA])
    engine.markSynced(0)
    put(0, 'a/x')
    deliver()
    expect(engine.apply([all]).rescoped).toHaveLength(1)
    finishSlices()
    put(0, 'b/x')
    expect(deliver()).toEqual({ blocks: 1, staleMarkers: 0 })
    expect(namespacesOf(live())).toEqual(['a', 'b'])
  })

  test('hands their objects over without stale markers', () => {
    const { engine, store, put, deliver, finishSlices } = createRunningEngine([all])
    engine.markSynced(0)
    put(0, 'b/x')
    deliver()
    engine.apply([onlyA], 'handed over')
    finishSlices()
    expect(store.objects(0)).toBe(0)
    expect(deliver()).toEqual({ blocks: 0, staleMarkers: 0 })
  })

  test('ends what is left of a resource that was away for a while', () => {
    const { engine, store, put, finishSlices } = createRunningEngine([all])
    engine.markSynced(0)
    for (let i = 0; i < 600; i++) put(0, `b/x${i}`)
    engine.apply([])
    expect(store.objects(0)).toBe(100)
    engine.apply([onlyA])
    finishSlices()
    expect(store.objects(0)).toBe(0)
  })
})
