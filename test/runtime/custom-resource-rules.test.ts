/** Rules whose labels are constant labels too: refused with the text that they stand in, at the start and at a reload. */
import { expect, test } from 'vitest'
import { createLoadedRules } from '../../src/runtime/custom-resource-rules.ts'
import { createLog } from '../../src/telemetry/log.ts'

const rules = (labels: string, each = 'type: Gauge, gauge: {path: [spec, size]}') => `
spec:
  resources:
    - groupVersionKind: {group: wood.example, version: v1, kind: Tree}
      metrics:
        - {name: size, help: H, ${labels}each: {${each}}}
`

async function load(...texts: string[]) {
  const messages: string[] = []
  const destination = { write: (line: string) => void messages.push(JSON.parse(line).message) }
  const loaded = createLoadedRules(
    createLog({ level: 'info', format: 'json', destination }),
    { configReload: () => undefined, configRemoved: () => undefined },
    ['cluster', 'host.zone'],
  )
  for (const text of texts) await loaded.load([{ source: 'rules.yaml', text }])
  return { messages, rules: loaded.rules.declarations.length }
}

test.each([
  ['commonLabels: {cluster: a}, ', undefined, 'cluster'],
  ['commonLabels: {host_zone: a}, ', undefined, 'host.zone'],
  ['labelsFromPath: {cluster: [spec, c]}, ', undefined, 'cluster'],
  ['labelsFromPath: {"clu*": [spec, c]}, ', undefined, 'cluster'],
  ['', 'type: Gauge, gauge: {path: [spec, sizes], labelFromKey: cluster}', 'cluster'],
  ['', 'type: Gauge, gauge: {path: [spec], labelsFromPath: {cluster: [c]}}', 'cluster'],
  ['', 'type: StateSet, stateSet: {path: [spec, size], labelName: cluster, list: [a]}', 'cluster'],
  ['', 'type: Gauge, gauge: {valueExpression: "1", labelExpressions: {cluster: object.spec.c}}', 'cluster'],
])('%s%s', async (labels, each, name) => {
  expect(await load(rules(labels, each))).toEqual({
    rules: 0,
    messages: [
      `rules.yaml:6:11: Tree/kube_customresource_size: expected other labels than otlp.constant_labels has, got ${name}`,
      'these rules for custom resources are ignored because of the errors above',
    ],
  })
})

test.each(['', 'commonLabels: {clusters: a}, ', 'labelsFromPath: {"*": [spec, c]}, '])(
  '%j is accepted',
  async (labels) => {
    expect(await load(rules(labels))).toEqual({ rules: 1, messages: [] })
  },
)

test('a reload with such labels keeps the rules before', async () => {
  expect(await load(rules(''), rules('commonLabels: {cluster: a}, '))).toMatchObject({
    rules: 1,
    messages: { length: 2 },
  })
})

test('a file with an error keeps its former rules, and does not affect the others', async () => {
  const loaded = createLoadedRules(
    createLog({ level: 'silent', format: 'json' }),
    { configReload: () => undefined, configRemoved: () => undefined },
    [],
  )
  const entry = (path: string) => ({ source: path, text: rules('', `type: Gauge, gauge: {path: ${path}}`) })
  const used = () => loaded.rules.declarations.map((declared) => declared.rules[0]?.each.path.join('.'))
  await loaded.load([entry('[a]'), entry('wrong')])
  expect(used()).toEqual(['a'])
  await loaded.load([{ ...entry('wrong'), source: '[a]' }, entry('[b]')])
  expect(used()).toEqual(['a', 'b'])
  await loaded.load([entry('[b]')])
  expect(used()).toEqual(['b'])
})

test('what is wrong with a text is logged once, however often the others change', async () => {
  const messages: string[] = []
  const reports: string[] = []
  const destination = { write: (line: string) => void messages.push(JSON.parse(line).message) }
  const loaded = createLoadedRules(
    createLog({ level: 'info', format: 'json', destination }),
    {
      configReload: ({ filename, content }) =>
        void reports.push(`${filename} ${content === undefined ? 'bad' : 'good'}`),
      configRemoved: ({ filename }) => void reports.push(`${filename} gone`),
    },
    [],
  )
  const bad = { source: 'bad', text: rules('', 'type: None') }
  const good = (path: string) => ({ source: 'good', text: rules('', `type: Gauge, gauge: {path: ${path}}`) })
  await loaded.load([bad, good('[a]')])
  await loaded.load([bad, good('[b]')])
  expect(messages).toHaveLength(2)
  await loaded.load([good('[b]')])
  await loaded.load([bad, good('[b]')])
  expect(messages).toHaveLength(4)
  expect(reports).toEqual(['bad bad', 'good good', 'good good', 'bad gone', 'bad bad'])
})

test('loads of the last call last, whether or not expressions are loaded for them', async () => {
  const loaded = createLoadedRules(
    createLog({ level: 'silent', format: 'json' }),
    { configReload: () => undefined, configRemoved: () => undefined },
    [],
  )
  const entry = (each: string) => [{ source: 'rules.yaml', text: rules('', `type: Gauge, gauge: {${each}}`) }]
  const first = loaded.load(entry('path: [a], where: element > 1'))
  const second = loaded.load(entry('path: [b]'))
  await Promise.all([second, first])
  expect(loaded.rules.declarations.map((declared) => declared.rules[0]?.each.path)).toEqual([['b']])
})
