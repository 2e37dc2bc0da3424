import { expect, test } from 'vitest'
import { problemsOf, readQuery, withoutGrafanaVariables } from './query.ts'

test('reads selectors, groupings and joins', () => {
  const query = readQuery('sum by (le) (rate(a_bucket{x=~"1|2"}[5m])) / ignoring(instance) group_left(node) b{y!=""}')
  expect(query.selectors).toEqual([
    { metric: 'a_bucket', labels: ['x'] },
    { metric: 'b', labels: ['y'] },
  ])
  expect(query.groupings).toEqual([
    { labels: ['le'], metrics: ['a_bucket'] },
    { labels: ['instance'], metrics: ['a_bucket', 'b'] },
    { labels: ['node'], metrics: ['a_bucket', 'b'] },
  ])
  expect(query.joins).toBe(true)
  expect(readQuery('a / b').joins).toBe(false)
})

test('reads labels that are added, and selectors without a name', () => {
  const query = readQuery(
    'sum by (workload) (label_replace({__name__=~"a.*",z="1"}, "workload", "$1", "owner", "(.*)"))',
  )
  expect(query.selectors).toEqual([{ metric: undefined, labels: ['z'] }])
  expect(query.added).toEqual(['workload'])
  expect(problemsOf(query, () => undefined)).toEqual(['undefined has no label z'])
})

test.each(['sum by (a (b)', 'a{', 'rate(a[5m]', '', 'a{b=1}'])('refuses %j', (expression) => {
  expect(() => readQuery(expression)).toThrow('syntax error')
})

test('replaces the variables of Grafana that are no text', () => {
  expect(() => readQuery('rate(a[$__rate_interval])')).toThrow()
  expect(readQuery(withoutGrafanaVariables('rate(a{b=~"$b"}[$__rate_interval])')).selectors).toHaveLength(1)
})

const labelsOf = (metric: string) => ({ a: new Set(['x']), b: new Set(['y', 'label_*']) })[metric]

test.each([
  ['a{x="1",job="j",cluster=~".*"}', []],
  ['b{label_app="1"}', []],
  ['sum by (x, y, instance) (a * b)', []],
  ['c', ['no metric c']],
  ['a{z="1"}', ['a has no label z']],
  ['sum by (z) (a)', ['none of a has the label z']],
  ['a * on (z) b', ['none of a, b has the label z']],
  ['sum by (y) (a) + b', ['none of a has the label y']],
])('the problems of %s are %j', (expression, problems) => {
  expect(problemsOf(readQuery(expression), labelsOf)).toEqual(problems)
})
