/** The requests of a scope, and that its predicate on objects selects the same. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { resources } from '../../src/families/built-in-resources.ts'
import type { ScopedRequest, ScopeSelection } from '../../src/selection/scope.ts'
import { createScope, createScopeTest, scopedRequests } from '../../src/selection/scope.ts'

const all: ScopeSelection = { namespaces: [], namespacesDenylist: [], node: undefined, trackUnscheduledPods: false }

const find = (plural: string) => {
  const found = resources.find((resource) => resource.plural === plural)
  if (found === undefined) throw new Error(`no resource ${plural}`)
  return found
}

const request = (namespace?: string, fieldSelector?: string): ScopedRequest => ({ namespace, fieldSelector })

describe('requests', () => {
  test.each<[string, string, Partial<ScopeSelection>, ScopedRequest[]]>([
    ['all of the cluster', 'pods', {}, [request()]],
    ['one per namespace', 'pods', { namespaces: ['a', 'b', 'a'] }, [request('a'), request('b')]],
    ['the named less the denied', 'pods', { namespaces: ['a', 'b'], namespacesDenylist: ['b', 'c'] }, [request('a')]],
    ['none when all are denied', 'pods', { namespaces: ['a'], namespacesDenylist: ['a'] }, []],
    [
      'a selector for the denied',
      'deployments',
      { namespacesDenylist: ['a', 'b'] },
      [request(undefined, 'metadata.namespace!=a,metadata.namespace!=b')],
    ],
    ['pods of a node', 'pods', { node: 'n1' }, [request(undefined, 'spec.nodeName=n1')]],
    [
      'pods of a node, by namespace',
      'pods',
      { node: 'n1', namespaces: ['a', 'b'] },
      [request('a', 'spec.nodeName=n1'), request('b', 'spec.nodeName=n1')],
    ],
    [
      'pods of a node, less the denied',
      'pods',
      { node: 'n1', namespacesDenylist: ['a'] },
      [request(undefined, 'metadata.namespace!=a,spec.nodeName=n1')],
    ],
    [
      'pods without a node, which wins',
      'pods',
      { node: 'n1', trackUnscheduledPods: true },
      [request(undefined, 'spec.nodeName=')],
    ],
    ['a node is nothing to other kinds', 'deployments', { node: 'n1', trackUnscheduledPods: true }, [request()]],
    [
      'nor are namespaces to kinds without',
      'nodes',
      { namespaces: ['a'], namespacesDenylist: ['a'], node: 'n1' },
      [request()],
    ],
    ['nor to namespaces themselves', 'namespaces', { namespaces: ['a'], namespacesDenylist: ['b'] }, [request()]],
  ])('%s', (_name, plural, scope, expected) => {
    expect(scopedRequests(find(plural), { ...all, ...scope })).toEqual(expected)
  })
})

/** The objects that an API server would return for a request. */
function answers({ namespace, fieldSelector }: ScopedRequest, object: { namespace: string; node: string }): boolean {
  const terms = fieldSelector?.split(',') ?? []
  return (
    (namespace === undefined || namespace === object.namespace) &&
    terms.every((term) => {
      const [, field, operator, wanted] = /^(.*?)(!?=)(.*)$/.exec(term) ?? []
      const value = field === 'spec.nodeName' ? object.node : object.namespace
      return operator === '=' ? value === wanted : value !== wanted
    })
  )
}

test('the predicate selects exactly the objects that the requests read, each once', () => {
  const names = fc.subarray(['a', 'b', 'c'])
  const scope = fc.record({
    namespaces: names,
    namespacesDenylist: names,
    node: fc.constantFrom(undefined, 'n1'),
    trackUnscheduledPods: fc.boolean(),
  })
  const object = fc.record({ namespace: fc.constantFrom('a', 'b', 'c', 'd'), node: fc.constantFrom('', 'n1', 'n2') })
  const plural = fc.constantFrom('pods', 'deployments', 'nodes')
  const property = fc.property(plural, scope, object, (name, selection, one) => {
    const resource = find(name)
    const seen = resource.namespaced ? one : { ...one, namespace: '' }
    const reads = scopedRequests(resource, selection).filter((scoped) => answers(scoped, seen)).length
    expect(reads).toBe(createScopeTest(resource, selection)(seen) ? 1 : 0)
  })
  fc.assert(property, { numRuns: 500 })
})

test('a scope includes exactly the namespaces that its requests read', () => {
  const names = fc.subarray(['a', 'b', 'c'])
  const selection = fc.record({ namespaces: names, namespacesDenylist: names })
  const property = fc.property(selection, fc.constantFrom('a', 'b', 'c', 'd'), (selected, namespace) => {
    const { requests, includes } = createScope(find('deployments'), selected)
    expect(includes(namespace)).toBe(requests.some((scoped) => answers(scoped, { namespace, node: '' })))
  })
  fc.assert(property, { numRuns: 300 })
  expect(createScope(find('nodes'), { namespaces: ['a'], namespacesDenylist: ['b'] }).includes('')).toBe(true)
})

test.each([
  [{ apiVersion: 'v1', plural: 'pods' }, true, true],
  [{ apiVersion: 'v1', plural: 'pods' }, false, false],
  [{ apiVersion: 'metrics.k8s.io/v1beta1', plural: 'pods' }, true, false],
  [{ apiVersion: 'v1', plural: 'services' }, true, false],
])(
  'objects of %j that leave the selection, unscheduled only: %j, are handed over: %j',
  (named, isTracked, expected) => {
    const { handsOver } = createScope({ ...named, namespaced: true }, { trackUnscheduledPods: isTracked })
    expect(handsOver).toBe(expected)
  },
)

test("a resource's own selectors go with every request", () => {
  const trees = { apiVersion: 'wood.example/v1', plural: 'trees', namespaced: true }
  const selected = { ...trees, selectors: { label: 'app=a', field: 'spec.mode=b' } }
  const selection = { namespaces: [], namespacesDenylist: ['x'], node: undefined, trackUnscheduledPods: false }
  expect(scopedRequests(selected, selection)).toEqual([
    { namespace: undefined, fieldSelector: 'metadata.namespace!=x,spec.mode=b', labelSelector: 'app=a' },
  ])
  expect(scopedRequests({ ...selected, namespaced: false }, selection)).toEqual([
    { namespace: undefined, fieldSelector: 'spec.mode=b', labelSelector: 'app=a' },
  ])
  expect(scopedRequests(selected, { ...selection, namespaces: ['y'] })).toEqual([
    { namespace: 'y', fieldSelector: 'spec.mode=b', labelSelector: 'app=a' },
  ])
  expect(
    scopedRequests({ ...trees, selectors: { label: '', field: '' } }, { ...selection, namespacesDenylist: [] }),
  ).toEqual([{ namespace: undefined, fieldSelector: undefined }])
})
