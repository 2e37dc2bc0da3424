/** The selection of one destination by metric and namespace. */
import { expect, test } from 'vitest'
import { createSeriesSelection } from '../../src/selection/series-selection.ts'

const nothing = { metricAllowlist: [], metricDenylist: [], namespaces: [], namespacesDenylist: [] }

test('without lists there is none', () => {
  expect(createSeriesSelection(nothing)).toBeUndefined()
})

test.each([
  [{ metricAllowlist: ['^kube_pod_', 'created$'] }, ['kube_pod_info', 'kube_node_created'], ['kube_node_info']],
  [{ metricDenylist: ['(?i)SECRET'] }, ['kube_pod_info'], ['kube_secret_info']],
])('metrics of %j', (lists, included, excluded) => {
  const selection = createSeriesSelection({ ...nothing, ...lists })
  expect([...included, ...excluded].filter((name) => selection?.includesFamily(name))).toEqual(included)
  expect(selection?.includesNamespace('any')).toBe(true)
})

test.each([
  [{ namespaces: ['a', 'b'] }, ['a', 'b'], ['c']],
  [{ namespacesDenylist: ['a'] }, ['b'], ['a']],
  [{ namespaces: ['a', 'b'], namespacesDenylist: ['a'] }, ['b'], ['a', 'c']],
])('namespaces of %j, and cluster-scoped objects always', (lists, included, excluded) => {
  const selection = createSeriesSelection({ ...nothing, ...lists })
  expect(['', ...included, ...excluded].filter((name) => selection?.includesNamespace(name))).toEqual(['', ...included])
  expect(selection?.includesFamily('kube_pod_info')).toBe(true)
})
