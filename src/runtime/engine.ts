/** From an object to the store by the current plan, which may change while the program runs. */

import type { AnyFamily, AnyResource } from '../families/family.ts'
import type { BlockWriter, FamilyErrorListener } from '../rows/block-writer.ts'
import { createBlockWriter } from '../rows/block-writer.ts'
import type { ResourceLayout } from '../rows/layout.ts'
import type { PlanDifference } from '../rows/registry.ts'
import { createRegistry } from '../rows/registry.ts'
import type { KubernetesObject } from '../schemas/object-meta.ts'
import type { Plan } from '../selection/plan.ts'
import type { Ledger, LedgerSelection } from '../store/ledger.ts'
import type { LimitListener, SeriesLimits } from '../store/limit-scope.ts'
import type { MarkerLimits } from '../store/stale-markers.ts'
import type { ObjectKey, PutOutcome, RemovalReason, Store } from '../store/store.ts'
import { createStore } from '../store/store.ts'
import type { Defer } from '../time/deferred-steps.ts'
import { deferToEventLoop, runInSteps } from '../time/deferred-steps.ts'

export interface EngineOptions {
  readonly now: () => number
  /** See the store. */
  readonly revisionOf?: (resource: number) => number
  /** A family's callback threw; its rows of this object are missing. */
  readonly onFamilyError: (family: AnyFamily, resource: AnyResource, object: KubernetesObject, error: unknown) => void
  /** An object yielded a series more than once; `count` is how often too much. */
  readonly onDuplicates: (resource: AnyResource, object: KubernetesObject, count: number) => void
  /** Whether an object is stored and not sent, because a former owner may send it. Never by default. */
  readonly isHeld?: (uid: string) => boolean
  /** None by default. */
  readonly limits?: SeriesLimits | undefined
  readonly onLimit?: LimitListener | undefined
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
  /** The plan that was applied last; empty before the first. */
  readonly plan: Plan
  readonly store: Store
  /**
   * Goes from the current plan to this one; the first plan is the start. What both have is not touched. The caller starts,
   * stops and relists readers as the difference says. Objects of removed resources and namespaces leave with stale markers,
   * or without where another instance takes them over; rows of removed families end with stale markers. All of it happens
   * in steps.
   */
  apply(plan: Plan, removal?: RemovalReason): PlanDifference
  /**
   * Observes an object of a resource, by its number in the registry, and stores what it yields under `key`: by default its
   * metadata. `ignored` when the current plan does not have the resource.
   */
  upsert(resource: number, object: KubernetesObject, key?: ObjectKey): PutOutcome | 'ignored'
  /** The object is sent by another process: what we have of its name is left to that. */
  leaveToOther(resource: number, object: KubernetesObject): void
  /** Removes all objects that are not kept, without stale markers; resolves when it is done, after several steps. */
  handOver(isKept: (uid: string) => boolean): Promise<void>
  /** What was held and is not any more is sent; admits objects in steps. */
  release(): void
  /** Removes what the list did not contain, in steps; calls back after the last. */
  removeMissing(list: CompleteList, reasonOf: (uid: string) => RemovalReason, onDone?: () => void): void
  /** A ledger for one more destination; objects that are synced already are admitted to it in steps. */
  openLedger(limits: MarkerLimits, selection?: LedgerSelection): Ledger
  /** All initial lists of the resource are complete: it may be pushed. Admits its objects in steps. */
  markSynced(resource: number): void
}

/** Each removal compares series; looking at an object to admit it takes a fraction of that. */
const removalsPerStep = 500
const admissionsPerStep = 5_000

export function createEngine(options: EngineOptions): Engine {
  const {
    now,
    revisionOf = () => 0,
    isHeld = () => false,
    onFamilyError,
    onDuplicates,
    limits,
    onLimit,
    defer = deferToEventLoop,
  } = options
  const registry = createRegistry()
  const store = createStore({ registry, now, revisionOf, isHeld, limits, onLimit })
  const writers = new Map<ResourceLayout, BlockWriter>()
  let current: Plan = []

  const prepareWriters = () => {
    const layouts = new Set(registry.layouts)
    for (const layout of writers.keys()) if (!layouts.has(layout)) writers.delete(layout)
    for (const layout of layouts) {
      if (writers.has(layout)) continue
      const onError: FamilyErrorListener = ({ family }, object, error) =>
        onFamilyError(family, layout.resource, object, error)
      writers.set(layout, createBlockWriter(layout, onError))
    }
  }
  return {
    store,
    get plan() {
      return current
    },
    apply(plan, removal = 'deleted') {
      const difference = registry.apply(plan)
      current = plan
      prepareWriters()
      for (const { id } of difference.removed) {
        const removals = store.removeAll(id, removal, removalsPerStep)
        // A later plan may have the resource again; its initial list then has the remaining objects.
        runInSteps(
          takeWhile(removals, () => registry.layout(id) === undefined),
          defer,
        )
      }
      // The scope of an added resource may be narrower than the one that remaining objects of it were read in.
      for (const { id } of [...difference.added, ...difference.rescoped]) {
        // Looked up for each object: a later plan may include the namespace again.
        const isIncluded = (namespace: string) => registry.layout(id)?.plan.scope?.includes(namespace) !== false
        runInSteps(store.removeOutside(id, isIncluded, removal, removalsPerStep), defer)
      }
      for (const { id } of difference.stripped) {
        const isPlanned = (family: number) => registry.layout(id)?.familyIds.has(family) !== false
        runInSteps(store.strip(id, isPlanned, removalsPerStep), defer)
      }
      return difference
    },
    upsert(resource, object, key = object.metadata) {
      const layout = registry.layout(resource)
      if (layout === undefined) return 'ignored'
      const block = (writers.get(layout) as BlockWriter).write(object)
      if (block.duplicates > 0) onDuplicates(layout.resource, object, block.duplicates)
      return store.put(resource, key, block)
    },
    leaveToOther(resource, object) {
      const layout = registry.layout(resource)
      if (layout === undefined) return
      store.leaveTo(resource, object.metadata, () => (writers.get(layout) as BlockWriter).write(object))
    },
    handOver(isKept) {
      return new Promise((resolve) => {
        function* steps() {
          for (const { id } of registry.layouts) {
            yield* store.removeOutside(id, (_, uid) => isKept(uid), 'handed over', removalsPerStep)
          }
          resolve()
        }
        runInSteps(steps(), defer)
      })
    },
    release() {
      for (const ledger of store.ledgers) {
        ledger.releaseMarkers()
        runInSteps(store.admitAll(ledger, admissionsPerStep), defer)
      }
    },
    removeMissing({ resource, epoch, namespace }, reasonOf, onDone = () => {}) {
      const removals = store.removeMissing(resource, epoch, namespace, reasonOf, removalsPerStep)
      runInSteps(followedBy(removals, onDone), defer)
    },
    openLedger(limits, selection) {
      const ledger = store.openLedger(limits, selection)
      runInSteps(store.admitAll(ledger, admissionsPerStep), defer)
      return ledger
    },
    markSynced(resource) {
      if (registry.layout(resource) !== undefined) runInSteps(store.markSynced(resource, admissionsPerStep), defer)
    },
  }
}

function* followedBy(steps: Iterable<unknown>, onDone: () => void): Generator<void, void> {
  for (const _step of steps) yield
  onDone()
}

function* takeWhile(steps: Iterator<unknown>, condition: () => boolean): Generator<void, void> {
  while (condition() && !steps.next().done) yield
}
