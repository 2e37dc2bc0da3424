/** Expressions in CEL: samples, values and labels by them, what they read, what they may cost, and what is refused. */
import { describe, expect, test } from 'vitest'
import { compileExpression } from '../../src/custom-resources/cel.ts'
import { formatConfigurationProblem } from '../../src/custom-resources/configuration.ts'
import { loadExpressions } from '../../src/custom-resources/load-expressions.ts'
import { readRules } from '../../src/custom-resources/read-rules.ts'
import type { AnyResource, FreeFamily } from '../../src/families/family.ts'

const kind = { group: 'g', version: 'v1', kind: 'K', plural: 'ks', namespaced: true }
const own = new Set(['customresource_group', 'customresource_version', 'customresource_kind'])

function readText(each: string) {
  const text = `spec: {resources: [{groupVersionKind: {group: g, version: v1, kind: K}, metricNamePrefix: "", metrics: [{name: m, each: ${each}}]}]}`
  return readRules([{ source: 'r', text }], compileExpression)
}

function read(each: string, object: object) {
  const { rules, problems } = readText(each)
  const samples: string[] = []
  for (const { families } of rules.resolve([kind])) {
    for (const { callback } of families as readonly FreeFamily<unknown>[]) {
      callback({ metadata: { namespace: '', name: 'o' }, raw: object }, (value, names, values) => {
        const labels = names.map((name, i) => [name, values[i]]).filter(([name = '']) => !own.has(name))
        samples.push(`${labels.map((label) => label.join('=')).join(' ')} ${value}`.trim())
      })
    }
  }
  const record = rules.status()[0]?.record
  return { samples, record, problems: problems.map(formatConfigurationProblem) }
}

const samplesOf = (each: string, object: object) => {
  const { samples, problems, record } = read(each, object)
  expect(problems).toEqual([])
  expect(record?.lastError).toBeUndefined()
  return samples
}
const gauge = (inner: string) => `{type: Gauge, gauge: {${inner}}}`
const problemOf = (each: string) => read(each, {}).problems.join('\n')
/** The value of an expression for an object; what is not there has no sample. */
const sampleOf = (expression: string, object: object) =>
  samplesOf(gauge(`valueExpression: ${JSON.stringify(expression)}`), object)
const errorOf = (expression: string, object: object) =>
  read(gauge(`valueExpression: ${JSON.stringify(expression)}`), object).record?.lastError?.reason

const tree = {
  metadata: { name: 'oak', labels: { zone: 'a' }, creationTimestamp: '2025-01-02T03:04:05Z' },
  spec: {
    replicas: 3,
    ratio: 0.5,
    size: '5Gi',
    branches: [
      { name: 'low', leaves: 10 },
      { name: 'high', leaves: 30 },
      { name: 'dead', leaves: 0, cut: true },
    ],
    limits: { cpu: 2, memory: 4, pods: null },
  },
  status: { ready: 2 },
}

