/** ResourceMetricsMonitors: what their stores, families and metrics yield, and what is refused in words. */
import { describe, expect, test } from 'vitest'
import { compileExpression } from '../../../src/custom-resources/cel.ts'
import { formatConfigurationProblem } from '../../../src/custom-resources/configuration.ts'
import { loadExpressions } from '../../../src/custom-resources/load-expressions.ts'
import { labelNameOf } from '../../../src/custom-resources/monitors/resolved-samples.ts'
import { readRules } from '../../../src/custom-resources/read-rules.ts'
import type { FreeFamily } from '../../../src/families/family.ts'

const kinds = ['Boat', 'Ferry'].map((kind) => ({
  ...{ group: 'sea.example', version: 'v1', kind, plural: `${kind.toLowerCase()}s`, namespaced: true },
}))
const header = 'apiVersion: resource-state-metrics.instrumentation.k8s-sigs.io/v1alpha1\nkind: ResourceMetricsMonitor\n'
const monitorOf = (stores: string) =>
  `${header}metadata: {name: m, namespace: n}\nspec:\n  configuration:\n    stores:\n${stores}`
/** A store of boats with these families. */
const storeOf = (families: string, more = '') =>
  monitorOf(`    - {group: sea.example, version: v1, kind: Boat, resource: boats, ${more}families: [${families}]}\n`)
const metricsOf = (metrics: string, more = '') => storeOf(`{name: f, help: H, ${more}metrics: [${metrics}]}`)

const boat = {
  metadata: { name: 'anna', namespace: 'bay', labels: { 'app.example/tier': 'a', size: '3' } },
  spec: { seats: 8, isOpen: true, crewSize: 2, weight: '1500k', tags: ['x', 'y'], ratio: 0.25, big: 2 ** 40 },
  status: {
    conditions: [
      { type: 'Ready', status: 'True', reason: 'Ok' },
      { type: 'Leaking', status: 'False' },
    ],
    since: '2026-03-01T08:00:00Z',
    counts: { inUse: 3, deep: { spare: 1 } },
  },
}

function read(text: string, object: object = boat) {
  const { rules, problems } = readRules([{ source: 'm.yaml', text }], compileExpression)
  const samples: string[] = []
  for (const { families } of rules.resolve(kinds)) {
    for (const { name, callback } of families as readonly FreeFamily<unknown>[]) {
      callback({ metadata: { namespace: 'bay', name: 'anna' }, raw: { ...object } }, (value, names, values) => {
        const labels = names.map((label, i) => `${label}=${values[i]}`)
        samples.push([name, ...labels, value].join(' '))
      })
    }
  }
  const errors = rules.status().flatMap(({ record }) => record.lastError ?? [])
  return { samples, errors, problems: problems.map(formatConfigurationProblem), rules }
}

const auto = 'group=sea.example kind=Boat name=anna namespace=bay version=v1'
/** The labels of its own and the value of each sample. */
const samplesOf = (text: string, object?: object) => {
  const { samples, problems, errors } = read(text, object)
  expect([problems, errors]).toEqual([[], []])
  return samples.map((sample) => sample.replace('kube_customresource_f ', '').replace(`${auto} `, ''))
}
const cel = (value: string, labels: Record<string, string> = {}) =>
  metricsOf(
    JSON.stringify({
      resolver: 'cel',
      value,
      labels: Object.entries(labels).map(([name, of]) => ({ name, value: of })),
    }),
  )

