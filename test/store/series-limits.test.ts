import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RowCursor } from '../../src/rows/block.ts'
import { createEngine } from '../../src/runtime/engine.ts'
import { createScope } from '../../src/selection/scope.ts'
import type { LimitStatus, SeriesLimits } from '../../src/store/limit-scope.ts'
import { createLineReader } from './block-lines.ts'
import { contents, createThing, resources } from './universe.ts'

interface Op {
  readonly kind: 'put' | 'remove'
  readonly resource: number
  readonly uid: number
  readonly content: number
}

const op: fc.Arbitrary<Op> = fc.record({
  kind: fc.constantFrom('put', 'put', 'remove'),
  resource: fc.nat(1),
  uid: fc.nat(30),
  content: fc.nat(contents - 1),
})

const limitMap = (names: readonly string[]) =>
  fc
    .dictionary(fc.constantFrom(...names, '*'), fc.integer({ min: 0, max: 40 }))
    .map((limits) => new Map(Object.entries(limits)))
const anyLimits: fc.Arbitrary<SeriesLimits> = fc.record({
  series: fc.constantFrom(0, 0, 30, 120),
  perResource: limitMap(['pods', 'nodes']),
  perFamily: limitMap(['pods_info', 'pods_labelled', 'nodes_phase']),
})

function createLimited(limits?: SeriesLimits) {
  const reports: [kind: string, name: string, isReached: boolean][] = []
  const engine = createEngine({
    now: () => 0,
    onFamilyError: (_family, _resource, _object, error) => {
      throw error
    },
    onDuplicates: () => {},
    limits,
    onLimit: ({ kind, name }, isReached) => reports.push([kind, name, isReached]),
    defer: (step) => step(),
  })
  engine.apply(
    resources.map((resource) => {
      return {
        resource,
        families: resource.families,
        labelKeys: undefined,
        annotationKeys: undefined,
        scope: createScope(resource, {}),
      }
    }),
  )
  const { store } = engine
  const readLines = createLineReader(store.registry, new RowCursor(store.registry.shared))
  return {
    ...{ engine, store, reports },
    put: (resource: number, uid: string, content: number) =>
      engine.upsert(resource, createThing(resource === 0 ? `a/${uid}` : uid, uid, content)),
    lines(): string[] {
      return resources
        .flatMap((_, resource) => {
          const reader = store.reader(resource)
          return [...reader.slots()].flatMap((slot) =>
            readLines(reader.bytes(slot), reader.offset(slot), { duplicates: true }).map(String),
          )
        })
        .sort()
    },
    limit: (kind: string, name: string): LimitStatus | undefined =>
      store.limits().find((limit) => limit.kind === kind && limit.name === name),
  }
}

type Limited = ReturnType<typeof createLimited>

/** Content that yields one series, of family `…_info`; another one yields eight. */
const oneLine = 27 * 4 * 4 * 3
const manyLines = contents - 1

