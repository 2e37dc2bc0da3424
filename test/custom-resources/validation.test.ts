/** A configuration with one error in every rule: a message for each, with position and correction. */
import { describe, expect, test } from 'vitest'
import { formatConfigurationProblem } from '../../src/custom-resources/configuration.ts'
import { readConfiguration } from '../../src/custom-resources/read-configuration.ts'
import { readRules } from '../../src/custom-resources/read-rules.ts'

const gauge = (inner: string) => `{name: m, each: {type: Gauge, gauge: {${inner}}}}`
const info = (inner: string) => `{name: m, each: {type: Info, info: {${inner}}}}`
const stateSet = (inner: string) => `{name: m, each: {type: StateSet, stateSet: {${inner}}}}`
const path = 'path: [spec, n]'

/** Each a metric that is wrong in one way, and what its message says would be right. */
const wrong: readonly (readonly [metric: string, message: RegExp])[] = [
  [`{help: h, each: {type: Gauge, gauge: {${path}}}}`, /name is missing: expected the name of the metric/],
  [`{name: "a-b", each: {type: Gauge, gauge: {${path}}}}`, /expected letters, digits, _ and : only, got "p_a-b"/],
  [`{name: [m], each: {type: Gauge, gauge: {${path}}}}`, /name: expected a text/],
  [`{name: m, hlep: h, each: {type: Gauge, gauge: {${path}}}}`, /unknown key hlep in the metric; did you mean help\?/],
  [`{name: m, commonLabel: {a: b}, each: {type: Gauge, gauge: {${path}}}}`, /did you mean commonLabels\?/],
  [`{name: m, commonLabels: [a], each: {type: Gauge, gauge: {${path}}}}`, /commonLabels: expected a mapping of label/],
  [`{name: m, commonLabels: {a: [b]}, each: {type: Gauge, gauge: {${path}}}}`, /commonLabels.a: expected a text/],
  [`{name: m, labelFromPath: {a: [b]}, each: {type: Gauge, gauge: {${path}}}}`, /did you mean labelsFromPath\?/],
  [
    `{name: m, labelsFromPath: {a: b}, each: {type: Gauge, gauge: {${path}}}}`,
    /labelsFromPath.a: .*did you mean \[b\]\?/,
  ],
  [
    `{name: m, labelsFromPath: {a: ["[b]"]}, each: {type: Gauge, gauge: {${path}}}}`,
    /lookup of the form \[key=value\]/,
  ],
  [`{name: m, labelsFromPath: [a], each: {type: Gauge, gauge: {${path}}}}`, /labelsFromPath: expected a mapping/],
  [`{name: m, errorLogV: loud, each: {type: Gauge, gauge: {${path}}}}`, /errorLogV: expected a whole number/],
  [`{name: m, errorLogv: 2, each: {type: Gauge, gauge: {${path}}}}`, /did you mean errorLogV\?/],
  ['{name: m}', /each.type: expected Gauge, Info or StateSet/],
  ['{name: m, each: [Gauge]}', /each: a mapping with type/],
  [`{name: m, each: {gauge: {${path}}}}`, /each.type: expected Gauge, Info or StateSet/],
  [`{name: m, each: {type: Guage, gauge: {${path}}}}`, /expected Gauge, Info or StateSet, got "Guage"/],
  [`{name: m, each: {type: Counter, gauge: {${path}}}}`, /expected Gauge, Info or StateSet, got "Counter"/],
  [`{name: m, each: {typ: Gauge, type: Gauge, gauge: {${path}}}}`, /unknown key typ in each; did you mean type\?/],
  ['{name: m, each: {type: Gauge}}', /each.gauge is missing: expected what type gauge reads/],
  ['{name: m, each: {type: Info}}', /each.info is missing/],
  ['{name: m, each: {type: StateSet}}', /each.stateSet is missing/],
  [`{name: m, each: {type: Gauge, gauge: [a]}}`, /each.gauge: a mapping with path/],
  [`{name: m, each: {type: Gauge, gauge: {${path}}, info: {${path}}}}`, /each.info is ignored: type is Gauge/],
  [
    `{name: m, each: {type: StateSet, stateset: {${path}}, stateSet: {labelName: l, ${path}, list: [a]}}}`,
    /did you mean stateSet\?/,
  ],
  [gauge('path: spec.n'), /path: expected a path.*did you mean \[spec, n\]\?/],
  [gauge('path: {spec: n}'), /path: expected a path, a list of keys/],
  [gauge('path: [spec, [n]]'), /path: expected texts as the parts of a path/],
  [gauge('path: [spec, "[n]"]'), /lookup of the form \[key=value\], got "\[n\]"/],
  [gauge('path: [spec, "[]"]'), /lookup of the form \[key=value\], got "\[\]"/],
  [gauge('paht: [spec, n], path: [spec]'), /unknown key paht in each.gauge; did you mean path\?/],
  [gauge(`${path}, valuesFrom: [a]`), /did you mean valueFrom\?/],
  [gauge(`${path}, valueFrom: a`), /valueFrom: expected a path.*did you mean \[a\]\?/],
  [gauge(`${path}, valueFrom: ["[x]"]`), /valueFrom: expected a lookup/],
  [gauge(`${path}, nilIsZero: maybe`), /nilIsZero: expected true or false/],
  [gauge(`${path}, nilIsZer: true`), /did you mean nilIsZero\?/],
  [gauge(`${path}, labelFromKey: [a]`), /labelFromKey: expected a text/],
  [gauge(`${path}, labelsFromKey: a`), /did you mean labelFromKey\?/],
  [gauge(`${path}, labelsFromPath: {a: x.y}`), /labelsFromPath.a: .*did you mean \[x, y\]\?/],
  [gauge(`${path}, list: [a]`), /unknown key list in each.gauge/],
  [info('path: [spec], labelsFromPath: {a: spec.b}'), /did you mean \[spec, b\]\?/],
  [info('path: [spec]'), /the rule has no samples: expected labelsFromPath or labelFromKey in each.info/],
  [info('path: [spec], labelFromKeys: k, labelFromKey: k'), /unknown key labelFromKeys in each.info; did you mean/],
  [info('path: [spec], labelFromKey: k, nilIsZero: true'), /unknown key nilIsZero in each.info/],
  [info('path: spec, labelFromKey: k'), /path: expected a path.*did you mean \[spec\]\?/],
  [stateSet('path: [spec, p], list: [a]'), /labelName is missing: expected the label of the state/],
  [stateSet('path: [spec, p], labelName: l'), /the rule has no samples: expected the states in list/],
  [stateSet('path: [spec, p], labelName: l, list: a'), /list: expected a list of states/],
  [stateSet('path: [spec, p], labelName: l, list: [[a]]'), /list: expected a text/],
  [
    stateSet('path: [spec, p], labelName: l, lists: [a], list: [a]'),
    /unknown key lists in each.stateSet; did you mean list\?/,
  ],
]