describe('values and labels', () => {
  test('of the resolver unstructured are dotted paths, and numbers as Go reads them', () => {
    const text = metricsOf(
      '{value: spec.seats, labels: [{name: crewSize, value: spec.crewSize}, {name: none, value: spec.none}, {name: open, value: spec.isOpen}]}, {value: metadata.labels.size, labels: [{name: from, value: metadata.name}]}',
      'resolver: unstructured, ',
    )
    expect(read(text).samples).toEqual([
      'kube_customresource_f crew_size=2 group=sea.example kind=Boat name=anna namespace=bay open=true version=v1 8',
      'kube_customresource_f from=anna group=sea.example kind=Boat name=anna namespace=bay version=v1 3',
    ])
    expect(read(metricsOf('{value: spec.isOpen}', 'resolver: unstructured, ')).errors).toEqual([
      { object: 'bay/anna', path: 'spec.isOpen', reason: 'expected a number, got "true"' },
    ])
  })

  test.each([
    ['o.spec.seats * 2', ['16']],
    ['double(o.spec.seats) / 16.0', ['0.5']],
    ['o.metadata.labels.size', ['3']],
    ['quantity(o.spec.weight) + quantity("")', ['1500000']],
    ['unixSeconds(o.status.since) - unixSeconds("")', ['1772352000']],
    ['o.spec.seats > 7.5 ? 1 : 0', ['1']],
    ['has(o.spec.none) ? [1] : []', []],
  ])('of the resolver cel: %s', (value, expected) => expect(samplesOf(cel(value))).toEqual(expected))

  test('that are lists make a sample for each element', () => {
    const text = cel("o.status.conditions.map(c, c.status == 'True' ? 1 : 0)", {
      type: 'o.status.conditions.map(c, c.type)',
      boat: 'o.metadata.name',
      ratio: 'o.spec.ratio',
      big: 'double(o.spec.big)',
    })
    const more = 'big=1.099511627776e+12 boat=anna'
    expect(read(text).samples).toEqual([
      `kube_customresource_f ${more} group=sea.example kind=Boat name=anna namespace=bay ratio=0.25 type=Ready version=v1 1`,
      `kube_customresource_f ${more} group=sea.example kind=Boat name=anna namespace=bay ratio=0.25 type=Leaking version=v1 0`,
    ])
    expect(read(cel('1', { tag: 'o.spec.tags', t: '["p"]' })).samples).toEqual([
      `kube_customresource_f ${auto.replace(' version', ' t=p tag=x version')} 1`,
      `kube_customresource_f ${auto.replace(' version', ' tag=y version')} 1`,
    ])
  })

  test('that are maps make a label for each member', () => {
    expect(read(cel('1', { _: 'labelPrefix(o.metadata.labels, "label_")' })).samples).toEqual([
      `kube_customresource_f ${auto.replace(' name=', ' label_app_example_tier=a label_size=3 name=')} 1`,
    ])
    expect(read(cel('1', { n_: 'o.status.counts' })).samples).toEqual([
      `kube_customresource_f ${auto.replace(' name=', ' n_in_use=3 n_spare=1 name=')} 1`,
    ])
    expect(read(cel('o.status.counts')).errors[0]?.reason).toBe('expected a number, got a map')
  })

  test('that fail are errors with the object and the place', () => {
    expect(read(cel('o.spec.none.none')).errors).toMatchObject([{ object: 'bay/anna', path: 'o.spec.none.none' }])
    const { samples, errors } = read(cel('1', { bad: 'o.spec.none' }))
    expect([samples, errors.map(({ reason }) => reason.startsWith('label bad: '))]).toEqual([[], [true]])
    expect(read(cel('o.metadata.name')).errors[0]?.reason).toBe('expected a number, got "anna"')
    expect(read(cel('[1]', { t: 'o.status.conditions' })).errors[0]?.reason).toContain('expected a string, a number')
  })

  test('that are not there are named by --explain', () => {
    const { rules } = read(metricsOf('{value: spec.depth}', 'resolver: unstructured, '))
    expect(rules.status()[0]?.record).toMatchObject({ objects: 1, missing: 1, lastMissing: { path: '[spec, depth]' } })
  })
})

test('labels and resolvers of store, family and metric add up; the closest counts', () => {
  const text = storeOf(
    '{name: f, help: H, resolver: cel, labels: [{name: a, value: \'"family"\'}, {name: b, value: \'"family"\'}], metrics: [{value: "1", labels: [{name: b, value: \'"metric"\'}, {name: name, value: \'"own"\'}]}]}',
    'labels: [{name: a, value: \'"store"\'}, {name: c, value: \'"store"\'}], resolver: unstructured, ',
  )
  expect(read(text).samples).toEqual([
    'kube_customresource_f a=family b=metric c=store group=sea.example kind=Boat name=own namespace=bay version=v1 1',
  ])
})