describe('limits on series', () => {
  test('admit the same of the same objects, in whatever order they came and went', () => {
    const run = (world: Limited, { kind, resource, uid, content }: Op) => {
      if (kind === 'put') world.put(resource, `u${uid}`, content)
      else world.store.remove(resource, `u${uid}`, 'deleted')
    }
    const property = fc.property(
      ...([anyLimits, fc.array(op, { maxLength: 60 }), fc.array(op, { maxLength: 60 }), fc.func(fc.nat())] as const),
      (limits, history, otherHistory, shuffle) => {
        const [one, other] = [createLimited(limits), createLimited(limits)]
        for (const step of history) run(one, step)
        for (const step of otherHistory) run(other, step)
        // Both now get what there is in the end, each in its own order.
        const last = new Map(history.map((step) => [`${step.resource} ${step.uid}`, step]))
        for (const step of otherHistory) {
          if (!last.has(`${step.resource} ${step.uid}`)) run(other, { ...step, kind: 'remove' })
        }
        const order = [...last.values()].sort((a, b) => shuffle(a) - shuffle(b))
        for (const step of order) run(other, step)
        expect(other.lines()).toEqual(one.lines())
        const withheld = ({ store }: Limited) => store.limits().map((limit) => [limit.kind, limit.name, limit.withheld])
        for (const world of [one, other]) {
          const sum = world.store.limits().reduce((total, limit) => total + limit.withheld, 0)
          expect(sum).toBe(world.store.withheldSeries(0) + world.store.withheldSeries(1))
        }
        const known = (world: Limited) =>
          new Set(
            withheld(world)
              .filter(([, , count]) => count !== 0)
              .map(String),
          )
        expect(known(other)).toEqual(known(one))
        const unlimited = createLimited()
        for (const step of history) run(unlimited, step)
        expect(unlimited.lines()).toEqual(expect.arrayContaining(one.lines()))
      },
    )
    fc.assert(property, { numRuns: 300 })
  })

  test('withhold whole families or objects, oldest first, and return them when there is room', () => {
    const world = createLimited({ series: 0, perResource: new Map(), perFamily: new Map([['pods_info', 2]]) })
    // In the order of creation: u0 (unknown: earliest), u3, u6, u2.
    for (const uid of ['u2', 'u6', 'u3', 'u0']) world.put(0, uid, oneLine)
    expect(world.lines().map((line) => /uid="(.*?)"/.exec(line)?.[1])).toEqual(['u0', 'u3'])
    expect(world.limit('family', 'pods_info')).toMatchObject({ max: 2, wanted: 4, withheld: 2 })
    world.store.remove(0, 'u3', 'deleted')
    expect(world.lines().map((line) => /uid="(.*?)"/.exec(line)?.[1])).toEqual(['u0', 'u6'])
    expect(world.store.series(0)).toBe(2)
    expect(world.store.withheldSeries(0)).toBe(1)
  })

  test('are reported once when they are reached, and once when there is room again', () => {
    const world = createLimited({ series: 20, perResource: new Map([['pods', 10]]), perFamily: new Map() })
    for (let i = 0; i < 30; i++) world.put(0, `p${i}`, oneLine)
    for (let i = 0; i < 30; i++) world.put(1, `n${i}`, oneLine)
    const reached = [
      ['resource', 'pods', true],
      ['all', '', true],
    ]
    expect(world.reports).toEqual(reached)
    for (let i = 9; i < 30; i++) world.store.remove(0, `p${i}`, 'deleted')
    expect(world.limit('resource', 'pods')).toMatchObject({ wanted: 9, withheld: 0 })
    expect(world.reports).toEqual([...reached, ['resource', 'pods', false]])
  })

  test('before all objects are listed, a standby needs no stale markers for what it withholds', () => {
    const world = createLimited({ series: 0, perResource: new Map([['pods', 1]]), perFamily: new Map() })
    const ledger = world.engine.openLedger({ maxSeries: 1000, maxAgeMs: 1000 })
    ledger.setMode('standby')
    // u2 is older than u1, and u3 than both.
    for (const uid of ['u1', 'u2']) world.put(0, uid, oneLine)
    expect(world.store.withheldSeries(0)).toBe(1)
    expect(ledger.pendingMarkers).toBe(0)
    world.engine.markSynced(0)
    world.put(0, 'u3', oneLine)
    expect(ledger.pendingMarkers).toBe(1)
  })

  test('an object that is larger than its limit leaves none to younger ones', () => {
    const world = createLimited({ series: 0, perResource: new Map([['nodes', 4]]), perFamily: new Map() })
    world.put(1, 'u2', manyLines)
    world.put(1, 'u1', oneLine)
    expect(world.store.series(1)).toBe(world.lines().length)
    expect(world.lines().filter((line) => line.startsWith('nodes'))).toEqual([])
  })
})