const kindCount = 20

/** Twenty kinds, the rules shared out among them, one rule a line. */
function writeConfiguration(): { text: string; lines: readonly { line: number; kind: string }[] } {
  const text = ['spec:', '  resources:']
  const lines: { line: number; kind: string }[] = []
  for (let i = 0; i < kindCount; i++) {
    const kind = `Kind${i}`
    text.push(`    - groupVersionKind: {group: g.example, version: v1, kind: ${kind}}`, '      metricNamePrefix: p')
    text.push('      metrics:')
    for (let at = i; at < wrong.length; at += kindCount) {
      lines[at] = { line: text.length + 1, kind }
      text.push(`        - ${wrong[at]?.[0]}`)
    }
  }
  return { text: `${text.join('\n')}\n`, lines }
}

describe('fifty rules, each wrong in one way', () => {
  const { text, lines } = writeConfiguration()
  const { problems } = readConfiguration('rules.yaml', text)
  const messages = problems.map(formatConfigurationProblem)

  test('are fifty messages', () => {
    expect(wrong).toHaveLength(50)
    expect(messages).toHaveLength(50)
  })

  test.each(wrong.map(([metric, message], index) => ({ metric, message, index })))('$metric', ({ message, index }) => {
    const { line, kind } = lines[index] as { line: number; kind: string }
    const start = new RegExp(`^rules\\.yaml:${line}:\\d+: ${kind}/[^:]+: `)
    const ofRule = messages.filter((text) => start.test(text))
    expect(ofRule).toHaveLength(1)
    expect(ofRule[0]).toMatch(message)
  })
})

