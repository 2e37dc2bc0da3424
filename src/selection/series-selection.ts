/** The selection of one destination: which families, and objects of which namespaces, of those that are read. */

import { compileEcmaPattern } from './metric-pattern.ts'

/** The configured lists. */
export interface SeriesLists {
  /** ECMAScript patterns that match anywhere in a name. */
  readonly metricAllowlist: readonly string[]
  readonly metricDenylist: readonly string[]
  /** Empty means all. */
  readonly namespaces: readonly string[]
  readonly namespacesDenylist: readonly string[]
}

export interface SeriesSelection {
  /** By the name of the metric. */
  includesFamily(name: string): boolean
  /** The namespace of cluster-scoped objects is empty; they are always included. */
  includesNamespace(namespace: string): boolean
}

/** Undefined when the lists exclude nothing. Throws an Error for a pattern that is invalid. */
export function createSeriesSelection(lists: SeriesLists): SeriesSelection | undefined {
  if (Object.values(lists).every(({ length }) => length === 0)) return undefined
  const allowed = lists.metricAllowlist.map(compileEcmaPattern)
  const denied = lists.metricDenylist.map(compileEcmaPattern)
  const named = new Set(lists.namespaces)
  const excluded = new Set(lists.namespacesDenylist)
  return {
    includesFamily: (name) =>
      (allowed.length === 0 || allowed.some((matches) => matches(name))) && !denied.some((matches) => matches(name)),
    includesNamespace: (namespace) =>
      namespace === '' || ((named.size === 0 || named.has(namespace)) && !excluded.has(namespace)),
  }
}
