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

/** The selected objects of a resource. */
export interface ResourceScope {
  /** The requests that together read them; none if no namespace is left. */
  readonly requests: readonly ScopedRequest[]
  /** Whether objects of a namespace are among them; the namespace of cluster-scoped objects is empty. */
  includes(namespace: string): boolean
  /**
   * Whether an object that leaves the scope is handed over: a pod that is scheduled belongs to the instance of its node from then on,
   * though the watch reports it as deleted.
   */
  readonly handsOver: boolean
}

/** What of a resource decides how it is scoped. */
export type ScopedResource = Pick<AnyResource, 'apiVersion' | 'plural' | 'namespaced' | 'selectors'>

const wholeCluster: ScopeSelection = {
  namespaces: [],
  namespacesDenylist: [],
  node: undefined,
  trackUnscheduledPods: false,
}

/** The scope of a resource; without a selection all of its objects. */
export function createScope(resource: ScopedResource, selection: Partial<ScopeSelection> = {}): ResourceScope {
  const complete = { ...wholeCluster, ...selection }
  return {
    requests: scopedRequests(resource, complete),
    includes: createNamespaceTest(resource, complete),
    handsOver: complete.trackUnscheduledPods && isPods(resource),
  }
}

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
  const isInNamespace = createNamespaceTest(resource, selection)
  const isOnNodes = isPods(resource)
  return ({ namespace, node }) => {
    if (!isInNamespace(namespace)) return false
    if (!isOnNodes) return true
    if (selection.trackUnscheduledPods) return node === ''
    return selection.node === undefined || node === selection.node
  }
}

function createNamespaceTest(resource: ScopedResource, selection: ScopeSelection): (namespace: string) => boolean {
  if (!resource.namespaced) return () => true
  const named = new Set(selection.namespaces)
  const denied = new Set(selection.namespacesDenylist)
  return (namespace) => (named.size === 0 || named.has(namespace)) && !denied.has(namespace)
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
