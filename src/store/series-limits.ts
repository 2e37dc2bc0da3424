/**
 * Limits on the number of series. Each limit admits the oldest objects, by creation and UID, that fit into it together; the
 * rows of the others are withheld. First come the limits of families, then those of resources, which count what is left, then
 * the limit of all. So the admitted rows depend only on the objects, and every replica admits the same.
 */

import { readU32 } from '../rows/block.ts'
import { eachFamily, setWithheld } from '../rows/family-rows.ts'
import type { Registry } from '../rows/registry.ts'
import { AdmittedObjects } from './admitted-objects.ts'
import type { Arena } from './arena.ts'
import type { LimitKind, LimitListener, LimitStatus, SeriesLimits } from './limit-scope.ts'
import { LimitScope, limitOf } from './limit-scope.ts'
import { enlarged } from './slot-heap.ts'
import type { Slots } from './slots.ts'

export interface SeriesLimitsOptions {
  readonly limits: SeriesLimits
  readonly registry: Registry
  readonly slots: Slots
  readonly arena: Arena
  /** The slots of all objects, also of one that is being entered. */
  readonly liveSlots: () => Iterable<number>
  readonly onLimit: LimitListener
}

/** What `mark` changed in a block. */
export interface MarkedBlock {
  /** All rows. */
  readonly rows: number
  /** Rows that are withheld from now on, and those that are not any more. */
  readonly withheld: number
  readonly returned: number
}

/** The effects of an object's new block. */
export interface Entry {
  /** The other objects whose rows are to be marked, oldest first. */
  readonly moved: readonly number[]
  /** Rows of the new block that were marked as withheld and are not any more. */
  readonly returned: number
}

export type StoreLimits = ReturnType<typeof createStoreLimits>

