/**
 * Numbers for resources and families that stay the same for the life of the process, and the layouts of the current
 * plan. A resource is known by group, version, plural and variant, a family by name and type; several resources may feed one
 * family. Rows, store and ledgers refer to both by number, never by a position in a plan.
 */

import { isDeepStrictEqual } from 'node:util'
import type { AnyFamily, AnyResource } from '../families/family.ts'
import type { KeyFilter, Plan, ResourcePlan } from '../selection/plan.ts'
import type { ResourceLayout } from './layout.ts'
import { createLayout } from './layout.ts'
import { createSharedLabelSets } from './shared-label-sets.ts'

/** What changed from one plan to the next. A resource may be in several lists; in none, it is unchanged. */
export interface PlanDifference {
  /** To be listed from now on. */
  readonly added: readonly ResourceLayout[]
  /** To be listed again: families or label keys were added or changed. The old rows serve until then. */
  readonly changed: readonly ResourceLayout[]
  /** Resources of both plans of which other objects are to be read than before. */
  readonly rescoped: readonly ResourceLayout[]
  /** No longer selected. The layouts are those of the plan before. */
  readonly removed: readonly ResourceLayout[]
  /** Resources of both plans whose blocks may hold rows of families that are gone. */
  readonly stripped: readonly ResourceLayout[]
}

export type Registry = ReturnType<typeof createRegistry>

export function createRegistry() {
  const shared = createSharedLabelSets()
  const resources = createNumbers<AnyResource>(
    ({ apiVersion, plural, variant = '' }) => `${apiVersion}/${plural} ${variant}`,
  )
  const families = createNumbers<AnyFamily>(({ name, type }) => `${name} ${type}`)
  const ids = { shared, resourceId: resources.idOf, familyId: families.idOf }
  let current = new Map<number, ResourceLayout>()
  let layouts: readonly ResourceLayout[] = []

  return {
    ...ids,
    /** The resource with this number, as it was first declared; also when no plan has it any more. */
    resource: resources.get,
    /** The family with this number, as it was first declared; also when no plan has it any more. */
    family: families.get,
    /** The layouts of the current plan, in its order. */
    get layouts(): readonly ResourceLayout[] {
      return layouts
    },
    /** The layout of a resource; undefined when the current plan does not have it. */
    layout: (resource: number): ResourceLayout | undefined => current.get(resource),
    /** Makes this the current plan. Layouts of unchanged resources stay the same objects. */
    apply(plan: Plan): PlanDifference {
      const before = current
      const added: ResourceLayout[] = []
      const changed: ResourceLayout[] = []
      const stripped: ResourceLayout[] = []
      const rescoped: ResourceLayout[] = []
      layouts = plan.map((resourcePlan) => {
        const old = before.get(ids.resourceId(resourcePlan.resource))
        const hasSameScope = old !== undefined && isSameScope(old.plan, resourcePlan)
        if (hasSameScope && isSamePlan(old.plan, resourcePlan)) return old
        const layout = createLayout(resourcePlan, ids)
        if (old === undefined) added.push(layout)
        else {
          if (!isPart(resourcePlan, old.plan)) changed.push(layout)
          if (!hasSameScope) rescoped.push(layout)
          if (old.families.some(({ id }) => !layout.familyIds.has(id))) stripped.push(layout)
        }
        return layout
      })
      current = new Map(layouts.map((layout) => [layout.id, layout]))
      return { added, changed, stripped, rescoped, removed: [...before.values()].filter(({ id }) => !current.has(id)) }
    },
  }
}

function createNumbers<T>(keyOf: (item: T) => string) {
  const ids = new Map<string, number>()
  const items: T[] = []
  return {
    idOf(item: T): number {
      const key = keyOf(item)
      let id = ids.get(key)
      if (id === undefined) {
        id = items.push(item) - 1
        ids.set(key, id)
      }
      return id
    },
    get: (id: number): T => items[id] as T,
  }
}

function isSamePlan(a: ResourcePlan, b: ResourcePlan): boolean {
  return isPart(a, b) && a.families.length === b.families.length
}

function isSameScope({ scope: a }: ResourcePlan, { scope: b }: ResourcePlan): boolean {
  return a === b || isDeepStrictEqual(a?.requests, b?.requests)
}

/** Whether the first plan yields nothing of an object that the second does not. */
function isPart(part: ResourcePlan, whole: ResourcePlan): boolean {
  return (
    isSame(part.resource, whole.resource) &&
    isSameFilter(part.labelKeys, whole.labelKeys) &&
    isSameFilter(part.annotationKeys, whole.annotationKeys) &&
    part.families.every((family) => whole.families.some((other) => isSame(family, other)))
  )
}

/** Declarations made from configuration are new objects after each reload; equal fingerprints mean that they observe the same. */
function isSame(a: AnyFamily | AnyResource, b: AnyFamily | AnyResource): boolean {
  return a === b || (a.fingerprint !== undefined && a.fingerprint === b.fingerprint)
}

function isSameFilter(a: KeyFilter | undefined, b: KeyFilter | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && a.fingerprint === b.fingerprint)
}
