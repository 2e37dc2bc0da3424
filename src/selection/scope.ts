/** Owns which objects are read: the requests that a resource takes, and the same choice as a test of one object. Pure. */

import type { AnyResource } from '../families/family.ts'

/** What limits the objects that are read. */
export interface ScopeSelection {
  /** Empty means all. */
  readonly namespaces: readonly string[]
  readonly namespacesDenylist: readonly string[]
  /** Pods of this node only. */
  readonly node: string | undefined
  /** Pods without a node only; wins over `node`. */
  readonly trackUnscheduledPods: boolean
}

/** One list and watch. `namespace` undefined means all of the cluster. */
export interface ScopedRequest {
  readonly namespace: string | undefined
  readonly fieldSelector: string | undefined
}

/** The requests that together read what is selected of a resource; none when the lists leave no namespace. */
export function scopedRequests(resource: AnyResource, selection: ScopeSelection): readonly ScopedRequest[] {
  const node = nodeSelector(resource, selection)
  if (!resource.namespaced) return [{ namespace: undefined, fieldSelector: join([node]) }]
  const denied = new Set(selection.namespacesDenylist)
  if (selection.namespaces.length === 0) {
    const others = selection.namespacesDenylist.map((namespace) => `metadata.namespace!=${namespace}`)
    return [{ namespace: undefined, fieldSelector: join([...others, node]) }]
  }
  return [...new Set(selection.namespaces)]
    .filter((namespace) => !denied.has(namespace))
    .map((namespace) => ({ namespace, fieldSelector: join([node]) }))
}

/** The same selection as a test, for objects that did not come through an API server. */
export function createScopeTest(
  resource: AnyResource,
  selection: ScopeSelection,
): (object: { readonly namespace: string; readonly node: string }) => boolean {
  const named = new Set(selection.namespaces)
  const denied = new Set(selection.namespacesDenylist)
  const isPod = resource.plural === 'pods'
  return ({ namespace, node }) => {
    if (resource.namespaced && ((named.size > 0 && !named.has(namespace)) || denied.has(namespace))) return false
    if (!isPod) return true
    if (selection.trackUnscheduledPods) return node === ''
    return selection.node === undefined || node === selection.node
  }
}

function nodeSelector({ plural }: AnyResource, { node, trackUnscheduledPods }: ScopeSelection): string | undefined {
  if (plural !== 'pods') return undefined
  if (trackUnscheduledPods) return 'spec.nodeName='
  return node === undefined ? undefined : `spec.nodeName=${node}`
}

const join = (selectors: readonly (string | undefined)[]): string | undefined => {
  const given = selectors.filter((selector) => selector !== undefined)
  return given.length === 0 ? undefined : given.join(',')
}
