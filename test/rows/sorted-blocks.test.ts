/** Blocks that store common labels once, beside blocks of the same resource that store all labels with each row. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeMetrics } from '../../simulator/otlp/metrics-decoder.ts'
import type { TextFormat } from '../../src/encoding/family-text.ts'
import { createFamilyText } from '../../src/encoding/family-text.ts'
import { createOtlpEncoder } from '../../src/encoding/otlp-encoder.ts'
import { createTextSlice } from '../../src/encoding/text-slice.ts'
import { familiesOf } from '../../src/families/builders.ts'
import type { CommonLabels } from '../../src/families/family.ts'
import { resource } from '../../src/families/family.ts'
import { blockLength, RowCursor } from '../../src/rows/block.ts'
import { BlockLimitError } from '../../src/rows/block-limits.ts'
import { createBlockWriter } from '../../src/rows/block-writer.ts'
import { decodeLabels, encodeLabels } from '../../src/rows/label-bytes.ts'
import { createLayout } from '../../src/rows/layout.ts'
import type { Registry } from '../../src/rows/registry.ts'
import { createRegistry } from '../../src/rows/registry.ts'
import type { KubernetesObject } from '../../src/schemas/object-meta.ts'
import { ObjectMeta } from '../../src/schemas/object-meta.ts'
import { message, schema } from '../../src/schemas/schema.ts'
import { reduceBlock, sameSeries, seriesId } from '../../src/store/series-sets.ts'

type Labels = ReadonlyMap<string, string>

interface Buoy extends KubernetesObject {
  readonly common: Labels
  readonly samples: readonly (readonly [family: number, value: number, labels: Labels])[]
}

const names = ['buoy_depth', 'buoy_state', 'buoy_info']
const { freeGauge } = familiesOf<Buoy>()
const families = names.map((name, i) =>
  freeGauge({
    ...{ name, help: 'Some help.', stability: 'stable', labelSets: [] },
    callback({ samples }, observe) {
      for (const [family, value, labels] of samples) {
        if (family === i) observe(value, ...listsOf(labels))
      }
    },
  }),
)
const constants = new Map([
  ['group', 'sea.example'],
  ['kind', 'Buoy'],
])

const byName = ([left]: readonly [string, string], [right]: readonly [string, string]) => (left < right ? -1 : 1)
function listsOf(labels: Labels): [names: string[], values: string[]] {
  const sorted = [...labels].sort(byName)
  return [sorted.map(([name]) => name), sorted.map(([, value]) => value)]
}

const readCommon: CommonLabels<Buoy> = {
  constants,
  read({ common }) {
    const [names, values] = listsOf(common)
    return { names, values }
  },
}

/** Writes blocks of buoys, with common labels or with all labels at each row. */
function createForm(
  common: CommonLabels<Buoy> | undefined,
  registry: Registry = createRegistry(),
  onError: (error: unknown) => void = (error) => {
    throw error
  },
) {
  const buoys = resource<Buoy>({
    ...{ plural: 'buoys', apiVersion: 'sea.example/v1', kind: 'Buoy', namespaced: true, enabledByDefault: true },
    schema: schema({ metadata: message(1, ObjectMeta) }) as never,
    identity: {},
    ...(common && { common }),
    families,
  })
  const layout = createLayout({ resource: buoys, families, labelKeys: undefined, annotationKeys: undefined }, registry)
  const writer = createBlockWriter(layout, (_family, _object, error) => onError(error))
  return {
    registry,
    /** The block at an odd place of a larger buffer. */
    blockOf(buoy: Buoy) {
      const { bytes, length } = writer.write(buoy)
      const page = new Uint8Array(length + 20)
      page.set(bytes.subarray(0, length), 13)
      expect(blockLength(page, 13)).toBe(length)
      return { bytes: page, at: 13, length }
    },
  }
}

type Form = ReturnType<typeof createForm>
type Block = { readonly bytes: Uint8Array; readonly at: number }

function pageOf({ registry }: Form, { bytes, at }: Block, format: TextFormat): string {
  const texts = families.map((family) => createFamilyText(family, format))
  const slice = createTextSlice(64)
  const cursor = new RowCursor(registry.shared).open(bytes, at)
  while (cursor.next()) slice.line(cursor, texts[cursor.family] as (typeof texts)[number])
  return Buffer.from(slice.take()).toString()
}

/** The series of a block in order, with values and duplicates. */
function seriesOf({ registry }: Form, { bytes, at }: Block): string[] {
  const cursor = new RowCursor(registry.shared).open(bytes, at)
  const series: string[] = []
  while (cursor.next()) series.push(`${seriesId(cursor)} ${cursor.value} ${cursor.duplicate}`)
  return series
}

