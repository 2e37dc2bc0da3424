/** Rules may be written by anyone who may write a ConfigMap: a text must not stop the program. */
import { expect, test } from 'vitest'
import { formatConfigurationProblem } from '../../src/custom-resources/configuration.ts'
import { readConfiguration } from '../../src/custom-resources/read-configuration.ts'

const gvk = 'groupVersionKind: {group: wood.example, version: v1, kind: Tree}'
const metric = 'name: m, each: {type: Gauge, gauge: {path: [spec, n]}}'
const times = (text: string, count: number) => Array(count).fill(text).join(',')

const read = (text: string) => {
  const { resources, problems } = readConfiguration('rules.yaml', text)
  const errors = problems.filter(({ severity }) => severity === 'error').map(formatConfigurationProblem)
  const warnings = problems.filter(({ severity }) => severity === 'warning').map(formatConfigurationProblem)
  return { rules: resources.flatMap(({ rules }) => rules), errors, warnings }
}

test('aliases that multiply are refused in place of being read a million times', () => {
  const anchors = `m: &m {${metric}}\nr: &r {${gvk}, metrics: [${times('*m', 1000)}]}\n`
  const { rules, errors } = read(`${anchors}spec: {resources: [${times('*r', 1000)}]}`)
  expect(rules).toEqual([])
  expect(errors).toHaveLength(1)
  expect(errors[0]).toMatch(/rules.yaml:2:\d+: expected aliases that stand for at most 200000 nodes altogether/)
})

test('thousands of rules may share what an anchor names', () => {
  const anchored = `{name: m, each: {type: Gauge, gauge: &g {path: [spec, n]}}}`
  const others = times('{name: m, each: {type: Gauge, gauge: *g}}', 5000)
  const { rules, errors } = read(`spec: {resources: [{${gvk}, metrics: [${anchored}, ${others}]}]}`)
  expect(errors).toEqual([])
  expect(rules).toHaveLength(5001)
  expect(rules.at(-1)?.each.path).toEqual(['spec', 'n'])
})

test('an alias stands for the last anchor of its name before it', () => {
  const gauge = (name: string, path: string) => `{name: ${name}, each: {type: Gauge, gauge: {path: ${path}}}}`
  const metrics = [gauge('a', '&p [x]'), gauge('b', '*p'), gauge('c', '&p [y]'), gauge('d', '*p')].join(', ')
  const { rules, errors } = read(`spec: {resources: [{${gvk}, metrics: [${metrics}]}]}`)
  expect(errors).toEqual([])
  expect(rules.map(({ each }) => each.path)).toEqual([['x'], ['x'], ['y'], ['y']])
})

test('an alias without an anchor is an error, not nothing', () => {
  expect(read(`spec: {resources: [{${gvk}, metrics: [{name: m, each: *e}]}]}`)).toMatchObject({
    rules: [],
    errors: [expect.stringMatching(/^rules.yaml:1:\d+: not valid YAML: expected an anchor &e before its alias$/)],
  })
})

test('a repeated key is an error at any depth', () => {
  expect(read(`spec:\n  resources: [{${gvk}, metrics: [{${metric}}]}]\n  x: {y: [{a: 1, a: 2}]}\n`)).toMatchObject({
    rules: [],
    errors: ['rules.yaml:3:18: not valid YAML: Map keys must be unique'],
  })
})

test('a mapping with a hundred thousand unknown keys is read', () => {
  const keys = Array.from({ length: 100_000 }, (_, i) => `k${i}: 1`).join('\n')
  const { warnings } = read(`${keys}\nspec: {resources: [{${gvk}, metrics: [{${metric}}]}]}`)
  expect(warnings).toHaveLength(100_000)
})

test('a selector has a length that requests can have', () => {
  const { errors } = read(
    `spec: {resources: [{${gvk}, labelSelector: "${','.repeat(100_000)}", metrics: [{${metric}}]}]}`,
  )
  expect(errors).toEqual([expect.stringMatching(/labelSelector: expected at most 4096 characters, got 100000$/)])
})

test('elements that are null are reported where they stand', () => {
  const { errors, warnings } = read(
    `spec:\n  resources:\n    - ${gvk}\n      metrics:\n        -\n        - ~\n    - ~\n`,
  )
  expect(errors.map((line) => line.split(': ')[0])).toEqual(['rules.yaml:5:10', 'rules.yaml:6:11'])
  expect(warnings.map((line) => line.split(': ')[0])).toEqual(['rules.yaml:7:7', 'rules.yaml:7:7'])
})
