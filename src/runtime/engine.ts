/** Plan, layouts, block writers and store, put together for a run or a render. */

import type { AnyFamily, AnyResource } from '../families/family.ts'
import type { BlockWriter } from '../rows/block-writer.ts'
import { createBlockWriter } from '../rows/block-writer.ts'
import { createLayout } from '../rows/layout.ts'
import { createSharedLabelSets } from '../rows/shared-label-sets.ts'
import type { KubernetesObject } from '../schemas/object-meta.ts'
import type { Plan, ResourcePlan } from '../selection/plan.ts'
import type { ObjectKey, PutOutcome, RemovalReason, Store, StoreOptions } from '../store/store.ts'
import { createStore } from '../store/store.ts'
import type { Defer } from './time-slices.ts'
import { deferToEventLoop, runInSlices } from './time-slices.ts'

export interface EngineOptions {
  readonly plan: Plan
  readonly now: () => number
  /** Absent: nothing will be pushed. */
  readonly push?: StoreOptions['push']
  /** A family's callback threw; its rows of this object are missing. */
  readonly onFamilyError: (family: AnyFamily, resource: AnyResource, object: KubernetesObject, error: unknown) => void
  /** An object yielded a series more than once; `count` is how often too much. */
  readonly onDuplicates: (resource: AnyResource, object: KubernetesObject, count: number) => void
  /** How work on many objects yields between its steps; `setImmediate` by default. */
  readonly defer?: Defer
}

/** A complete list of a resource, in one namespace or (undefined) in all. */
export interface CompleteList {
  readonly resource: number
  readonly namespace: string | undefined
  /** What `store.beginRelist` returned when the list began. */
  readonly epoch: number
}

export interface Engine {
  readonly plan: Plan
  readonly store: Store
  /** Observes an object of the plan's resource with this index and stores what it yields under `key`: by default its metadata. */
  upsert(resource: number, object: KubernetesObject, key?: ObjectKey): PutOutcome
  /** Removes what the list did not contain, in slices. */
  removeMissing(list: CompleteList, reason: RemovalReason): void
  /** All initial lists of the resource are complete: it may be pushed. Admits its objects in slices. */
  markSynced(resource: number): void
}

/** Each removal compares series; looking at an object to admit it takes a fraction of that. */
const removalsPerSlice = 500
const admissionsPerSlice = 5_000

export function createEngine(options: EngineOptions): Engine {
  const { plan, now, push, onFamilyError, onDuplicates, defer = deferToEventLoop } = options
  const shared = createSharedLabelSets()
  const layouts = plan.map((resourcePlan) => createLayout(resourcePlan, shared))
  const writers = layouts.map((layout) =>
    createBlockWriter(layout, ({ family }, object, error) => onFamilyError(family, layout.resource, object, error)),
  )
  const store = createStore({ layouts, shared, now, ...(push === undefined ? {} : { push }) })
  return {
    plan,
    store,
    upsert(resource, object, key = object.metadata) {
      const block = (writers[resource] as BlockWriter).write(object)
      if (block.duplicates > 0) onDuplicates((plan[resource] as ResourcePlan).resource, object, block.duplicates)
      return store.put(resource, key, block)
    },
    removeMissing({ resource, epoch, namespace }, reason) {
      runInSlices(store.removeMissing(resource, epoch, namespace, reason, removalsPerSlice), defer)
    },
    markSynced(resource) {
      runInSlices(store.markSynced(resource, admissionsPerSlice), defer)
    },
  }
}