describe('values', () => {
  test.each([
    ['object.spec.replicas - object.status.ready', '1'],
    ['double(object.status.ready) / double(object.spec.replicas) * 3.0', '2'],
    ['object.spec.replicas / 2', '1'],
    ['object.spec.ratio * 2.0', '1'],
    ['object.spec.replicas > object.status.ready', '1'],
    ['object.spec.branches.filter(b, !has(b.cut)).map(b, b.leaves).sum()', '40'],
    ['object.spec.branches.map(b, b.leaves).max()', '30'],
    ['object.spec.branches.map(b, double(b.leaves)).min()', '0'],
    ['size(object.spec.branches)', '3'],
    ['object.spec.limits.size()', '2'],
    ['object.spec.?missing.orValue(7)', '7'],
    ['has(object.spec.limits.pods) ? 1 : 0', '0'],
    ['quantity(object.spec.size) / quantity("1Gi")', '5'],
    ['timestamp(object.metadata.creationTimestamp)', '1735787045'],
    ['duration("1h30m")', '5400'],
    ['timestamp("2025-01-02T00:00:00Z") - timestamp("2025-01-01T00:00:00Z")', '86400'],
    ['object.metadata.name.matches("^o[a-z]{2}$") ? 1 : 0', '1'],
    ['object.metadata.name.matches("(?i)OAK") ? 1 : 0', '1'],
    ['cel.bind(n, object.spec.replicas, n * n)', '9'],
    ['object.spec["replicas"]', '3'],
    ['"cpu" in object.spec.limits ? 1.5 : 0.5', '1.5'],
    ['element.spec.replicas', '3'],
    ['9007199254740993', '9007199254740992'],
  ])('%s is %s', (expression, value) => expect(sampleOf(expression, tree)).toEqual([value]))

  test('null has no sample', () => {
    expect(sampleOf('object.spec.replicas > 5 ? dyn(1) : dyn(null)', tree)).toEqual([])
    expect(sampleOf('object.?nothing', tree)).toEqual([])
  })

  test('of elements, entries and levels', () => {
    const weighed = gauge(
      'path: [spec, branches], valueExpression: element.leaves * object.spec.replicas, labelExpressions: {i: key}, labelsFromPath: {name: [name]}',
    )
    expect(samplesOf(weighed, tree)).toEqual(['i=0 name=low 30', 'i=1 name=high 90', 'i=2 name=dead 0'])
    expect(
      samplesOf(
        gauge('path: [spec, limits], where: element != null, valueExpression: element + 1, labelFromKey: k'),
        tree,
      ),
    ).toEqual(['k=cpu 3', 'k=memory 5'])
    expect(
      samplesOf(gauge('path: [spec, "[*:part]", "[*]"], where: "type(key) == string", valueExpression: element'), {
        spec: { a: { x: 1 }, b: [2] },
      }),
    ).toEqual(['1'])
  })

  test('integers beyond 2^53 stay exact', () => {
    expect(sampleOf('object.n - 9007199254740992', { n: 9007199254740993n })).toEqual(['1'])
    expect(sampleOf('object.n', { n: 2n ** 64n })).toEqual(['18446744073709552000'])
  })
})

describe('conditions', () => {
  test('select elements of a list for all types', () => {
    const where = 'path: [spec, branches], where: element.leaves > 0 && !has(element.cut)'
    expect(samplesOf(gauge(`${where}, valueFrom: [leaves], labelsFromPath: {b: [name]}`), tree)).toEqual([
      'b=low 10',
      'b=high 30',
    ])
    expect(samplesOf(`{type: Info, info: {${where}, labelsFromPath: {b: [name]}}}`, tree)).toEqual([
      'b=low 1',
      'b=high 1',
    ])
    expect(
      samplesOf(`{type: StateSet, stateSet: {${where}, valueFrom: [name], labelName: b, list: [low]}}`, tree),
    ).toEqual(['b=low 1', 'b=low 0'])
    expect(samplesOf(gauge(`${where}, aggregate: count`), tree)).toEqual(['2'])
    expect(samplesOf(gauge(`${where}, aggregate: sum, valueExpression: element.leaves * 2`), tree)).toEqual(['80'])
  })

  test('select entries of an object by key', () => {
    const each = gauge('path: [spec, limits], labelFromKey: k, where: key != "memory"')
    expect(samplesOf(each, tree)).toEqual(['k=cpu 2'])
    const info = (inner: string) => `{type: Info, info: {path: [spec, limits], ${inner}}}`
    expect(samplesOf(info('labelFromKey: k, where: key.startsWith("m")'), tree)).toEqual(['k=memory 1'])
    expect(
      samplesOf(info('where: element.cpu > 1, labelExpressions: {sum: element.cpu + element.memory}'), tree),
    ).toEqual(['sum=6 1'])
  })

  test('are the reason if a rule has no samples', () => {
    const { samples, record } = read(
      gauge('path: [spec, branches], where: element.leaves > 99, valueFrom: [leaves]'),
      tree,
    )
    expect(samples).toEqual([])
    expect(record).toMatchObject({
      errors: 0,
      lastMissing: { object: 'o', path: '[spec, branches, 2]', reason: 'where is false' },
    })
  })
})

