/**
 * Labels that an entry gives to all its rules are stored once per object: random rules on random objects have the same
 * page, byte by byte, as when each series is stored with all its labels.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readRules } from '../../src/custom-resources/read-rules.ts'
import type { TextFormat } from '../../src/encoding/family-text.ts'
import { createFamilyText } from '../../src/encoding/family-text.ts'
import { createTextSlice } from '../../src/encoding/text-slice.ts'
import type { AnyResource } from '../../src/families/family.ts'
import { parseExact } from '../../src/kubernetes/decode/json-scan.ts'
import { RowCursor } from '../../src/rows/block.ts'
import { createBlockWriter } from '../../src/rows/block-writer.ts'
import { createLayout } from '../../src/rows/layout.ts'
import { createRegistry } from '../../src/rows/registry.ts'
import type { KubernetesObject } from '../../src/schemas/object-meta.ts'
import { seriesId } from '../../src/store/series-sets.ts'

const kind = { group: 'g', version: 'v1', kind: 'K', plural: 'ks', namespaced: true }

interface Rendered {
  readonly text: string
  readonly openMetrics: string
  readonly series: readonly string[]
  readonly bytes: number
}

/** What the objects, given as JSON, yield; `common: false` stores all labels with each series. */
function render(configs: readonly object[], objects: readonly string[], common: boolean): Rendered {
  const files = configs.map((config, i) => ({ source: `rules-${i}`, text: JSON.stringify(config) }))
  const rendered = { text: '', openMetrics: '', series: [] as string[], bytes: 0 }
  for (const resource of readRules(files).rules.resolve([kind])) {
    const { common: _common, ...whole } = resource
    const page = renderResource(common ? resource : whole, objects)
    rendered.text += page.text
    rendered.openMetrics += page.openMetrics
    rendered.series.push(...page.series)
    rendered.bytes += page.bytes
  }
  return rendered
}

function renderResource(resource: AnyResource, objects: readonly string[]): Rendered {
  const registry = createRegistry()
  const plan = { resource, families: resource.families, labelKeys: undefined, annotationKeys: undefined }
  const writer = createBlockWriter(createLayout(plan, registry), (_family, _object, error) => {
    throw error
  })
  const formats: readonly TextFormat[] = ['text', 'openmetrics']
  const pages = formats.map((format) => ({
    slice: createTextSlice(64),
    texts: resource.families.map((family) => createFamilyText(family, format)),
  }))
  const cursor = new RowCursor(registry.shared)
  const series: string[] = []
  let length = 0
  for (const text of objects) {
    const raw = parseExact(text) as { metadata: object }
    const block = writer.write({ metadata: raw.metadata, raw } as unknown as KubernetesObject)
    length += block.length
    cursor.open(block.bytes, 0)
    while (cursor.next()) {
      series.push(`${seriesId(cursor)} ${cursor.duplicate}`)
      for (const { slice, texts } of pages) slice.line(cursor, texts[cursor.family] as (typeof texts)[number])
    }
  }
  const [plain = '', openMetrics = ''] = pages.map(({ slice }) => Buffer.from(slice.take()).toString())
  return { text: plain, openMetrics, series, bytes: length }
}

function compare(configs: readonly object[], objects: readonly string[]): { split: Rendered; whole: Rendered } {
  const [split, whole] = [render(configs, objects, true), render(configs, objects, false)]
  expect({ ...split, bytes: 0 }).toEqual({ ...whole, bytes: 0 })
  return { split, whole }
}

const recorded: readonly { readonly config: object; readonly objects: readonly string[] }[] = readFileSync(
  join(import.meta.dirname, 'recorded.jsonl'),
  'utf8',
)
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line))

test('the rules recorded of kube-state-metrics have the same page', () => {
  const sums = { split: 0, whole: 0 }
  for (const { config, objects } of recorded) {
    const { split, whole } = compare([config], objects)
    sums.split += split.bytes
    sums.whole += whole.bytes
  }
  expect(sums.split).toBeLessThan(0.7 * sums.whole)
})

