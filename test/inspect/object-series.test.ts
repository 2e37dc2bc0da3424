/** The series of an object, and the object of a series. */
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { resourceNames } from '../../src/config/resource-names.ts'
import { createObjectSeries, createPageReader, objectKey, visitExpected } from '../../src/inspect/object-series.ts'

function selectionOf(...argv: string[]) {
  const loaded = loadConfig({ argv, env: {}, readFile: () => '' })
  if (!loaded.ok) throw new Error('not a usable configuration')
  return loaded.config.selection
}

const pod = (phase: string, namespace = 'shop') => ({
  plural: 'pods',
  value: { metadata: { name: 'web-0', namespace, uid: 'u1', resourceVersion: `${Math.random()}` }, status: { phase } },
})
const labelsOf = (labels: Record<string, string>) => (name: string) => labels[name]

describe('a fingerprint', () => {
  const { fingerprint } = createObjectSeries(selectionOf())

  test('changes with the series and with nothing else', () => {
    expect(fingerprint(pod('Running'))).toBe(fingerprint(pod('Running')))
    expect(fingerprint(pod('Running'))).not.toBe(fingerprint(pod('Failed')))
  })

  test('is empty for what yields nothing', () => {
    expect(fingerprint({ ...pod('Running'), plural: 'widgets' })).toBe('')
    const elsewhere = createObjectSeries(selectionOf('--namespaces=billing'))
    expect(elsewhere.fingerprint(pod('Running'))).toBe('')
    expect(elsewhere.fingerprint(pod('Running', 'billing'))).not.toBe('')
  })
})

test.each([
  ['kube_pod_info', { namespace: 'shop', pod: 'web-0', uid: 'u1' }, 'pods shop/web-0'],
  ['kube_node_info', { node: 'worker-1' }, 'nodes worker-1'],
  ['kube_namespace_created', { namespace: 'shop' }, 'namespaces shop'],
  ['kube_lease_renew_time', { lease: 'worker-1', namespace: 'kube-node-lease' }, 'leases kube-node-lease/worker-1'],
  [
    'kube_horizontalpodautoscaler_info',
    { namespace: 'a', horizontalpodautoscaler: 'b' },
    'horizontalpodautoscalers a/b',
  ],
  ['kube_widget_info', { namespace: 'a', widget: 'b' }, undefined],
])('%s %o belongs to %s', (metric, labels, owner) => {
  const { ownerOf } = createObjectSeries(selectionOf(`--resources=${resourceNames.join(',')}`))
  expect(ownerOf(metric, labelsOf(labels))).toBe(owner)
})

test('an object is named by its kind, its namespace if it has one, and its name', () => {
  expect([objectKey('pods', 'a', 'b'), objectKey('nodes', '', 'b')]).toEqual(['pods a/b', 'nodes b'])
})

test('the series of several objects are those of the page', () => {
  const series: [string, number][] = []
  const selection = selectionOf('--metric-allowlist=^kube_pod_status_phase$')
  visitExpected(selection, [pod('Running')], (...one) => series.push(one))
  expect(series).toHaveLength(5)
  const running = 'kube_pod_status_phase{namespace="shop",pod="web-0",uid="u1",phase="Running"}'
  expect(series.filter(([, value]) => value !== 0)).toEqual([[running, 1]])
})

test.each([1, 7, 1000])('a page in parts of %s bytes is read without comments, to its end', (length) => {
  const page = Buffer.from('# HELP a b\na{b="c… d"} +Inf\na{b="c… d"} 2\na 1.5e+09')
  const series: [string, number][] = []
  const reader = createPageReader((...one) => series.push(one))
  for (let at = 0; at < page.length; at += length) reader.add(page.subarray(at, at + length))
  reader.end()
  expect(series).toEqual([
    ['a{b="c… d"}', Number.POSITIVE_INFINITY],
    ['a{b="c… d"}', 2],
    ['a', 1.5e9],
  ])
})
