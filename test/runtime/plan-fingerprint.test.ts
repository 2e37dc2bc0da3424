import { expect, test } from 'vitest'
import { resources } from '../../src/families/built-in-resources.ts'
import type { SeriesIdentity } from '../../src/runtime/plan-fingerprint.ts'
import { identityFingerprint, planFingerprint, resourceName } from '../../src/runtime/plan-fingerprint.ts'
import { createPlan } from '../../src/selection/create-plan.ts'

const planOfPods = (changes = {}) => {
  const plan = createPlan(resources, {
    resources: ['pods'],
    metricAllowlist: [],
    metricDenylist: [],
    metricOptInList: [],
    labelsAllowList: new Map(),
    annotationsAllowList: new Map(),
    ...changes,
  })
  if (plan[0] === undefined) throw new Error('no plan')
  return plan[0]
}

test('equal plans have equal fingerprints', () => {
  expect(planFingerprint(planOfPods())).toBe(planFingerprint(planOfPods()))
  expect(resourceName(planOfPods())).toBe('v1/pods')
})

test.each([
  ['families', { metricDenylist: ['^kube_pod_info$'] }],
  ['label keys', { labelsAllowList: new Map([['pods', ['app']]]) }],
  ['annotation keys', { annotationsAllowList: new Map([['pods', ['note']]]) }],
  ['namespaces', { namespaces: ['a'] }],
  ['the node', { node: 'n1' }],
])('other %s, another fingerprint', (_what, changes) => {
  expect(planFingerprint(planOfPods(changes))).not.toBe(planFingerprint(planOfPods()))
})

test('a family whose code differs, another fingerprint', () => {
  const plan = planOfPods()
  const families = plan.families.map((family) =>
    family.kind === 'fixed' ? { ...family, callback: () => undefined } : family,
  )
  expect(planFingerprint({ ...plan, families })).not.toBe(planFingerprint(plan))
})

test('a help text, the stability, or a name that a bundler gives, the same fingerprint', () => {
  const plan = planOfPods()
  const [family] = plan.families
  if (family?.kind !== 'fixed') throw new Error('not as expected')
  const readLabels2 = () => undefined
  const readLabels3 = () => undefined
  const withCallback = (callback: () => void) => planFingerprint({ ...plan, families: [{ ...family, callback }] })
  expect(withCallback(() => readLabels2())).toBe(withCallback(() => readLabels3()))
  const described = { ...family, help: 'Other words.', stability: 'alpha' as const, deprecatedSince: '9.0.0' }
  expect(planFingerprint({ ...plan, families: [described] })).toBe(planFingerprint({ ...plan, families: [family] }))
})

const noLimits = { series: 0, perResource: new Map<string, number>(), perFamily: new Map<string, number>() }
const identity: SeriesIdentity = {
  serviceNamespace: undefined,
  constantLabels: new Map([['region', 'a']]),
  split: { shard: 0, totalShards: 2, method: 'jump' },
  limits: noLimits,
}

test.each<Partial<SeriesIdentity>>([
  { serviceNamespace: 'x' },
  { constantLabels: new Map() },
  { constantLabels: new Map([['region', 'b']]) },
  { split: { shard: 1, totalShards: 2, method: 'jump' } },
  { split: { shard: 0, totalShards: 3, method: 'jump' } },
  { split: { shard: 0, totalShards: 2, method: 'ranges' } },
  { split: undefined },
  { limits: { ...noLimits, series: 7 } },
  { limits: { ...noLimits, perResource: new Map([['pods', 7]]) } },
  { limits: { ...noLimits, perFamily: new Map([['pods', 7]]) } },
])('with %j it is another identity', (change) => {
  expect(identityFingerprint({ ...identity })).toBe(identityFingerprint(identity))
  expect(identityFingerprint({ ...identity, ...change })).not.toBe(identityFingerprint(identity))
})