describe('problems', () => {
  const problemsOf = (text: string) => readConfiguration('r', text).problems.map(formatConfigurationProblem)

  test.each([
    ['a: [', /^r:\d+:\d+: not valid YAML: /],
    ['spec: {resources: []}\nspec: {}', /^r:2:1: not valid YAML: .*unique/],
    ['spec: {}', /^r:1:7: no resources: expected entries below spec.resources/],
    ['specs: {resources: []}', /^r:1:1: unknown key specs in the configuration; did you mean spec\?/],
    ['[]', /^r:1:1: expected a mapping with the key spec/],
    ['spec: {resources: {}}', /^r:1:19: resources: expected a list of resources/],
    ['spec: {resources: [{metrics: []}]}', /groupVersionKind is missing: expected group, version and kind/],
    ['spec: {resources: [{groupVersionKind: {group: "*", kind: A}}]}', /a group has no wildcard/],
    [
      'spec: {resources: [{groupVersionKind: {group: a, kind: A, plural: as}}]}',
      /unknown key plural in groupVersionKind/,
    ],
    [
      'spec: {resources: [{groupVersionKind: {group: a, kind: A}}]}',
      /^r:1:20: A: no metrics: expected entries below metrics/,
    ],
    [
      'spec:\n  resources:\n    - {groupVersionKind: {group: a, kind: A}}\n    - {groupVersionKind: {group: a, kind: A}}',
      /^r:3:7: A: replaced by the entry for the same kind \(a\/ A\) in line 4/,
    ],
  ])('%s', (text, message) => expect(problemsOf(text).some((problem) => message.test(problem))).toBe(true))

  test('a metric needs a name that pages can have, from its prefix or its own', () => {
    const named = (prefix: string) =>
      problemsOf(
        `spec: {resources: [{groupVersionKind: {group: g, kind: K}, metricNamePrefix: "${prefix}", metrics: [{name: "", each: {type: Gauge, gauge: {path: [n]}}}]}]}`,
      )
    expect(named('p')).toEqual([])
    expect(named('')).toEqual([
      expect.stringMatching(/K.metrics.0.: name: expected letters, digits, _ and : only, got ""/),
    ])
    expect(named('p-p')).toEqual([expect.stringMatching(/got "p-p"/)])
  })

  test('an empty text has no rules and no problems', () => {
    for (const text of ['', '# nothing\n', '---\n'])
      expect(readConfiguration('r', text)).toEqual({ resources: [], problems: [] })
  })

  test('aliases and merged mappings are read as goyaml reads them', () => {
    const { resources, problems } = readConfiguration(
      'r',
      `
anchors: &gauge {type: Gauge, gauge: {path: [spec, n]}}
spec:
  resources:
    - groupVersionKind: {group: a, version: v1, kind: A}
      metrics:
        - &base {name: one, help: One, each: *gauge}
        - {<<: *base, name: two}
`,
    )
    expect(problems.map(({ message, severity }) => [severity, message])).toEqual([
      ['warning', expect.stringContaining('unknown key anchors')],
    ])
    expect(resources[0]?.rules.map(({ name, help, each }) => [name, help, each.path])).toEqual([
      ['kube_customresource_one', 'One', ['spec', 'n']],
      ['kube_customresource_two', 'One', ['spec', 'n']],
    ])
  })

  test('an error rejects only its own file; a warning rejects nothing', () => {
    const rules = (metric: string) =>
      `spec: {resources: [{groupVersionKind: {group: g, kind: K}, metrics: [${metric}]}]}`
    const { rules: read, problems } = readRules([
      { source: 'bad', text: rules('{name: m, each: {type: Gauge, gauge: {path: x}}}') },
      { source: 'good', text: rules('{name: m, each: {type: Gauge, gauge: {path: [x], colour: red}}}') },
    ])
    expect(read.declarations.map(({ source }) => source)).toEqual(['good'])
    expect(problems.map(({ source, severity }) => `${source} ${severity}`)).toEqual(['bad error', 'good warning'])
  })
})