describe('labels', () => {
  const labelOf = (expression: string) =>
    samplesOf(gauge(`valueExpression: "1", labelExpressions: {l: ${JSON.stringify(expression)}}`), tree)

  test.each([
    ['object.metadata.name + "-" + string(object.spec.replicas)', 'l=oak-3 1'],
    ['object.spec.replicas', 'l=3 1'],
    ['object.spec.ratio', 'l=0.5 1'],
    ['object.spec.replicas > 2', 'l=true 1'],
    ['object.spec.branches.map(b, b.name).join(",")', 'l=low,high,dead 1'],
    ['object.metadata.?annotations', '1'],
    ['timestamp(object.metadata.creationTimestamp)', 'l=2025-01-02T03:04:05Z 1'],
    ['object.metadata.name.split("a")[0].upperAscii()', 'l=O 1'],
  ])('%s', (expression, sample) => expect(labelOf(expression)).toEqual([sample]))

  test('of an aggregate replace those of the same name before elements are grouped', () => {
    const grouped = (labels: string) => samplesOf(gauge(`path: [spec, branches], aggregate: count, ${labels}`), tree)
    const one = [`l=same ${tree.spec.branches.length}`]
    expect(grouped(`labelsFromPath: {l: [leaves]}, labelExpressions: {l: '"same"'}`)).toEqual(one)
    expect(grouped(`labelFromKey: l, labelsFromPath: {l: {path: [none], default: same}}`)).toEqual(one)
  })

  test('are groups of an aggregate', () => {
    const each = gauge('path: [spec, branches], aggregate: count, labelExpressions: {alive: element.leaves > 0}')
    expect(samplesOf(each, tree)).toEqual(['alive=true 2', 'alive=false 1'])
  })
})

describe('errors of evaluation', () => {
  test.each([
    ['object.spec.nothing', 'valueExpression: No such key: nothing'],
    ['object.spec.size', /^valueExpression: expected a number, .* got "5Gi"/],
    ['object.spec', /^valueExpression: expected a number, .* got an object/],
    ['object.spec.replicas * 1.5', /no such overload: dyn<int> \* double/],
    ['object.spec.replicas / 0', /division by zero/],
    ['object.spec.branches[9].leaves', /index out of bounds/],
    ['quantity(object.metadata.name)', /expected a quantity such as 5Gi, got "oak"/],
    ['[object.spec.ratio, object.spec.size].sum()', /sum\(\) of a list with other values than numbers/],
  ])('%s', (expression, reason) => expect(errorOf(expression, tree)).toMatch(reason))

  test('are counted for each element, with its place, and leave the others alone', () => {
    const { samples, record } = read(
      gauge('path: [spec, branches], valueFrom: [leaves], where: element.cut, labelsFromPath: {b: [name]}'),
      tree,
    )
    expect(samples).toEqual(['b=dead 0'])
    expect(record).toMatchObject({
      errors: 2,
      samples: 1,
      lastError: { object: 'o', path: '[spec, branches, 1]', reason: 'where: No such key: cut' },
    })
  })

  test('of a label leave the sample out: it would be another series', () => {
    const { samples, record } = read(
      gauge('path: [spec, branches], valueFrom: [leaves], labelExpressions: {c: element.cut}'),
      tree,
    )
    expect(samples).toEqual(['c=true 0'])
    expect(record).toMatchObject({ errors: 2, lastError: { reason: 'labelExpressions.c: No such key: cut' } })
  })

  test('keys of the cluster reach no prototype', () => {
    for (const key of ['constructor', '__proto__', 'toString', 'size', 'get']) {
      expect(errorOf(`object.spec.${key}`, { spec: {} })).toBe(`valueExpression: No such key: ${key}`)
    }
    expect(sampleOf('object.spec.constructor', JSON.parse('{"spec": {"constructor": 4}}'))).toEqual(['4'])
  })
})

