/** Which objects are read, as list and watch requests and as a predicate on one object. Pure. */

import type { AnyResource } from '../families/family.ts'

/** The configured restrictions on the objects that are read. */
export interface ScopeSelection {
  /** Empty means all. */
  readonly namespaces: readonly string[]
  readonly namespacesDenylist: readonly string[]
  /** Pods of this node only. */
  readonly node: string | undefined
  /** Pods without a node only; takes precedence over `node`. */
  readonly trackUnscheduledPods: boolean
}

/** One list and watch; in the whole cluster if `namespace` is undefined. */
export interface ScopedRequest {
  readonly namespace: string | undefined
  readonly fieldSelector: string | undefined
  readonly labelSelector?: string
}

/** What of a resource decides how it is scoped. */
export type ScopedResource = Pick<AnyResource, 'apiVersion' | 'plural' | 'namespaced' | 'selectors'>

/** The requests that together read the selected objects of a resource; none if the lists leave no namespace. */
export function scopedRequests(resource: ScopedResource, selection: ScopeSelection): readonly ScopedRequest[] {
  const { label = '', field = '' } = resource.selectors ?? {}
  const own = [nodeSelector(resource, selection), field === '' ? undefined : field]
  const labels = label === '' ? {} : { labelSelector: label }
  if (!resource.namespaced) return [{ namespace: undefined, fieldSelector: join(own), ...labels }]
  const denied = new Set(selection.namespacesDenylist)
  if (selection.namespaces.length === 0) {
    const others = selection.namespacesDenylist.map((namespace) => `metadata.namespace!=${namespace}`)
    return [{ namespace: undefined, fieldSelector: join([...others, ...own]), ...labels }]
  }
  return [...new Set(selection.namespaces)]
    .filter((namespace) => !denied.has(namespace))
    .map((namespace) => ({ namespace, fieldSelector: join(own), ...labels }))
}

/** The same selection as a predicate, for objects from files. */
export function createScopeTest(
  resource: ScopedResource,
  selection: ScopeSelection,
): (object: { readonly namespace: string; readonly node: string }) => boolean {
  const named = new Set(selection.namespaces)
  const denied = new Set(selection.namespacesDenylist)
  const isOnNodes = isPods(resource)
  return ({ namespace, node }) => {
    if (resource.namespaced && ((named.size > 0 && !named.has(namespace)) || denied.has(namespace))) return false
    if (!isOnNodes) return true
    if (selection.trackUnscheduledPods) return node === ''
    return selection.node === undefined || node === selection.node
  }
}

function nodeSelector(resource: ScopedResource, { node, trackUnscheduledPods }: ScopeSelection): string | undefined {
  if (!isPods(resource)) return undefined
  if (trackUnscheduledPods) return 'spec.nodeName='
  return node === undefined ? undefined : `spec.nodeName=${node}`
}

const join = (selectors: readonly (string | undefined)[]): string | undefined => {
  const given = selectors.filter((selector) => selector !== undefined)
  return given.length === 0 ? undefined : given.join(',')
}

/** Other groups may have pods too, of metrics for example. */
const isPods = ({ apiVersion, plural }: ScopedResource) => apiVersion === 'v1' && plural === 'pods'
