/** Extensions of the format of kube-state-metrics: levels, aggregates, changed label values, conversions by name. */
import { describe, expect, test } from 'vitest'
import { formatConfigurationProblem } from '../../src/custom-resources/configuration.ts'
import { readRules } from '../../src/custom-resources/read-rules.ts'
import type { FreeFamily } from '../../src/families/family.ts'

const kind = { group: 'g', version: 'v1', kind: 'K', plural: 'ks', namespaced: true }
const own = new Set(['customresource_group', 'customresource_version', 'customresource_kind'])

function read(each: string, object: object) {
  const text = `spec: {resources: [{groupVersionKind: {group: g, version: v1, kind: K}, metricNamePrefix: "", metrics: [{name: m, each: ${each}}]}]}`
  const { rules, problems } = readRules([{ source: 'r', text }])
  const samples: string[] = []
  for (const { families } of rules.resolve([kind])) {
    for (const { callback } of families as readonly FreeFamily<unknown>[]) {
      callback({ metadata: { namespace: '', name: 'o' }, raw: object }, (value, names, values) => {
        const labels = names
          .map((name, i) => `${name}=${values[i]}`)
          .filter((label) => !own.has(label.split('=')[0] ?? ''))
        samples.push(`${labels.join(' ')} ${value}`.trim())
      })
    }
  }
  const [status] = rules.status()
  return { samples, error: status?.record.lastError, problems: problems.map(formatConfigurationProblem) }
}

const samplesOf = (each: string, object: object) => {
  const { samples, problems } = read(each, object)
  expect(problems).toEqual([])
  return samples
}
const problemOf = (each: string) => read(each, {}).problems.join('\n')

const gateway = {
  spec: {
    listeners: [
      {
        name: 'http',
        port: 80,
        routes: [
          { host: 'a', weight: 1 },
          { host: 'b', weight: '20m' },
        ],
      },
      { name: 'tls', port: 443, routes: [{ host: 'c', weight: 3 }] },
      { name: 'empty' },
    ],
    limits: { team: { cpu: { max: 4 } }, other: { cpu: { max: '500m' }, memory: { max: 1 } } },
  },
}

describe('levels', () => {
  test('a level yields a sample for each element of each list', () => {
    const each =
      '{type: Gauge, gauge: {path: [spec, listeners, "[*]", routes, "[*]"], valueFrom: [weight], labelsFromPath: {host: [host]}}}'
    expect(samplesOf(each, gateway)).toEqual(['host=a 1', 'host=b 0.02', 'host=c 3'])
  })

  test('labels start from any named level, and from its key', () => {
    const each = `{type: Gauge, gauge: {path: [spec, listeners, "[*:listener]", routes, "[*:route]"], valueFrom: [weight],
      labelsFromPath: {listener: ["@listener", name], number: ["#listener"], route: ["#route"], host: [host]}}}`
    expect(samplesOf(each, gateway)).toEqual([
      'host=a listener=http number=0 route=0 1',
      'host=b listener=http number=0 route=1 0.02',
      'host=c listener=tls number=1 route=0 3',
    ])
  })

  test('entries of nested objects are elements, their keys are labels', () => {
    const each = `{type: Gauge, gauge: {path: [spec, limits, "[*:who]", "[*]", max], labelsFromPath: {who: ["#who"]}}}`
    expect(samplesOf(each, gateway)).toEqual(['who=team 4', 'who=other 0.5', 'who=other 1'])
    const keyed = `{type: Gauge, gauge: {path: [spec, limits, "[*:who]", "[*]"], valueFrom: [max], labelFromKey: resource, labelsFromPath: {who: ["#who"]}}}`
    expect(samplesOf(keyed, gateway)).toEqual([
      'resource=cpu who=team 4',
      'resource=cpu who=other 0.5',
      'resource=memory who=other 1',
    ])
  })

  test('info and state sets visit levels too', () => {
    const info =
      '{type: Info, info: {path: [spec, listeners, "[*:l]", routes], labelsFromPath: {l: ["@l", name], host: [host]}}}'
    expect(samplesOf(info, gateway)).toEqual(['host=a l=http 1', 'host=b l=http 1', 'host=c l=tls 1'])
    const states =
      '{type: StateSet, stateSet: {path: [spec, listeners, "[*:l]", routes, "[*]", host], labelName: host, list: [a, c], labelsFromPath: {l: ["@l", name]}}}'
    expect(samplesOf(states, gateway)).toEqual([
      'host=a l=http 1',
      'host=c l=http 0',
      'host=a l=http 0',
      'host=c l=http 0',
      'host=a l=tls 0',
      'host=c l=tls 1',
    ])
  })

  test('an error names the element by its keys', () => {
    const { error } = read('{type: Gauge, gauge: {path: [spec, "[*]", x, "[*]"]}}', { spec: { a: { x: [1, 'bad'] } } })
    expect(error).toMatchObject({ object: 'o', path: '[spec, a, x, 1]' })
  })

  test('a level without a name cannot be a starting point', () => {
    expect(
      samplesOf('{type: Gauge, gauge: {path: [a], valueFrom: [n], labelsFromPath: {l: ["@l", x]}}}', {
        a: [{ n: 1, '@l': { x: 'y' } }],
      }),
    ).toEqual(['l=y 1'])
    expect(problemOf('{type: Gauge, gauge: {path: [a, "[*:l]"], labelsFromPath: {l: ["#l", x]}}}')).toContain(
      'expected nothing behind "#l", which is a key, got "x"',
    )
  })
})