test('stores for one kind add up, and choose objects by selectors', () => {
  const store = (name: string, more = '') =>
    `    - {group: sea.example, version: "*", kind: "*", ${more}families: [{name: ${name}, help: H, resolver: cel, metrics: [{value: "1"}]}]}\n`
  const { samples, rules } = read(
    monitorOf(store('a') + store('b') + store('c', 'selectors: {label: "x=y", field: metadata.name=z}, ')),
  )
  expect(samples.map((sample) => sample.replace(/ .*kind=(\w+).*/, ' $1')).sort()).toEqual(
    ['a', 'b', 'c'].flatMap((name) => ['Boat', 'Ferry'].map((kind) => `kube_customresource_${name} ${kind}`)),
  )
  const selectors = rules.resolve(kinds).map((resource) => resource.selectors)
  expect(selectors).toContainEqual({ label: 'x=y', field: 'metadata.name=z' })
})

test('earlier versions have the configuration as a text, with generators', () => {
  const text = `${header}spec:
  configuration: |
    generators:
      - group: sea.example
        version: v1
        kind: Boat
        families:
          - {name: f, help: H, resolver: cel, metrics: [{value: o.spec.seats}]}
          - {name: g, help: H, resolver: cel, metrics: [{value: now()}]}
`
  const { samples, problems } = read(text)
  expect(samples).toEqual([`kube_customresource_f ${auto} 8`])
  expect(problems).toEqual([expect.stringMatching(/^m\.yaml:11:\d+: Boat\/g: value: now\(\) is not available/)])
})

test('documents behind the first are read if they are monitors', () => {
  const rules =
    'spec: {resources: [{groupVersionKind: {group: sea.example, version: v1, kind: Ferry}, metrics: [{name: own, help: H, each: {type: Gauge, gauge: {path: [spec, seats]}}}]}]}\n'
  const { samples, problems } = read(`${rules}---\n${cel('1')}---\n${rules}---\n${cel('2')}`)
  expect(problems).toEqual([])
  expect(samples.map((sample) => sample.replace(/ .* /, ' ')).sort()).toEqual([
    'kube_customresource_f 1',
    'kube_customresource_f 2',
    'kube_customresource_own 8',
  ])
})

