/**
 * Well-known dashboards and rules on kube-state-metrics: everything in them that kube-state-metrics v2.20 has is in our catalogue, with
 * the labels that they use. test/e2e/community-dashboards.e2e.ts runs their expressions on what a real Prometheus has after a push.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { parse } from 'yaml'
import { stateMetrics } from '../promql/known-metrics.ts'
import { problemsOf } from '../promql/query.ts'

type Uses = Readonly<Record<string, readonly string[]>>

const community = parse(readFileSync('test/dashboards/community.yaml', 'utf8')) as Readonly<Record<string, Uses>>
const reference = JSON.parse(readFileSync('test/conformance/catalogue.json', 'utf8')) as {
  readonly families: readonly { readonly name: string }[]
}
const published = new Set(reference.families.map(({ name }) => name))
const known = stateMetrics()

/** Used by dashboards of the time before kube-state-metrics v2, which renamed them. */
const retired = new Set([
  ...[
    'kube_hpa_labels',
    'kube_hpa_spec_max_replicas',
    'kube_hpa_spec_min_replicas',
    'kube_hpa_status_current_replicas',
  ],
  ...['kube_pod_container_resource_requests_cpu_cores', 'kube_pod_container_resource_requests_memory_bytes'],
  'kube_daemonset_updated_number_scheduled',
])

describe.each(Object.entries(community))('%s', (_name, uses) => {
  it('finds its metrics and labels', () => {
    const current = Object.entries(uses).filter(([metric]) => !retired.has(metric))
    expect(current.length).toBeGreaterThan(0)
    const selectors = current.map(([metric, labels]) => ({ metric, labels }))
    expect(problemsOf({ selectors, groupings: [], added: [], joins: false }, (metric) => known.get(metric))).toEqual([])
  })
})

test('what is missing here is missing in kube-state-metrics too, and nothing else', () => {
  const used = new Set(Object.values(community).flatMap(Object.keys))
  expect([...used].filter((metric) => !published.has(metric)).sort()).toEqual([...retired].sort())
  expect([...used].filter((metric) => !known.has(metric)).sort()).toEqual([...retired].sort())
  expect(used.size).toBeGreaterThan(75)
})