/** The points of a request with the block, and its stale markers, without the order of attributes. */
function pointsOf({ registry }: Form, { bytes, at }: Block) {
  const encoder = createOtlpEncoder({
    ...{ registry, resourceAttributes: [], maxBytes: 1_000_000 },
    constantLabels: [['site', 'north']],
  })
  for (const ended of [false, true]) encoder.add(bytes, at, ended)
  const request = encoder.finish(1_700_000_000_000)
  const points = decodeMetrics(request.bytes).flatMap(({ scopes }) =>
    scopes.flatMap(({ metrics }) =>
      metrics.flatMap(({ name, points }) =>
        points.map(({ attributes, value, noRecordedValue }) => {
          expect(new Set(attributes.map(([key]) => key)).size).toBe(attributes.length)
          return JSON.stringify([name, attributes.toSorted(), String(value), noRecordedValue])
        }),
      ),
    ),
  )
  return points
}

const split = createForm(readCommon)
const whole = createForm(undefined)

const labelName = fc.constantFrom('a', 'ab', 'abc', 'abcd', 'abce', 'b', 'group', 'kind', 'namespace', 'zone')
const labelValue = fc.oneof(
  fc.constantFrom('', 'x', 'Buoy', 'sea.example', 'quote " and\nline', 'y'.repeat(200)),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
)
const anyLabels = fc.array(fc.tuple(labelName, labelValue), { maxLength: 4 })
/** Mostly with the constants, and samples that mostly have the common labels: some override them, and some lack one. */
const anyBuoy = fc
  .record({
    hasConstants: fc.constantFrom(true, true, false),
    common: anyLabels,
    samples: fc.array(
      fc.record({
        family: fc.nat(2),
        value: fc.constantFrom(0, 1, 7, 0.5),
        labels: anyLabels,
        lacks: fc.constantFrom(undefined, undefined, undefined, 'group', 'a', 'b'),
      }),
      { maxLength: 12 },
    ),
  })
  .map(({ hasConstants, common, samples }): Buoy => {
    const all = new Map([...(hasConstants ? constants : []), ...common])
    return {
      metadata: { name: 'x', namespace: 'n', uid: 'u' } as KubernetesObject['metadata'],
      common: all,
      samples: samples
        .map(({ family, value, labels, lacks }) => {
          const own = new Map([...all, ...labels])
          if (lacks !== undefined) own.delete(lacks)
          return [family, value, own] as const
        })
        .sort(([left], [right]) => left - right),
    }
  })

function createBuoy(common: Record<string, string>, ...samples: Record<string, string>[]): Buoy {
  return {
    metadata: { name: 'x', namespace: 'n', uid: 'u' } as KubernetesObject['metadata'],
    common: new Map(Object.entries(common)),
    samples: samples.map((labels) => [0, 1, new Map(Object.entries(labels))]),
  }
}

