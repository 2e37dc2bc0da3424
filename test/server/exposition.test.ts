/**
 * Pages in slices: the same bytes for any slices, and each object that exists throughout once per family, despite
 * changes.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSpareBuffers } from '../../src/encoding/spare-buffers.ts'
import type { AnyResource } from '../../src/families/family.ts'
import { createBlockWriter } from '../../src/rows/block-writer.ts'
import { createRegistry } from '../../src/rows/registry.ts'
import { createPlan } from '../../src/selection/create-plan.ts'
import { createExposition } from '../../src/server/exposition.ts'
import { createStore } from '../../src/store/store.ts'
import { contents, createThing, linesOf, resources, uids } from '../store/universe.ts'

function createPages(all: readonly AnyResource[] = resources) {
  const plan = createPlan(all, {
    resources: undefined,
    metricAllowlist: [],
    metricDenylist: [],
    metricOptInList: [],
    labelsAllowList: new Map(),
    annotationsAllowList: new Map(),
  })
  const registry = createRegistry()
  const writers = registry.apply(plan).added.map((layout) =>
    createBlockWriter(layout, (_family, _object, error) => {
      throw error
    }),
  )
  const store = createStore({ registry, now: () => 0 })
  return {
    store,
    /** Puts a thing under a name of its own, so that no two yield the same line. */
    put(resource: number, uid: string, content: number) {
      const thing = createThing(resource === 0 ? `a/name-${uid}` : `name-${uid}`, uid, content)
      const block = writers[resource]?.write(thing)
      if (block === undefined) throw new Error('no such resource')
      store.put(resource, thing.metadata, block)
      return linesOf(resource, thing).map(([series, value]) => `${series} ${value === 70_000 ? '70000' : value}`)
    },
    open: (sliceBytes: number, format: 'text' | 'openmetrics' = 'text', includes = (_resource: string) => true) =>
      createExposition(store, { sliceBytes })({ format, includes }),
  }
}

/** With memory that is given back as soon as a slice was copied; also says how many buffers there were. */
function wholeOfSpared(slices: Iterable<Uint8Array>, give: (slice: Uint8Array) => void) {
  const used = new Set<ArrayBufferLike>()
  const copies: Buffer[] = []
  for (const slice of slices) {
    copies.push(Buffer.from(slice))
    used.add(slice.buffer)
    give(slice)
  }
  return { page: Buffer.concat(copies).toString(), slices: copies.length, buffers: used.size }
}

const whole = (slices: Iterable<Uint8Array>) => Buffer.concat([...slices]).toString()
const samples = (page: string) => page.split('\n').filter((line) => line !== '' && !line.startsWith('#'))

