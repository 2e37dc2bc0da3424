/** Objects written as blocks and read back row by row: the block has exactly the observed samples. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { familiesOf } from '../../src/families/builders.ts'
import type { Family } from '../../src/families/family.ts'
import { resource } from '../../src/families/family.ts'
import { blockLength, RowCursor } from '../../src/rows/block.ts'
import { createBlockWriter } from '../../src/rows/block-writer.ts'
import { decodeLabels, encodeLabels } from '../../src/rows/label-bytes.ts'
import { createLayout } from '../../src/rows/layout.ts'
import type { Registry } from '../../src/rows/registry.ts'
import { createRegistry } from '../../src/rows/registry.ts'
import type { KubernetesObject } from '../../src/schemas/object-meta.ts'
import { ObjectMeta } from '../../src/schemas/object-meta.ts'
import { message, schema } from '../../src/schemas/schema.ts'

type Observation = readonly [value: number, labels: readonly (readonly [string, string])[]]

interface Thing extends KubernetesObject {
  readonly fixed: readonly (readonly [value: number, a: string, b: string])[]
  readonly free: readonly Observation[]
  readonly phase: string | undefined
  readonly single: number
  readonly copied: ReadonlyMap<string, string>
  readonly throwsAfter: number
}

interface Row {
  readonly family: string
  readonly value: number
  readonly labels: readonly (readonly [string, string])[]
  readonly duplicate: boolean
}

const { observableGauge, observableCounter, freeGauge, stateSet, copied } = familiesOf<Thing>()
const head = { help: 'Some help.', stability: 'stable' } as const
const families: readonly Family<Thing>[] = [
  observableGauge({
    ...head,
    name: 'fixed',
    labels: ['a', 'b'],
    callback(thing, observe) {
      for (const row of thing.fixed) observe(...row)
    },
  }),
  observableGauge({
    ...head,
    name: 'throws',
    labels: ['a'],
    callback(thing, observe) {
      for (let i = 0; i < thing.throwsAfter; i++) observe(i, `${i}`)
      if (thing.throwsAfter > 0) throw new Error('as requested')
    },
  }),
  freeGauge({
    ...head,
    name: 'free',
    labelSets: [],
    callback(thing, observe) {
      for (const [value, labels] of thing.free) {
        observe(
          value,
          labels.map(([name]) => name),
          labels.map(([, text]) => text),
        )
      }
    },
  }),
  stateSet({ ...head, name: 'phase', label: 'phase', states: ['Red', 'Grün', 'Red'], current: (thing) => thing.phase }),
  observableCounter({ ...head, name: 'single_total', callback: (thing, observe) => observe(thing.single) }),
  copied({ ...head, name: 'copied', prefix: 'label', selection: 'all', from: (thing) => thing.copied }),
]

function createParts(registry: Registry = createRegistry()) {
  const { shared } = registry
  const things = resource<Thing>({
    ...{ plural: 'things', apiVersion: 'v1', kind: 'Thing', namespaced: true, enabledByDefault: true },
    schema: schema({ metadata: message(1, ObjectMeta) }) as never,
    identity: { name: ({ metadata }) => metadata.name, uid: ({ metadata }) => metadata.uid },
    families,
  })
  const layout = createLayout({ resource: things, families, labelKeys: undefined, annotationKeys: undefined }, registry)
  const errors: string[] = []
  const writer = createBlockWriter(layout, ({ family }, _object, error) => errors.push(`${family.name}: ${error}`))
  const cursor = new RowCursor(shared)
  const read = (bytes: Uint8Array, at: number): Row[] => {
    const rows: Row[] = []
    cursor.open(bytes, at)
    while (cursor.next()) {
      const identity = decodeLabels(cursor.bytes, cursor.identityStart, cursor.identityEnd)
      const own = decodeLabels(cursor.labels, cursor.labelsStart, cursor.labelsEnd)
      const family = layout.families[cursor.family]?.family.name as string
      rows.push({ family, value: cursor.value, labels: [...identity, ...own], duplicate: cursor.duplicate })
    }
    return rows
  }
  return { writer, cursor, read, errors }
}

function createThing(part: Partial<Thing>, name = 'x', creationTimestamp: number | undefined = 1_700_000_000): Thing {
  const metadata = { name, uid: 'u', creationTimestamp } as KubernetesObject['metadata']
  const empty = { fixed: [], free: [], phase: undefined, single: 0, copied: new Map(), throwsAfter: 0 }
  return { metadata, ...empty, ...part }
}

/** The rows by the plain reading of the families. */
function expectedRows(thing: Thing): Row[] {
  const identity: [string, string][] = [
    ['name', thing.metadata.name],
    ['uid', thing.metadata.uid],
  ]
  const seen = new Set<string>()
  const row = (family: string, value: number, labels: readonly (readonly [string, string])[]): Row => {
    const all = [...identity, ...labels]
    const key = JSON.stringify([family, all])
    const duplicate = seen.has(key)
    seen.add(key)
    return { family, value: value === 0 ? 0 : value, labels: all.map(([name, text]) => [name, text]), duplicate }
  }
  const keys = [...thing.copied.keys()].sort()
  return [
    ...thing.fixed.map(([value, a, b]) =>
      row('fixed', value, [
        ['a', a],
        ['b', b],
      ]),
    ),
    ...thing.free.map(([value, labels]) => row('free', value, labels)),
    ...(thing.phase === undefined
      ? []
      : ['Red', 'Grün', 'Red'].map((state) => row('phase', state === thing.phase ? 1 : 0, [['phase', state]]))),
    row('single_total', thing.single, []),
    row(
      'copied',
      1,
      keys.map((key) => [`label_${key}`, thing.copied.get(key) as string]),
    ),
  ]
}