describe('a block with common labels', () => {
  test('has the same text, the same series and the same points as one that has all labels at each row', () => {
    const property = fc.property(anyBuoy, (buoy) => {
      const [left, right] = [split.blockOf(buoy), whole.blockOf(buoy)]
      for (const format of ['text', 'openmetrics'] as const) {
        expect(pageOf(split, left, format)).toBe(pageOf(whole, right, format))
      }
      expect(seriesOf(split, left)).toEqual(seriesOf(whole, right))
      expect(pointsOf(split, left)).toEqual(pointsOf(whole, right))
    })
    fc.assert(property, { numRuns: 500 })
  })

  test('keeps its labels when some of its rows are taken out', () => {
    const property = fc.property(anyBuoy, fc.nat(0xff), (buoy, mask) => {
      const { bytes, at } = split.blockOf(buoy)
      const rows = seriesOf(split, { bytes, at }).filter((row) => row.endsWith('false'))
      let i = 0
      const cursor = new RowCursor(split.registry.shared)
      const reduced = reduceBlock(cursor, bytes, at, () => ((mask >> (i++ % 8)) & 1) === 1)
      const kept = rows.filter((_, row) => ((mask >> (row % 8)) & 1) === 1)
      expect(reduced === undefined ? [] : seriesOf(split, { bytes: reduced.bytes, at: 0 })).toEqual(kept)
    })
    fc.assert(property, { numRuns: 200 })
  })

  test('stores them once: a further series adds its own labels alone', () => {
    const common = { crane: 'c'.repeat(40), group: 'sea.example', kind: 'Buoy', namespace: 'n'.repeat(40) }
    const [one, two] = [1, 2].map((count) => {
      const own = ['x', 'y'].slice(0, count).map((a) => ({ ...common, a }))
      return split.blockOf(createBuoy(common, ...own)).length
    })
    expect((two as number) - (one as number)).toBeLessThan(20)
    const without = split.blockOf(createBuoy(common, { ...common, group: 'other', a: 'x' }))
    expect(without.length).toBeGreaterThan((one as number) + 100)
  })

  test('stores constant labels with neither row nor object, unless the object has others', () => {
    const block = split.blockOf(
      createBuoy({ group: 'sea.example', kind: 'Buoy' }, { group: 'sea.example', kind: 'Buoy' }),
    )
    expect(block.length).toBeLessThan(25)
    const other = split.blockOf(
      createBuoy({ group: 'sea.example', kind: 'Ship' }, { group: 'sea.example', kind: 'Ship' }),
    )
    expect(pageOf(split, other, 'text')).toBe('buoy_depth{group="sea.example",kind="Ship"} 1\n')
  })

  test('has the same series whichever of its labels are common', () => {
    const labels = { a: 'x', b: 'y', group: 'sea.example', kind: 'Buoy' }
    const { a, b, ...constant } = labels
    const [left, right] = [constant, { a, ...constant }].map((common) => split.blockOf(createBuoy(common, labels)))
    if (left === undefined || right === undefined) throw new Error('two blocks')
    expect(Buffer.from(left.bytes).equals(right.bytes)).toBe(false)
    expect(seriesOf(split, left)).toEqual(seriesOf(split, right))
    const cursors = [new RowCursor(split.registry.shared), new RowCursor(split.registry.shared)] as const
    const compare = (one: Block, other: Block) =>
      sameSeries({ cursor: cursors[0], ...one }, { cursor: cursors[1], ...other })
    expect([compare(left, left), compare(left, right)]).toEqual([true, false])
  })

  test('is written in the same way after the shared sets are used up, with the constants in each block', () => {
    const registry = createRegistry()
    for (let i = 0; i < 0x10000; i++) registry.shared.intern(encodeLabels([['n', `${i}`]]))
    const full = createForm(readCommon, registry)
    const buoy = createBuoy(
      { a: 'x', group: 'sea.example', kind: 'Buoy' },
      { a: 'x', group: 'sea.example', kind: 'Buoy' },
    )
    const [left, right] = [full.blockOf(buoy), split.blockOf(buoy)]
    expect(pageOf(full, left, 'text')).toBe(pageOf(split, right, 'text'))
    expect(left.length).toBeGreaterThan(right.length + 20)
  })

  test('has rows that stand alone when the common labels of an object cannot be read', () => {
    const broken = createForm({
      constants,
      read() {
        throw new Error('as requested')
      },
    })
    const block = broken.blockOf(createBuoy({}, { b: 'x' }, {}, { a: 'y', b: 'x' }))
    expect(pageOf(broken, block, 'text')).toBe('buoy_depth{b="x"} 1\nbuoy_depth 1\nbuoy_depth{a="y",b="x"} 1\n')
  })

  test('counts them for each row that has them, so that no object yields a page without bound', () => {
    const errors: unknown[] = []
    const bounded = createForm(readCommon, createRegistry(), (error) => errors.push(error))
    const common = { a: 'x'.repeat(100_000) }
    const rows = (count: number) => Array.from({ length: count }, (_, i) => ({ ...common, b: `${i}` }))
    expect(seriesOf(bounded, bounded.blockOf(createBuoy(common, ...rows(300))))).toHaveLength(300)
    expect(errors).toEqual([])
    expect(seriesOf(bounded, bounded.blockOf(createBuoy(common, ...rows(400))))).toEqual([])
    expect(errors).toEqual([expect.any(BlockLimitError)])
  })

  test('of which a row stands alone shows the common labels of the next row again', () => {
    const common = { a: 'x', group: 'sea.example', kind: 'Buoy' }
    const buoy = createBuoy(common, { a: 'other' }, common, {}, { ...common, b: 'y' })
    expect(pageOf(split, split.blockOf(buoy), 'text').split('\n')).toEqual([
      'buoy_depth{a="other"} 1',
      'buoy_depth{a="x",group="sea.example",kind="Buoy"} 1',
      'buoy_depth 1',
      'buoy_depth{a="x",b="y",group="sea.example",kind="Buoy"} 1',
      '',
    ])
  })
})

test('the series of a row as bytes are all its labels by name', () => {
  const common = { b: 'x', group: 'sea.example', kind: 'Buoy' }
  const { bytes, at } = split.blockOf(createBuoy(common, { ...common, a: 'y', c: 'z' }))
  const cursor = new RowCursor(split.registry.shared).open(bytes, at)
  cursor.next()
  const labels = decodeLabels(Buffer.from(cursor.seriesKey(), 'latin1'))
  expect(labels.map(([name]) => name)).toEqual(['a', 'b', 'c', 'group', 'kind'])
})
