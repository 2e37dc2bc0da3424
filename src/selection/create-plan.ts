/** Creates the plan from resources and configuration. Pure; the configuration must be validated. */

import type { AnyFamily, AnyResource } from '../families/family.ts'
import { createKeyFilter } from './key-filter.ts'
import { compileEcmaPattern, compileRe2Pattern } from './metric-pattern.ts'
import type { KeyFilter, Plan } from './plan.ts'
import type { ScopeSelection } from './scope.ts'
import { createScope } from './scope.ts'

/** The configured selection of resources and families. */
export interface FamilySelection {
  /** Undefined means the resources that are enabled by default. */
  readonly resources: readonly string[] | undefined
  /** ECMAScript patterns that match anywhere in a name; empty means all names. */
  readonly metricAllowlist: readonly string[]
  readonly metricDenylist: readonly string[]
  /** RE2 patterns; an opt-in family is enabled by one that matches anywhere in its name. */
  readonly metricOptInList: readonly string[]
  /** Allowlist entries by resource; an entry for `*` applies to all resources and replaces the others. */
  readonly labelsAllowList: ReadonlyMap<string, readonly string[]>
  readonly annotationsAllowList: ReadonlyMap<string, readonly string[]>
}

/**
 * The selected resources in the order of `resources`, each with its enabled families and its scope. Throws on a pattern
 * that does not parse.
 */
export function createPlan(
  resources: readonly AnyResource[],
  selection: FamilySelection & Partial<ScopeSelection>,
): Plan {
  const isSelected = resourceTest(selection)
  const isEnabled = familyTest(selection)
  return resources.filter(isSelected).map((resource) => ({
    resource,
    families: resource.families.filter(isEnabled),
    labelKeys: keysOf(resource, selection.labelsAllowList),
    annotationKeys: keysOf(resource, selection.annotationsAllowList),
    scope: createScope(resource, selection),
  }))
}

function resourceTest({ resources }: FamilySelection): (resource: AnyResource) => boolean {
  if (resources === undefined) return ({ enabledByDefault }) => enabledByDefault
  const named = new Set(resources)
  return ({ plural }) => named.has(plural)
}

function familyTest(selection: FamilySelection): (family: AnyFamily) => boolean {
  const allowed = selection.metricAllowlist.map(compileEcmaPattern)
  const denied = selection.metricDenylist.map(compileEcmaPattern)
  const optedIn = selection.metricOptInList.map(compileRe2Pattern)
  return ({ name, optIn }) => {
    if (optIn && !optedIn.some((matches) => matches(name))) return false
    if (allowed.length > 0 && !allowed.some((matches) => matches(name))) return false
    return !denied.some((matches) => matches(name))
  }
}

function keysOf({ plural }: AnyResource, lists: ReadonlyMap<string, readonly string[]>): KeyFilter | undefined {
  const entries = lists.get('*') ?? lists.get(plural)
  // An empty list is as good as none in kube-state-metrics: no samples, not a bare one for each object.
  return entries === undefined || entries.length === 0 ? undefined : createKeyFilter(entries)
}