describe('a page', () => {
  test('has the same bytes in one buffer that serves slice after slice', () => {
    const { store, put, open } = createPages()
    for (let i = 0; i < 200; i++) put(i % 2, `uid-${i}`, i % contents)
    const buffers = createSpareBuffers()
    const spared = createExposition(store, { sliceBytes: 1000 })({ format: 'text', includes: () => true, buffers })
    const { page, slices, buffers: used } = wholeOfSpared(spared, buffers.give)
    expect(page).toBe(whole(open(1_000_000)))
    expect(slices).toBeGreaterThan(20)
    expect(used).toBe(1)
  })

  test('is grouped by family under its header, objects in order', () => {
    const { put, open } = createPages()
    put(0, 'u1', 1 + 27 * 4)
    put(0, 'u2', 27 * 4)
    const page = whole(open(1_000_000))
    expect(page.split('\n').slice(0, 4)).toEqual([
      '# HELP pods_info Some help.',
      '# TYPE pods_info gauge',
      'pods_info{namespace="a",name="name-u1",uid="u1"} 1',
      'pods_info{namespace="a",name="name-u2",uid="u2"} 1',
    ])
    expect(page).not.toContain('nodes_')
    expect(page.endsWith('\n')).toBe(true)
  })

  test('is empty but for its end when there is nothing', () => {
    const { open } = createPages()
    expect(whole(open(100))).toBe('')
    expect(whole(open(100, 'openmetrics'))).toBe('# EOF\n')
  })

  test('has the resources that are asked for', () => {
    const { put, open } = createPages()
    const lines = [...put(0, 'u1', 5), ...put(1, 'u1', 5)]
    expect(samples(whole(open(100))).sort()).toEqual(lines.sort())
    const nodes = whole(open(100, 'openmetrics', (resource) => resource === 'nodes'))
    expect(samples(nodes).every((line) => line.startsWith('nodes_'))).toBe(true)
    expect(nodes).toContain('# TYPE nodes_restarts counter\n')
    expect(nodes.endsWith('# EOF\n')).toBe(true)
  })

  test('has the header of a family once, though two resources have it', () => {
    const [pods] = resources as [AnyResource]
    const { put, open } = createPages([pods, { ...pods, plural: 'others' }])
    put(0, 'u1', 0)
    put(1, 'u2', 0)
    const page = whole(open(1_000))
    expect(page.match(/# TYPE pods_info/g)).toHaveLength(1)
    expect(page).toContain('uid="u1"')
    expect(page).toContain('uid="u2"')
  })

  test('is the same whatever the size of slices, none of which is much larger than asked for', () => {
    const { put, open } = createPages()
    for (const [i, uid] of uids.entries()) put(i % 2, uid, (i * 1_237) % contents)
    const expected = whole(open(1_000_000))
    for (const sliceBytes of [1, 50, 300, 4_000]) {
      const slices = [...open(sliceBytes)]
      expect(whole(slices)).toBe(expected)
      expect(Math.max(...slices.map(({ length }) => length))).toBeLessThan(sliceBytes + 1_000)
    }
  })

  test('lets go now and then among many objects that have little to say', () => {
    const { put, open } = createPages()
    for (let i = 0; i < 30_000; i++) put(0, `many-${i}`, 0)
    const slices = [...open(1_000_000_000)]
    expect(slices.length).toBeGreaterThan(4)
    expect(samples(whole(slices)).filter((line) => line.startsWith('pods_info'))).toHaveLength(30_000)
  })

  const change = fc.record({ at: fc.nat(200), uid: fc.constantFrom(...uids), content: fc.nat(contents - 1) })
  const script = fc.record({
    initial: fc.uniqueArray(fc.tuple(fc.constantFrom(...uids), fc.nat(contents - 1)), { selector: ([uid]) => uid }),
    changes: fc.array(fc.record({ change, kind: fc.constantFrom('put', 'remove') }), { maxLength: 60 }),
    sliceBytes: fc.constantFrom(1, 60, 200),
  })
  test('has an object that lives throughout once per family, whatever comes, changes and goes', () => {
    const property = fc.property(script, ({ initial, changes, sliceBytes }) => {
      const { store, put, open } = createPages()
      const lines = new Map(initial.map(([uid, content]) => [uid, put(0, uid, content)]))
      const untouched = new Map(lines)
      const later = [...changes].sort((a, b) => a.change.at - b.change.at)
      const seen: string[] = []
      let turn = 0
      for (const slice of open(sliceBytes)) {
        seen.push(...samples(Buffer.from(slice).toString()))
        for (turn++; later[0] !== undefined && later[0].change.at < turn * 3; later.shift()) {
          const { change, kind } = later[0]
          untouched.delete(change.uid)
          if (kind === 'put') lines.set(change.uid, put(0, change.uid, change.content))
          else if (store.remove(0, change.uid, 'deleted')) lines.delete(change.uid)
        }
      }
      const counts = new Map<string, number>()
      for (const line of seen) counts.set(line, (counts.get(line) ?? 0) + 1)
      for (const line of [...untouched.values()].flat()) expect(counts.get(line)).toBe(1)
      const infos = seen.filter((line) => line.startsWith('pods_info'))
      expect(new Set(infos).size).toBe(infos.length)
    })
    fc.assert(property, { numRuns: 300 })
  })
})
