/** The survey compared with the page: every count is computed again from its lines. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createEngine } from '../../src/runtime/engine.ts'
import { createScope } from '../../src/selection/scope.ts'
import { createExposition } from '../../src/server/exposition.ts'
import type { SeriesLimits } from '../../src/store/limit-scope.ts'
import type { Store } from '../../src/store/store.ts'
import type { Cardinality } from '../../src/survey/cardinality.ts'
import { surveyCardinality } from '../../src/survey/cardinality.ts'
import { clusterNames, contents, createThing, namespacedNames, resources, uids } from '../store/universe.ts'

type Put = readonly [resource: number, uid: number, content: number]

function storeOf(puts: readonly Put[], limits?: SeriesLimits): Store {
  const engine = createEngine({
    now: () => 0,
    onFamilyError: (_family, _resource, _object, error) => {
      throw error
    },
    onDuplicates: () => {},
    limits,
  })
  engine.apply(
    resources.map((resource) => ({
      ...{ resource, families: resource.families, labelKeys: undefined, annotationKeys: undefined },
      scope: createScope(resource),
    })),
  )
  for (const [resource, uid, content] of puts) {
    const names = resource === 0 ? namespacedNames : clusterNames
    engine.upsert(resource, createThing(names[uid % names.length] as string, uids[uid] as string, content))
  }
  return engine.store
}

function survey(store: Store, perStep = 3): Cardinality {
  const nameOf = (resource: number) => store.registry.resource(resource).plural
  const steps = surveyCardinality(store, { nameOf, perStep })
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value
}

interface Line {
  readonly family: string
  readonly labels: readonly (readonly [string, string])[]
  readonly bytes: number
}

function linesOf(store: Store): Line[] {
  const page = [...createExposition(store, { sliceBytes: 1e6 })({ format: 'text', includes: () => true })]
  return Buffer.concat(page)
    .toString()
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({
      family: /^\w+/.exec(line)?.[0] as string,
      labels: [...line.matchAll(/[{,](\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value] as [string, string]),
      bytes: Buffer.byteLength(line) + 1,
    }))
}

const anyPuts = fc.array(fc.tuple(fc.nat(1), fc.nat(uids.length - 1), fc.nat(contents - 1)), { maxLength: 30 })
const anyLimits = fc.record({
  series: fc.constantFrom(0, 40),
  perResource: fc.constantFrom(new Map(), new Map([['pods', 20]])),
  perFamily: fc.constantFrom(new Map(), new Map([['pods_info', 3]])),
})
const sumOf = (costs: readonly { readonly bytes: number }[]) => costs.reduce((sum, { bytes }) => sum + bytes, 0)

test('series, bytes and distinct values are those of the page', () => {
  const property = fc.property(anyPuts, anyLimits, (puts, limits) => {
    const store = storeOf(puts, limits)
    const lines = linesOf(store)
    const found = survey(store)
    expect(found.total).toMatchObject({ series: lines.length, bytes: sumOf(lines) })

    const families = Map.groupBy(lines, ({ family }) => family)
    const familyCosts = found.families
      .filter(({ series }) => series > 0)
      .map((cost) => [cost.family, cost.series, cost.bytes])
    expect(familyCosts.sort()).toEqual([...families].map(([name, of]) => [name, of.length, sumOf(of)]).sort())

    const labels = Map.groupBy(
      lines.flatMap((line) => line.labels),
      ([name]) => name,
    )
    const expected = [...labels].map(([label, of]) => ({
      label,
      values: new Set(of.map(([, value]) => value)).size,
      series: of.length,
      bytes: of.reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0),
    }))
    expect(found.labels).toHaveLength(expected.length)
    expect(found.labels).toEqual(expect.arrayContaining(expected))

    const namespaces = Map.groupBy(lines, (line) => line.labels.find(([name]) => name === 'namespace')?.[1] ?? '')
    const namespaceCosts = found.namespaces.filter(({ series }) => series > 0)
    expect(namespaceCosts.map((cost) => [cost.namespace, cost.series, cost.bytes]).sort()).toEqual(
      [...namespaces].map(([name, of]) => [name, of.length, sumOf(of)]).sort(),
    )
  })
  fc.assert(property, { numRuns: 200 })
})

test('withheld series are counted apart, in total as by the limits', () => {
  const property = fc.property(anyPuts, anyLimits, (puts, limits) => {
    const limited = survey(storeOf(puts, limits))
    const unlimited = survey(storeOf(puts))
    expect(limited.total.series + limited.total.withheld).toBe(unlimited.total.series)
    expect(limited.limits.reduce((sum, { withheld }) => sum + withheld, 0)).toBe(limited.total.withheld)
    for (const part of [limited.resources, limited.families, limited.namespaces]) {
      expect(part.reduce((sum, { withheld }) => sum + withheld, 0)).toBe(limited.total.withheld)
    }
    expect(limited.total.memory).toBe(limited.resources.reduce((sum, { memory }) => sum + memory, 0))
    expect(limited.total.memory).toBe(unlimited.total.memory)
  })
  fc.assert(property, { numRuns: 100 })
})

test('objects that come and go between steps are left out', () => {
  const all = contents - 1
  const store = storeOf([0, 1, 2, 3, 4, 5].map((uid) => [0, uid, all]))
  const steps = surveyCardinality(store, { nameOf: () => 'pods', perStep: 1 })
  steps.next()
  for (const uid of [0, 1, 2, 3, 4, 5]) store.remove(0, uids[uid] as string, 'deleted')
  let step = steps.next()
  while (!step.done) step = steps.next()
  expect(step.value.total.objects).toBe(1)
})