describe('what an expression reads', () => {
  const resourceOf = (each: string) => readText(each).rules.resolve([kind])[0] as AnyResource

  test('decides what is decoded of an object', () => {
    const each = gauge(
      `path: [spec, items], where: element.a == object.status.b, labelExpressions: {l: 'object["metadata"].name'}`,
    )
    expect(resourceOf(each)).toMatchObject({ reads: { spec: ['items'], status: ['b'], metadata: ['name'] }, keeps: [] })
    expect(resourceOf(gauge('valueExpression: element.spec.a + object.spec.b')).reads).toEqual({ spec: ['b', 'a'] })
    expect(resourceOf(gauge('valueExpression: "object.spec.items.map(i, i.n).sum()"')).reads).toEqual({
      spec: ['items'],
    })
    expect(resourceOf(gauge('where: has(object.status.x), valueFrom: [spec, n]')).reads).toEqual({
      spec: ['n'],
      status: ['x'],
    })
  })

  test('is everything where it names the object alone', () => {
    const resource = resourceOf(gauge('valueExpression: object.size()'))
    expect(resource.reads).toBeUndefined()
    expect(resource.keeps).toEqual(['managedFields', 'lastApplied'])
  })

  test('costs no more than that', () => {
    const large = { spec: { n: 1, list: Array.from({ length: 200_000 }, (_, i) => i) } }
    expect(sampleOf('object.spec.n', large)).toEqual(['1'])
    expect(errorOf('size(object.spec.list)', large)).toMatch(/more than 100000 steps/)
  })
})

describe('the cost of an expression', () => {
  const exhausted = 'valueExpression: more than 100000 steps of evaluation for one object'
  const items = { items: Array.from({ length: 1000 }, (_, i) => `item ${i}`), text: 'a'.repeat(1000) }
  const doubled = (times: number, first: string) =>
    Array.from({ length: times }).reduce<string>((list) => `${list}.map(x, x + x)`, `[${first}]`)

  test.each([
    ['nested comprehensions', 'object.items.all(a, object.items.all(b, a != "" && b != "")) ? 1 : 0'],
    ['errors that || ignores', 'object.items.exists(a, object.items.exists(b, b == "")) || true ? 1 : 0'],
    ['texts that double', `size(${doubled(20, 'object.text')}[0])`],
    ['lists that double', `size(${doubled(25, 'object.items')}[0])`],
    ['comparisons of long lists', 'object.items.filter(a, object.items == object.items.map(i, i)).size()'],
    ['joined texts', `size(${doubled(10, '[object.text, object.text]')}[0].join(""))`],
    ['patterns on long texts', 'object.items.map(i, object.text + "!").filter(t, t.matches("(a+)+$")).size()'],
  ])('is bounded for %s', (_, expression) => expect(errorOf(expression, items)).toBe(exhausted))

  test('is shared by the elements of an object, and begins anew with the next object', () => {
    const each = gauge(
      `path: [items], where: 'object.items.all(i, i != "")', valueExpression: key, labelExpressions: {k: key}`,
    )
    const { samples, record } = read(each, items)
    expect(samples.length).toBeGreaterThan(2)
    expect(samples.length).toBeLessThan(1000)
    expect(record?.errors).toBe(1000 - samples.length)
    const [family] = (readText(each).rules.resolve([kind])[0]?.families ?? []) as readonly FreeFamily<unknown>[]
    const counts = [0, 0]
    for (const at of counts.keys()) {
      family?.callback({ metadata: { namespace: '', name: 'o' }, raw: items }, () => {
        counts[at] = (counts[at] ?? 0) + 1
      })
    }
    expect(counts).toEqual([samples.length, samples.length])
  })

  test.each([
    ['object.text.contains(object.text)', /contains: expected a text of at most 256 characters, got 1000/],
    ['object.items.join(object.text).size()', /join: expected a text of at most 256 characters/],
    ['duration(object.text)', /duration: expected a text of at most 64 characters/],
  ])('%s is refused', (expression, reason) => expect(errorOf(expression, items)).toMatch(reason))
})