describe('aggregates', () => {
  const pods = {
    items: [{ phase: 'Up', n: 2 }, { phase: 'Up', n: '500m' }, { phase: 'Down', n: 7 }, { phase: 'Down' }],
  }
  const gauge = (inner: string) => `{type: Gauge, gauge: {path: [items], ${inner}}}`

  test.each([
    ['aggregate: count', ['4']],
    ['aggregate: count, valueFrom: [n]', ['3']],
    ['aggregate: sum, valueFrom: [n]', ['9.5']],
    ['aggregate: min, valueFrom: [n]', ['0.5']],
    ['aggregate: max, valueFrom: [n]', ['7']],
    ['aggregate: count, labelsFromPath: {phase: [phase]}', ['phase=Up 2', 'phase=Down 2']],
    ['aggregate: sum, valueFrom: [n], labelsFromPath: {phase: [phase]}', ['phase=Up 2.5', 'phase=Down 7']],
  ])('%s', (inner, samples) => expect(samplesOf(gauge(inner), pods)).toEqual(samples))

  test('count entries of objects and elements of all levels', () => {
    expect(samplesOf('{type: Gauge, gauge: {path: [spec, limits], aggregate: count}}', gateway)).toEqual(['2'])
    expect(
      samplesOf(
        '{type: Gauge, gauge: {path: [spec, listeners, "[*:l]", routes], aggregate: count, labelsFromPath: {l: ["@l", name]}}}',
        gateway,
      ),
    ).toEqual(['l=http 2', 'l=tls 1'])
    expect(samplesOf('{type: Gauge, gauge: {path: [spec, listeners, "[*]"], aggregate: count}}', gateway)).toEqual([
      '3',
    ])
  })

  test('of nothing are 0, or not there', () => {
    expect(samplesOf(gauge('aggregate: count'), { items: [] })).toEqual(['0'])
    expect(samplesOf(gauge('aggregate: sum, valueFrom: [n]'), { items: [] })).toEqual(['0'])
    expect(samplesOf(gauge('aggregate: max, valueFrom: [n]'), { items: [] })).toEqual([])
    expect(samplesOf(gauge('aggregate: count'), {})).toEqual([])
    expect(samplesOf(gauge('aggregate: count, nilIsZero: true'), {})).toEqual(['0'])
  })

  test('have names', () => {
    expect(problemOf(gauge('aggregate: mean'))).toContain('aggregate: expected count, sum, min, max, got "mean"')
  })
})

describe('label values', () => {
  // Of an object the entries would be samples too, each with the default.
  const label = (inner: string) => `{type: Info, info: {path: [items], labelsFromPath: {l: {path: [v], ${inner}}}}}`
  const labelOf = (inner: string, v: unknown) => samplesOf(label(inner), { items: [{ v }] })

  test.each([
    ['match: "^v?([0-9]+[.][0-9]+)", replace: "$1"', 'v1.36.3', ['l=1.36 1']],
    ['match: "^[^/]+"', 'registry/image', ['l=registry 1']],
    ['match: "^x"', 'registry/image', []],
    ['match: "^x", default: other', 'registry/image', ['l=other 1']],
    ['match: "(a)(b)?", replace: "$2-$1-$0-$7"', 'a', ['l=-a-a- 1']],
    ['values: {Running: up, Failed: down}', 'Running', ['l=up 1']],
    ['values: {Running: up}', 'Pending', ['l=Pending 1']],
    ['values: {Running: up}, default: unknown', 'Pending', ['l=unknown 1']],
    ['values: {"true": enabled}', true, ['l=enabled 1']],
    ['default: none', null, ['l=none 1']],
    ['convert: quantity', '1Ki', ['l=1024 1']],
    ['convert: duration', 'soon', []],
    ['convert: timestamp, default: never', 'soon', ['l=never 1']],
    ['match: "([0-9]+)Gi", replace: "$1", values: {"5": five}', '5Gi', ['l=five 1']],
  ])('%s', (inner, value, samples) => expect(labelOf(inner, value)).toEqual(samples))

  test.each([
    ['match: "("', /labelsFromPath\.l\.match: expected an RE2 regular expression/],
    ['match: "(?=a)"', /expected an RE2 regular expression/],
    ['replace: "$1"', /labelsFromPath\.l\.replace: expected together with match/],
    ['convert: date', /convert: expected boolean, duration, number, percent, quantity, timestamp, got "date"/],
    ['defalt: x', /unknown key defalt in labelsFromPath\.l; did you mean default\?/],
  ])('%s is refused', (inner, message) => expect(problemOf(label(inner))).toMatch(message))

  test('a copied object has its values changed alike', () => {
    const each = '{type: Info, info: {path: [spec], labelsFromPath: {"p_*": {path: [m], match: "^[a-z]+"}}}}'
    expect(samplesOf(each, { spec: { m: { a: 'abc1', b: '1', c: null } } })).toEqual(['p_a=abc 1'])
  })
})

