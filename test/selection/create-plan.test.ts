/** The selection by allow and deny lists, with the built-in families. */
import { describe, expect, test } from 'vitest'
import { resources } from '../../src/families/built-in-resources.ts'
import type { FamilySelection } from '../../src/selection/create-plan.ts'
import { createPlan } from '../../src/selection/create-plan.ts'

function plan(selection: Partial<FamilySelection>) {
  return createPlan(resources, {
    resources: undefined,
    metricAllowlist: [],
    metricDenylist: [],
    metricOptInList: [],
    labelsAllowList: new Map(),
    annotationsAllowList: new Map(),
    ...selection,
  })
}

const pluralsOf = (selection: Partial<FamilySelection>) => plan(selection).map(({ resource }) => resource.plural)
const familiesOf = (selection: Partial<FamilySelection>) =>
  plan(selection).flatMap(({ families }) => families.map(({ name }) => name))

describe('resources', () => {
  test('are the default ones if none is named, in the order of the output', () => {
    expect(pluralsOf({})).toEqual(resources.filter((one) => one.enabledByDefault).map((one) => one.plural))
  })

  test.each([
    [['pods'], ['pods']],
    [
      ['pods', 'deployments', 'pods'],
      ['deployments', 'pods'],
    ],
    [[], []],
  ])('%j are %j', (named, selected) => {
    expect(pluralsOf({ resources: named })).toEqual(selected)
  })
})

describe('families', () => {
  const namespaces = { resources: ['namespaces'] }
  const all = [
    'kube_namespace_created',
    'kube_namespace_labels',
    'kube_namespace_annotations',
    'kube_namespace_status_phase',
    'kube_namespace_status_condition',
  ]

  test('are all except opt-in ones without lists', () => {
    expect(familiesOf(namespaces).sort()).toEqual([...all].sort())
    const pods = familiesOf({ resources: ['pods'] })
    const optIn = resources.find(({ plural }) => plural === 'pods')?.families.filter((family) => family.optIn)
    expect(optIn?.length).toBeGreaterThan(0)
    for (const { name } of optIn ?? []) expect(pods).not.toContain(name)
  })

  test.each<[string, Partial<FamilySelection>, string[]]>([
    ['an allowed name', { metricAllowlist: ['kube_namespace_created'] }, ['kube_namespace_created']],
    ['a part of a name', { metricAllowlist: ['_created'] }, ['kube_namespace_created']],
    ['one of several', { metricAllowlist: ['nothing', 'phase$'] }, ['kube_namespace_status_phase']],
    ['nothing that matches', { metricAllowlist: ['^created'] }, []],
    ['a lookahead', { metricAllowlist: ['^kube_namespace_(?!status|labels|annot)'] }, ['kube_namespace_created']],
    [
      'what is not denied',
      { metricDenylist: ['status', '^kube_namespace_(labels|annotations)$'] },
      ['kube_namespace_created'],
    ],
    [
      'what is allowed and not denied',
      { metricAllowlist: ['status'], metricDenylist: ['phase'] },
      ['kube_namespace_status_condition'],
    ],
    ['nothing when all is denied', { metricDenylist: ['.*'] }, []],
  ])('%s', (_name, selection, expected) => {
    expect(familiesOf({ ...namespaces, ...selection }).sort()).toEqual([...expected].sort())
  })

  test.each<[string, Partial<FamilySelection>, boolean]>([
    ['off by default', {}, false],
    ['on by its whole name', { metricOptInList: ['^kube_pod_nodeselectors$'] }, true],
    ['on by a part of its name', { metricOptInList: ['nodeselectors'] }, true],
    ['off when another is opted in', { metricOptInList: ['kube_pod_nothing'] }, false],
    ['still denied', { metricOptInList: ['kube_pod_'], metricDenylist: ['nodeselectors'] }, false],
    ['still to be allowed', { metricOptInList: ['kube_pod_'], metricAllowlist: ['kube_pod_info'] }, false],
    ['not on by being allowed', { metricAllowlist: ['kube_pod_nodeselectors'] }, false],
  ])('an opt-in family is %s', (_name, selection, isOn) => {
    expect(familiesOf({ resources: ['pods'], ...selection }).includes('kube_pod_nodeselectors')).toBe(isOn)
  })

  test('opt-in patterns are RE2, which knows no lookahead, and the others are not', () => {
    expect(() => familiesOf({ metricOptInList: ['(?=kube)'] })).toThrow()
    expect(() => familiesOf({ metricAllowlist: ['(?=kube)'] })).not.toThrow()
    expect(() => familiesOf({ metricDenylist: ['('] })).toThrow()
  })
})

describe('copied keys', () => {
  const keysOf = (lists: Record<string, string[]>, plural: string) =>
    plan({ resources: ['pods', 'nodes'], labelsAllowList: new Map(Object.entries(lists)) }).find(
      ({ resource }) => resource.plural === plural,
    )?.labelKeys
  const taken = (entries: string[]) =>
    ['app', 'app.kubernetes.io/name', 'a.b', 'axb', '*', ''].filter(
      (key) => keysOf({ pods: entries }, 'pods')?.(key) === true,
    )

  test.each<[string[], string[]]>([
    [['app'], ['app']],
    [
      ['app', 'a.b'],
      ['app', 'a.b'],
    ],
    [['*'], ['app', 'app.kubernetes.io/name', 'a.b', 'axb', '*', '']],
    [
      ['*', 'app'],
      ['app', 'app.kubernetes.io/name', 'a.b', 'axb', '*', ''],
    ],
    [['app', '*'], ['app']],
    [['app*'], ['app', 'app.kubernetes.io/name']],
    [['*/name'], ['app.kubernetes.io/name']],
    [['a*b'], ['a.b', 'axb']],
    [['a.b'], ['a.b']],
    [[], []],
    [['APP'], []],
  ])('%j takes %j', (entries, expected) => {
    expect(taken(entries)).toEqual(expected)
  })

  test('an empty list is the same as no list for a resource: no samples at all', () => {
    expect(keysOf({ pods: ['app'] }, 'nodes')).toBeUndefined()
    expect(keysOf({ nodes: [] }, 'nodes')).toBeUndefined()
    expect(keysOf({ '*': [], nodes: ['app'] }, 'nodes')).toBeUndefined()
  })

  test('an entry for * applies to all resources and replaces the others', () => {
    expect(keysOf({ '*': ['app'], pods: ['other'] }, 'pods')?.('app')).toBe(true)
    expect(keysOf({ '*': ['app'], pods: ['other'] }, 'pods')?.('other')).toBe(false)
    expect(keysOf({ '*': ['app'] }, 'nodes')?.('app')).toBe(true)
  })

  test('labels and annotations have separate lists', () => {
    const [pods] = plan({ resources: ['pods'], annotationsAllowList: new Map([['pods', ['a']]]) })
    expect(pods?.labelKeys).toBeUndefined()
    expect(pods?.annotationKeys?.('a')).toBe(true)
  })
})