describe('invalid expressions', () => {
  test.each([
    [gauge('where: "1 +"'), /^r:1:1\d\d: K\/m: where: Unexpected token/],
    [gauge('where: nope'), /where: Unknown variable: nope; the variables are object, element, key/],
    [gauge('where: "1 + 1"'), /where: expected a bool, got int/],
    [gauge('where: object.a + true == 1'), /where: no such overload/],
    [gauge('where: [a]'), /where: expected a text/],
    [gauge('valueExpression: "\'a\'"'), /valueExpression: expected a number, .*quantity\(\).*, got string/],
    [gauge('labelExpressions: {l: "[1]"}'), /labelExpressions\.l: expected a string, a number, .*, got list/],
    [gauge('labelExpressions: object.a'), /labelExpressions: expected a mapping of label names to expressions/],
    [gauge('valueExpression: siez(object.a)'), /valueExpression: no function siez; did you mean size\?/],
    [gauge('where: object.a.startWith("b")'), /no method startWith; did you mean startsWith\?/],
    [gauge('where: object.a.matches(object.b)'), /where: matches: expected a literal as the pattern/],
    [gauge('where: object.a.matches("(?=a)")'), /where: matches: expected an RE2 regular expression/],
    [gauge('where: object.a.matchesRe2("a")'), /where: no method matchesRe2; did you mean matches\?/],
    [gauge("valueExpression: timestamp(object.a).getHours('CET')"), /expected getHours\(\) without a time zone/],
    [gauge('valueExpression: bytes(object.a).json().x'), /no function bytes|no method json/],
    [
      gauge('valueExpression: "1", valueFrom: [a]'),
      /valueFrom: not possible beside valueExpression: the expression finds/,
    ],
    [gauge('valueExpression: "1", convert: number'), /convert: not possible beside valueExpression/],
    [
      gauge('valueExpression: "1", nilIsZero: true'),
      /nilIsZero: not possible beside valueExpression: expected a value/,
    ],
    [gauge('valueExpression: "1", aggregate: count'), /valueExpression: a count has no values: expected where/],
    [gauge('valueExpresion: "1"'), /unknown key valueExpresion in each.gauge; did you mean valueExpression\?/],
    ['{type: Info, info: {valueExpression: "1", labelFromKey: k}}', /unknown key valueExpression in each.info/],
    [gauge(`where: "${' '.repeat(2000)}true"`), /where: expected at most 2000 characters, got 2004/],
    [gauge(`where: "${'('.repeat(60)}true${')'.repeat(60)}"`), /where: Exceeded maxDepth/],
    [gauge(`valueExpression: ${Array(300).fill('1').join('+')}`), /valueExpression: Exceeded maxAstNodes/],
    [
      gauge('where: "[1].all(a, [a].all(b, [b].all(c, [c].all(d, d > 0))))"'),
      /where: expected all, exists, filter and map to be nested at most 3 times/,
    ],
  ])('%s', (each, message) => expect(problemOf(each)).toMatch(message))

  test('are reported at the character that is wrong', () => {
    const text = (expression: string) => `spec:
  resources:
    - groupVersionKind: {group: g, version: v1, kind: K}
      metrics:
        - name: m
          each: {type: Gauge, gauge: {where: ${expression}}}
`
    const problemsOf = (expression: string) =>
      readRules([{ source: 'r', text: text(expression) }], compileExpression).problems.map(formatConfigurationProblem)
    const column = text('').split('\n')[5]?.indexOf('where: ') ?? 0
    expect(problemsOf('object.a == nope')).toEqual([
      `r:6:${column + 'where: object.a == '.length + 1}: K/m: where: Unknown variable: nope; the variables are object, element, key`,
    ])
    expect(problemsOf("'object.a == nope'")[0]).toContain(`r:6:${column + "where: 'object.a == ".length + 1}: `)
    expect(problemsOf(String.raw`"object.a == \x6eope"`)[0]).toMatch(/nope;.* \(character 13 of the expression\)$/)
  })
})

test('the code for expressions is loaded for texts that have them alone', async () => {
  expect(await loadExpressions([{ text: 'spec: {}' }])).toBeUndefined()
  for (const key of ['where', 'valueExpression', 'labelExpressions']) {
    expect(await loadExpressions([{ text: 'a: b' }, { text: `${key}: x` }])).toBe(compileExpression)
  }
})

test('a rule with another expression is another rule', () => {
  const fingerprintOf = (where: string) => {
    const [resource] = readText(gauge(`path: [a], where: ${where}`)).rules.resolve([kind])
    return resource?.families[0]?.fingerprint
  }
  expect(fingerprintOf('element > 1')).toBe(fingerprintOf('element > 1'))
  expect(fingerprintOf('element > 1')).not.toBe(fingerprintOf('element > 2'))
})