const labelKey = fc.constantFrom('name', 'namespace', 'a', 'a-b', 'a.b', 'zone', 'customresource_kind', 'x')
const labelPath = fc.constantFrom(
  ['metadata', 'name'],
  ['metadata', 'namespace'],
  ['metadata', 'labels', 'a'],
  ['spec', 'missing'],
  ['kind'],
)
const constantLabels = fc.dictionary(labelKey, fc.constantFrom('', 'fixed', 'other'), { maxKeys: 2 })
const mapPath = fc.constantFrom(['metadata', 'labels'], ['spec', 'more'])
const pathLabels = fc
  .tuple(
    fc.dictionary(labelKey, labelPath, { maxKeys: 3 }),
    fc.dictionary(fc.constantFrom('*', 'label_*', 'a*'), mapPath, { maxKeys: 1 }),
  )
  .map(([named, copied]) => ({ ...named, ...copied }))
const mostlyEmpty = <T extends object>(labels: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, labels)
const ownLabels = fc.dictionary(labelKey, fc.constantFrom(['type'], ['reason'], ['name']), { maxKeys: 2 })
const each = fc.oneof(
  fc.constant({ type: 'Gauge', gauge: { path: ['spec', 'replicas'] } }),
  ownLabels.map((labelsFromPath) => ({
    type: 'Gauge',
    gauge: { path: ['status', 'conditions'], valueFrom: ['weight'], labelsFromPath },
  })),
  fc.record({ labelName: labelKey, labelsFromPath: ownLabels }).map((stateSet) => ({
    type: 'StateSet',
    stateSet: { path: ['status', 'conditions'], valueFrom: ['status'], list: ['True', 'False'], ...stateSet },
  })),
  mapPath.map((path) => ({ type: 'Info', info: { path, labelsFromPath: { '*': [] } } })),
  ownLabels.map((labelsFromPath) => ({ type: 'Info', info: { path: ['status', 'conditions'], labelsFromPath } })),
)
const rule = fc.record({
  name: fc.constantFrom('one', 'two', 'three'),
  help: fc.constant('Help'),
  commonLabels: mostlyEmpty(constantLabels),
  labelsFromPath: mostlyEmpty(pathLabels),
  each,
})
const config = fc
  .record({
    commonLabels: constantLabels,
    labelsFromPath: pathLabels,
    metrics: fc.array(rule, { minLength: 1, maxLength: 4 }),
  })
  .map((entry) => ({
    kind: 'CustomResourceStateMetrics',
    spec: { resources: [{ groupVersionKind: { group: 'g', version: 'v1', kind: 'K' }, ...entry }] },
  }))
const text = fc.constantFrom('', 'a', 'b', 'K', 'fixed', 'True', '"quoted\\\n', 'ключ')
const anyObject = fc
  .record({
    name: text,
    namespace: fc.option(text, { nil: undefined }),
    labels: fc.dictionary(labelKey, text, { maxKeys: 3 }),
    more: fc.dictionary(labelKey, text, { maxKeys: 2 }),
    replicas: fc.option(fc.nat(5), { nil: undefined }),
    conditions: fc.array(fc.record({ type: text, reason: text, name: text, status: text, weight: fc.nat(3) }), {
      maxLength: 3,
    }),
  })
  .map(({ name, namespace, labels, more, replicas, conditions }) =>
    JSON.stringify({ metadata: { name, namespace, labels }, spec: { replicas, more }, status: { conditions } }),
  )

describe('any rules', () => {
  test('of one or two files have the same page, the same series and the same duplicates', () => {
    let [split, whole] = [0, 0]
    const property = fc.property(
      fc.array(config, { minLength: 1, maxLength: 2 }),
      fc.array(anyObject, { minLength: 1, maxLength: 3 }),
      (configs, objects) => {
        const compared = compare(configs, objects)
        split += compared.split.bytes
        whole += compared.whole.bytes
      },
    )
    fc.assert(property, { numRuns: Number(process.env.FUZZ_RUNS ?? 400) })
    expect(split).toBeLessThan(whole)
  })

  test('that two files have in common are stored once too', () => {
    const files = ['one', 'two'].map((name) => ({
      spec: {
        resources: [
          {
            groupVersionKind: { group: 'g', version: 'v1', kind: 'K' },
            commonLabels: { site: 'north', team: name },
            labelsFromPath: { name: ['metadata', 'name'], [name]: ['metadata', 'namespace'] },
            metrics: [{ name, help: 'H', each: { type: 'Gauge', gauge: { path: ['spec', 'replicas'] } } }],
          },
        ],
      },
    }))
    const object = JSON.stringify({ metadata: { name: 'n'.repeat(100), namespace: 'x' }, spec: { replicas: 1 } })
    const { split, whole } = compare(files, [object])
    expect(split.text.split('\n')).toHaveLength(3)
    expect(whole.bytes - split.bytes).toBeGreaterThan(100)
  })
})