describe('what has no meaning here', () => {
  const refusals: readonly (readonly [string, string])[] = [
    [
      '{name: g, help: H, starlark: {script: "x"}}',
      'starlark: scripts are not run; expected metrics with the resolver cel',
    ],
    ['{name: g, help: H, resolver: starlark, metrics: [{value: a}]}', 'value: starlark: scripts are not run'],
    ['{name: g, help: H, metrics: [{value: a}]}', 'value: resolver is missing: expected cel or unstructured'],
    ['{name: g, help: H, resolver: lua, metrics: [{value: a}]}', 'resolver: expected cel or unstructured, got "lua"'],
    ['{name: g, help: H, resolver: cel, metrics: [{value: now()}]}', 'now() is not available'],
    ['{name: g, help: H, resolver: cel, metrics: [{value: object.spec.seats}]}', 'the variable is o'],
    [
      '{name: g, help: H, resolver: cel, metrics: [{value: quantty("1")}]}',
      'no function quantty; did you mean quantity?',
    ],
    ['{name: g, help: H, resolver: cel, metrics: [{value: "1", labels: [{name: l, value: "o."}]}]}', 'label l: '],
    [
      '{name: g, help: H, resolver: unstructured, metrics: [{value: "spec.tags[0]"}]}',
      'expected keys with dots between',
    ],
    ['{name: g-h, help: H, resolver: cel, metrics: [{value: "1"}]}', 'name: expected letters, digits and _ only'],
    ['{name: g, help: H, resolver: cel, metrics: [{labels: []}]}', 'value is missing'],
    ['{name: g, help: H, resolver: cel}', 'no metrics: expected entries below metrics'],
  ]
  test.each(refusals)('leaves out the family %s', (family, message) => {
    const { samples, problems } = read(storeOf(`${family}, {name: f, help: H, resolver: cel, metrics: [{value: "1"}]}`))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(message)
    expect(problems[0]).toMatch(/^m\.yaml:7:\d+: Boat\/.*: this family is left out$/)
    expect(samples).toEqual([`kube_customresource_f ${auto} 1`])
  })

  test.each([
    ['{group: "*", version: v1, kind: Boat, ', 'group: expected the name of an API group'],
    ['{group: "*.example", version: v1, kind: Boat, ', 'group: expected the name of an API group'],
    ['{group: sea.example, version: v1*, kind: Boat, ', 'version: expected a version, or * for all'],
    ['{group: sea.example, version: v1, kind: B*, ', 'kind: expected a kind, or * for all'],
    ['{version: v1, kind: "*", ', 'kind: expected a kind, since the core group has no wildcard'],
  ])('leaves out the store %s', (store, message) => {
    const families = 'resolver: cel, families: [{name: f, help: H, metrics: [{value: "1"}]}]}\n'
    const { samples, problems } = read(
      monitorOf(`    - ${store}${families}    - {group: sea.example, version: v1, kind: Boat, ${families}`),
    )
    expect(problems).toEqual([expect.stringContaining(`${message}`)])
    expect(problems[0]).toContain(': this store is left out')
    expect(samples).toEqual([`kube_customresource_f ${auto} 1`])
  })

  test('is said of limits and of unknown keys, which change nothing', () => {
    const { samples, problems } = read(
      storeOf('{name: f, help: H, resolver: cel, cardinalityLimit: 3, metric: [], metrics: [{value: "1"}]}'),
    )
    expect(problems).toEqual([
      expect.stringContaining('Boat/f: cardinalityLimit is not applied'),
      expect.stringContaining('unknown key metric in the family; did you mean metrics?'),
    ])
    expect(samples).toHaveLength(1)
  })

  test('refuses the whole object where nothing can be used', () => {
    const problemOf = (text: string) => read(text).problems.join('\n')
    expect(problemOf(`${header}spec: {}`)).toContain('configuration is missing')
    expect(problemOf(`${header}spec: {configuration: {stores: 3}}`)).toContain('stores: expected a list of stores')
    expect(problemOf(cel('1').replace('v1alpha1', 'v2'))).toContain('apiVersion: expected resource-state-metrics')
    expect(problemOf(storeOf('', 'selectors: {label: "a in b"}, '))).toContain('label: expected label requirements')
    expect(problemOf(`${header}spec: {configuration: "stores: ["}`)).toContain('configuration: not valid YAML')
    expect(read(cel('1').replace('v1alpha1', 'v2')).samples).toEqual([])
  })
})

test.each([
  ['environmentType', 'environment_type'],
  ['JSONData', 'json_data'],
  ['app.kubernetes.io/name', 'app_kubernetes_io_name'],
  ['v1Beta2', 'v_1_beta_2'],
  ['_', '_'],
])('the label %s is named %s', (name, expected) => expect(labelNameOf(name)).toBe(expected))

test('the cost of labels is bounded', () => {
  const labels = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`l${i}`, 'x'.repeat(400)]))
  const object = { ...boat, metadata: { ...boat.metadata, labels } }
  const costly = read(cel('1', { _: 'labelPrefix(o.metadata.labels, "p_")' }), object)
  expect([costly.samples, costly.errors[0]?.reason]).toEqual([[], expect.stringContaining('more than 100000 steps')])
  const long = read(cel('1', { _: `labelPrefix({"a": "b"}, "${'p'.repeat(300)}")` }))
  expect([long.samples, long.errors[0]?.reason]).toEqual([[], expect.stringContaining('at most 256 characters')])
})

test('the compiler of expressions is loaded for monitors', async () => {
  expect(await loadExpressions([{ text: 'kind: ResourceMetricsMonitor' }])).toBe(compileExpression)
})

test('entries that say the same keep their records', () => {
  const { rules } = read(cel('o.spec.seats'))
  const before = rules.status()[0]?.record
  const again = readRules([{ source: 'm.yaml', text: `# moved\n${cel('o.spec.seats')}` }], compileExpression)
  rules.update(again.rules.declarations)
  expect(rules.status()[0]?.record).toBe(before)
  const other = readRules([{ source: 'm.yaml', text: cel('o.spec.crewSize') }], compileExpression)
  rules.update(other.rules.declarations)
  expect(rules.status()[0]?.record).not.toBe(before)
})