describe('conversions by name', () => {
  const convertedBy = (convert: string, v: unknown) =>
    read(`{type: Gauge, gauge: {path: [v], convert: ${convert}}}`, { v })

  test.each([
    ['duration', '1h30m', '5400'],
    ['duration', '1.5s', '1.5'],
    ['duration', '-2d', '-172800'],
    ['duration', '10ms', '0.01'],
    ['duration', 90, '90'],
    ['duration', '0', '0'],
    ['timestamp', '2025-01-02T03:04:05Z', '1735787045'],
    ['timestamp', 1735787045, '1735787045'],
    ['quantity', '1E', '1000000000000000000'],
    ['quantity', '25m', '0.025'],
    ['number', '12.7', '12.7'],
    ['number', '1e3', '1000'],
    ['percent', '12.5%', '0.125'],
    ['percent', '-5%', '-0.05'],
    ['boolean', 'Enabled', '1'],
    ['boolean', 'Unknown', '0'],
    ['boolean', true, '1'],
  ])('%s of %s is %s', (convert, value, sample) => expect(convertedBy(convert, value).samples).toEqual([sample]))

  test.each([
    ['duration', '5', 'expected a duration such as 1h30m, or seconds, got "5"'],
    ['duration', '1h-3m', 'expected a duration such as 1h30m, or seconds, got "1h-3m"'],
    ['timestamp', '5m', 'expected an RFC 3339 time, or Unix seconds, got "5m"'],
    ['number', '5Gi', 'expected a number, got "5Gi"'],
    ['percent', '5', 'expected a percentage such as 12.5%, got "5"'],
    ['quantity', 'yes', 'expected a quantity such as 5Gi, got "yes"'],
    [
      'boolean',
      '1',
      'expected a boolean or one of the words true, false, yes, no, on, off, enabled, disabled, unknown, got "1"',
    ],
  ])('%s of %s is an error', (convert, value, reason) => {
    expect(convertedBy(convert, value)).toMatchObject({ samples: [], error: { object: 'o', path: '[v]', reason } })
  })
})

describe('what is read of objects', () => {
  const readsOf = (...paths: string[]) => {
    const metrics = paths.map((path, i) => `{name: m${i}, each: {type: Gauge, gauge: {path: ${path}}}}`)
    const text = `spec: {resources: [{groupVersionKind: {group: g, version: v1, kind: K}, labelsFromPath: {name: [metadata, name]}, metrics: [${metrics}]}]}`
    return readRules([{ source: 'r', text }]).rules.resolve([kind])[0]
  }

  test.each([
    [
      ['[spec, replicas]', '[status, conditions, "[type=Ready]", status]'],
      { metadata: ['name'], spec: ['replicas'], status: ['conditions'] },
    ],
    [['[spec, a, b]', '[spec, c]'], { metadata: ['name'], spec: ['a', 'c'] }],
    [['[spec, a]', '[spec]'], { metadata: ['name'], spec: undefined }],
    [['[spec, "[*]", a]', '[status, "-1"]'], { metadata: ['name'], spec: undefined, status: undefined }],
    [['[]'], undefined],
    [['["a.b", c]'], undefined],
  ])('%j', (paths, reads) => expect(readsOf(...paths)?.reads).toEqual(reads))

  test('large metadata is dropped unless a path reaches it', () => {
    expect(readsOf('[spec, a]')?.keeps).toEqual([])
    expect(readsOf('[metadata]')?.keeps).toEqual(['managedFields', 'lastApplied'])
    expect(readsOf('[metadata, annotations]')?.keeps).toEqual(['lastApplied'])
    expect(readsOf('[metadata, annotations, note]')?.keeps).toEqual([])
    expect(readsOf('[]')?.keeps).toEqual(['managedFields', 'lastApplied'])
  })
})

test('what describes an error is short, whatever keys and values an object has', () => {
  const each = '{type: Gauge, gauge: {path: [spec], valueFrom: [n]}}'
  const { error } = read(each, { spec: { ['k'.repeat(100_000)]: { n: 'x'.repeat(100_000) } } })
  expect(error?.path).toBe(`[spec, ${'k'.repeat(493)}…`)
  expect(error?.reason).toBe(
    `expected a number, a boolean, a time, a quantity or a percentage, got "${'x'.repeat(100)}"`,
  )
})