export function createStoreLimits({ limits, registry, slots, arena, liveSlots, onLimit }: SeriesLimitsOptions) {
  /** Of each slot: the creation of its object in Unix seconds, and how many of its rows are withheld. */
  let created = new Uint32Array(0)
  let withheldRows = new Uint32Array(0)
  const withheldOfResource: number[] = []
  const resourceNames: string[] = []
  const families: (LimitScope | undefined)[] = []
  const resources: (LimitScope | undefined)[] = []
  const touched = new Set<LimitScope>()
  /** The object whose block is not in the store yet. */
  let entering: { readonly slot: number; readonly bytes: Uint8Array } | undefined

  const nameOfResource = (resource: number): string => {
    const { apiVersion, plural, variant = '' } = registry.resource(resource)
    return `${apiVersion}/${plural} ${variant}`
  }
  const resourceName = (slot: number): string => {
    const resource = slots.resource[slot] as number
    resourceNames[resource] ??= nameOfResource(resource)
    return resourceNames[resource]
  }
  /** Two custom resources may have the same objects. */
  const isBefore = (a: number, b: number): boolean => {
    const [createdA, createdB] = [created[a] as number, created[b] as number]
    if (createdA !== createdB) return createdA < createdB
    const [uidA, uidB] = [slots.uid[a] as string, slots.uid[b] as string]
    return uidA === uidB ? resourceName(a) < resourceName(b) : uidA < uidB
  }
  const scope = (kind: LimitKind, name: string, max: number, order?: AdmittedObjects) =>
    max === 0 ? undefined : new LimitScope(kind, name, max, order)
  const ordered = (kind: LimitKind, name: string, max: number) =>
    scope(kind, name, max, new AdmittedObjects(max, isBefore))
  const all = ordered('all', '', limits.series)
  const familyScope = (family: number): LimitScope | undefined => {
    if (family in families) return families[family]
    const { name } = registry.family(family)
    families[family] = scope('family', name, limitOf(limits.perFamily, name))
    return families[family]
  }
  const resourceScope = (resource: number): LimitScope | undefined => {
    if (resource in resources) return resources[resource]
    const { plural } = registry.resource(resource)
    resources[resource] = ordered('resource', plural, limitOf(limits.perResource, plural))
    return resources[resource]
  }
  const scopeOfSlot = (slot: number) => resourceScope(slots.resource[slot] as number)
  const eachFamilyOf = (slot: number, visit: (family: number, rows: number) => void) => {
    if (entering?.slot === slot) eachFamily(entering.bytes, 0, visit)
    else eachFamily(arena.bytes(slot), arena.offset(slot), visit)
  }
  /** Series of the object without those that limits of families withhold. */
  const seriesOf = (slot: number): number => {
    let series = 0
    eachFamilyOf(slot, (family, rows) => {
      if (familyScope(family)?.admits(slot) !== false) series += rows
    })
    return series
  }
  /** Most families never reach their limit: their objects are put in order when they do. */
  const putInOrder = (scope: LimitScope, family: number) => {
    const order = new AdmittedObjects(scope.max, isBefore)
    for (const slot of liveSlots()) {
      eachFamilyOf(slot, (other, rows) => {
        if (other === family) order.set(slot, rows)
      })
    }
    scope.order = order
  }
  const enterFamilies = (slot: number) => {
    eachFamilyOf(slot, (family, rows) => {
      const scope = familyScope(family)
      if (scope === undefined) return
      touched.add(scope)
      scope.familySeries += rows
      if (scope.order !== undefined) scope.order.set(slot, rows)
      else if (scope.familySeries > scope.max) putInOrder(scope, family)
    })
  }
  /** Moves the boundaries, from families to all, and returns the objects that are to be marked; the changed one is among them. */
  const settle = (slot: number | undefined): Set<number> => {
    const moved = new Set<number>(slot === undefined ? [] : [slot])
    const onMoved = (other: number) => void moved.add(other)
    for (const family of touched) family.order?.settle(onMoved)
    for (const other of moved) {
      const scope = scopeOfSlot(other)
      scope?.order?.set(other, seriesOf(other))
      if (scope !== undefined) touched.add(scope)
    }
    for (const scope of touched) if (scope.kind === 'resource') scope.order?.settle(onMoved)
    if (all !== undefined) {
      for (const other of moved)
        all.order?.set(other, scopeOfSlot(other)?.admits(other) === false ? 0 : seriesOf(other))
      all.order?.settle(onMoved)
      touched.add(all)
    }
    for (const scope of touched) scope.report(onLimit)
    touched.clear()
    return moved
  }
  const admits = (slot: number, family: number): boolean =>
    all?.admits(slot) !== false &&
    scopeOfSlot(slot)?.admits(slot) !== false &&
    familyScope(family)?.admits(slot) !== false
  const countWithheld = (slot: number, rows: number) => {
    const resource = slots.resource[slot] as number
    withheldOfResource[resource] = (withheldOfResource[resource] ?? 0) + rows - (withheldRows[slot] as number)
    withheldRows[slot] = rows
  }
  const inOrder = (moved: Iterable<number>) => [...moved].sort((a, b) => (isBefore(a, b) ? -1 : 1))

  const mark = (slot: number, bytes: Uint8Array, at: number): MarkedBlock => {
    const counts = { rows: 0, withheld: 0, returned: 0 }
    let withheldNow = 0
    eachFamily(bytes, at, (family, rows, start, end) => {
      const isAdmitted = admits(slot, family)
      const changed = setWithheld(bytes, start, end, !isAdmitted)
      counts[isAdmitted ? 'returned' : 'withheld'] += changed
      counts.rows += rows
      if (!isAdmitted) withheldNow += rows
    })
    countWithheld(slot, withheldNow)
    return counts
  }
  return {
    /** Marks the rows of a block as the limits are now; `mark` is to be called again for the block that is stored. */
    mark,
    /** Whether rows of the stored block are withheld. */
    withholdsRows: (slot: number): boolean => (withheldRows[slot] as number) > 0,
    /** Series of the object that are admitted, of all that it has. */
    admittedRows: (slot: number, rows: number): number => rows - (withheldRows[slot] as number),
    /** The object is about to get this block, whose rows are marked. If it has another one, it must `leave` before. */
    enter(slot: number, bytes: Uint8Array): Entry {
      if (slot >= created.length) {
        created = enlarged(created, slot)
        withheldRows = enlarged(withheldRows, slot)
      }
      created[slot] = readU32(bytes, 12)
      entering = { slot, bytes }
      enterFamilies(slot)
      const moved = settle(slot)
      entering = undefined
      moved.delete(slot)
      const { returned } = mark(slot, bytes, 0)
      return { moved: inOrder(moved), returned }
    },
    /** The block of the object, which is still stored, does not count any more. */
    leave(slot: number): void {
      eachFamilyOf(slot, (family, rows) => {
        const scope = familyScope(family)
        if (scope === undefined) return
        touched.add(scope)
        scope.familySeries -= rows
        scope.order?.remove(slot)
      })
      const scope = scopeOfSlot(slot)
      if (scope !== undefined) touched.add(scope)
      for (const { order } of [scope, all].filter((one) => one !== undefined)) order?.remove(slot)
      countWithheld(slot, 0)
    },
    /** Returns the objects whose rows are to be marked after objects have left, oldest first. */
    settle: (): readonly number[] => inOrder(settle(undefined)),
    /** Series of the resource that are withheld. */
    withheld: (resource: number): number => withheldOfResource[resource] ?? 0,
    /** The limit of all, those of resources that have been seen, and those of families that are named or reached. */
    status: (): readonly LimitStatus[] =>
      [all, ...resources, ...families.filter((family) => family?.isReached || limits.perFamily.has(family?.name ?? ''))]
        .filter((one) => one !== undefined)
        .map((one) => one.status),
  }
}