const value = fc.oneof(
  fc.constantFrom(0, -0, 1, 2, -1, 0xffff_ffff, 0x1_0000_0000, 0.5, Number.NaN, Infinity, -Infinity, 1e300),
  fc.double(),
)
/** Well-formed text of any script; long ones need lengths of two bytes. */
const text = fc.oneof(
  fc.constantFrom('', 'a', 'b', 'ä', '日本', '😀', 'x'.repeat(200), 'é'.repeat(70), '"\\\n'),
  fc.string({ unit: 'grapheme', maxLength: 140 }),
)
const anyThing = fc
  .record({
    fixed: fc.array(fc.tuple(value, text, text), { maxLength: 6 }),
    free: fc.array(fc.tuple(value, fc.array(fc.tuple(fc.constantFrom('p', 'q', 'ключ'), text), { maxLength: 3 }))),
    phase: fc.constantFrom(undefined, 'Red', 'Grün', 'Blue'),
    single: value,
    copied: fc
      .uniqueArray(fc.constantFrom('k', 'l', 'm'))
      .chain((keys) => fc.tuple(...keys.map((key) => fc.tuple(fc.constant(key), text))).map((all) => new Map(all))),
    throwsAfter: fc.nat(2),
  })
  .map((part) => createThing(part))

describe('block writer', () => {
  test('writes all observed values and texts, and flags duplicates', () => {
    const { writer, read, errors } = createParts()
    const property = fc.property(anyThing, (thing) => {
      errors.length = 0
      const block = writer.write(thing)
      const expected = expectedRows(thing)
      expect(read(block.bytes, 0)).toEqual(expected)
      expect(block.rows).toBe(expected.length)
      expect(block.duplicates).toBe(expected.filter(({ duplicate }) => duplicate).length)
      expect(blockLength(block.bytes, 0)).toBe(block.length)
      expect(errors).toEqual(thing.throwsAfter > 0 ? ['throws: Error: as requested'] : [])
    })
    fc.assert(property, { numRuns: 500 })
  })

  test('writes the same bytes for the same object, so that unchanged objects are recognized', () => {
    const { writer } = createParts()
    const thing = createThing({ fixed: [[3, 'a', 'b']], phase: 'Red', copied: new Map([['k', 'v']]) })
    const copy = () => {
      const { bytes, length } = writer.write(thing)
      return Buffer.from(bytes.subarray(0, length)).toString('hex')
    }
    const first = copy()
    writer.write(createThing({ fixed: [[1, 'other', 'labels']] }, 'y'))
    expect(copy()).toBe(first)
  })

  test('reads a block that stands anywhere in a buffer', () => {
    const { writer, read } = createParts()
    const thing = createThing({ fixed: [[3, 'a', 'b']], phase: 'Red', single: 5 })
    const { bytes, length } = writer.write(thing)
    const page = new Uint8Array(length + 100)
    page.set(bytes.subarray(0, length), 77)
    expect(read(page, 77)).toEqual(expectedRows(thing))
  })

  test('reaches label sets beyond 64 KiB of dictionary', () => {
    const { writer, read } = createParts()
    const fixed = Array.from({ length: 1_500 }, (_, i) => [i, `a${i}`, 'b'.repeat(60)] as const)
    const thing = createThing({ fixed: [...fixed, [9, 'a3', 'b'.repeat(60)]] })
    const rows = read(writer.write(thing).bytes, 0)
    expect(rows).toEqual(expectedRows(thing))
    expect(rows.filter(({ duplicate }) => duplicate)).toHaveLength(1)
  })

  test('writes states in full after the shared sets are used up', () => {
    const registry = createRegistry()
    const { shared } = registry
    for (let i = 0; i < 0x10000; i++) shared.intern(encodeLabels([['n', `${i}`]]))
    expect(shared.intern(encodeLabels([['n', 'one more']]))).toBeUndefined()
    const { writer, read } = createParts(registry)
    const thing = createThing({ phase: 'Grün' })
    expect(read(writer.write(thing).bytes, 0)).toEqual(expectedRows(thing))
  })

  test.each([
    [1_700_000_000, 1_700_000_000],
    [undefined, 0],
    [-5, 0],
    [0x1_0000_0000, 0],
  ])('takes the creation time %s as the start %s of counters', (creationTimestamp, start) => {
    const { writer, cursor } = createParts()
    const thing = { ...createThing({}), metadata: { name: 'x', uid: 'u', creationTimestamp } } as Thing
    expect(cursor.open(writer.write(thing).bytes, 0).startSeconds).toBe(start)
  })
})

test('copied labels: an object without keys differs from one whose only key is empty', () => {
  const { writer, read } = createParts()
  const copiesOf = (...keys: string[]) => {
    const thing = createThing({ copied: new Map(keys.map((key) => [key, 'v'])) })
    const { bytes } = writer.write(thing)
    return read(bytes, 0)
      .find(({ family }) => family === 'copied')
      ?.labels.slice(2)
  }
  expect([copiesOf(), copiesOf(''), copiesOf(), copiesOf('')]).toEqual([[], [['label_', 'v']], [], [['label_', 'v']]])
})
