/**
 * A world in which the real engine, store and ledgers run beside their model and receivers: each step does the same to all
 * and compares. A script of whole numbers selects the steps, so that a failure can be replayed.
 */
import assert from 'node:assert/strict'
import { createOtlpEncoder } from '../../src/encoding/otlp-encoder.ts'
import { RowCursor } from '../../src/rows/block.ts'
import { createEngine } from '../../src/runtime/engine.ts'
import type { Plan } from '../../src/selection/plan.ts'
import { createScope } from '../../src/selection/scope.ts'
import type { SeriesLimits } from '../../src/store/limit-scope.ts'
import type { RemovalReason } from '../../src/store/store.ts'
import { createLineReader } from './block-lines.ts'
import { createDestination, uidIn } from './destination.ts'
import { Model } from './model.ts'
import type { ModelLimits, ModelObject, ModelSelection } from './model-ledger.ts'
import { groupOf } from './model-ledger.ts'
import { shardSteps } from './model-shard-steps.ts'
import { standbySteps } from './model-standby-steps.ts'
import type { Step } from './model-steps.ts'
import { steps } from './model-steps.ts'
import { createThing, familyOf, linesOf, resources } from './universe.ts'

export interface WorldOptions {
  /** Of each destination. */
  readonly limits: readonly ModelLimits[]
  /** Requests are encoded as OTLP and decoded again; slower. */
  readonly throughOtlp: boolean
  /** None by default. */
  readonly series?: SeriesLimits
  /** Of each destination that does not get everything: its families and namespaces. */
  readonly selections?: readonly (NamedSelection | undefined)[]
  /** The shard changes, and other processes send what this one has lost or will have. */
  readonly isSharded?: boolean
  /** Other replicas send while this one is in standby, and it continues where they stopped. */
  readonly hasReplicas?: boolean
}

export interface NamedSelection {
  readonly withoutFamilies: readonly string[]
  readonly namespaces: readonly string[]
}

function selectionOf({ withoutFamilies, namespaces }: NamedSelection): ModelSelection {
  return {
    includesSeries: (series) => !withoutFamilies.includes(familyOf([series, 0])),
    includesName: (name) => !name.includes('/') || namespaces.includes(name.split('/')[0] as string),
  }
}

interface Relist {
  readonly resource: number
  readonly namespace: string | undefined
  readonly epoch: number
  /** Put since it began. */
  readonly seen: Set<ModelObject>
}

export type World = ReturnType<typeof createWorld>['world']

const weighted = (all: readonly Step[]) => all.flatMap((step) => Array<Step>(step.weight).fill(step))
const choosers = new Map<string, readonly Step[]>()

function chooserOf({ isSharded = false, hasReplicas = false }: WorldOptions): readonly Step[] {
  const key = `${isSharded} ${hasReplicas}`
  const known = choosers.get(key)
  if (known !== undefined) return known
  const chooser = weighted([...steps, ...(isSharded ? shardSteps : []), ...(hasReplicas ? standbySteps : [])])
  choosers.set(key, chooser)
  return chooser
}

/** The families that a plan has of a resource; undefined: the plan does not have the resource. */
type PlannedFamilies = readonly (ReadonlySet<string> | undefined)[]

const everything: PlannedFamilies = resources.map(({ families }) => new Set(families.map(({ name }) => name)))

function planOf(families: PlannedFamilies, namespaces: readonly string[]): Plan {
  return resources.flatMap((resource, i) => {
    const names = families[i]
    if (names === undefined) return []
    const chosen = resource.families.filter(({ name }) => names.has(name))
    const scope = createScope(resource, { namespaces })
    return [{ resource, families: chosen, labelKeys: undefined, annotationKeys: undefined, scope }]
  })
}

/** The order of the store, last first, after it removed objects in this order: the last one takes the place of each. */
function afterRemovals(backwards: readonly ModelObject[], isGone: (object: ModelObject) => boolean): ModelObject[] {
  const live = backwards.toReversed()
  for (let i = live.length - 1; i >= 0; i--) {
    if (!isGone(live[i] as ModelObject)) continue
    const last = live.pop() as ModelObject
    if (i < live.length) live[i] = last
  }
  return live.reverse()
}

export function createWorld(options: WorldOptions) {
  const { limits, throughOtlp, series, selections = [] } = options
  const chooser = chooserOf(options)
  const clock = { now: 1_000, wall: 1_700_000_000_000, revision: 1 }
  const shard: WorldShard = { owns: () => true, former: [] }
  const isHeld = (uid: string) => shard.former.some((owned) => !owned(uid))
  const slices: (() => void)[] = []
  const engine = createEngine({
    now: () => clock.now,
    revisionOf: () => clock.revision,
    isHeld,
    onFamilyError: (_family, _resource, _object, error) => {
      throw error
    },
    onDuplicates: () => {},
    limits: series,
    defer: (slice) => void slices.push(slice),
  })
  const { store } = engine
  const { registry } = store
  const readLines = createLineReader(registry, new RowCursor(registry.shared))
  const model = new Model({
    ...{ limits, series, isHeld, now: () => clock.now, revision: () => clock.revision },
    selections: selections.map((selection) => selection && selectionOf(selection)),
  })
  const relists: Relist[] = []
  let planned = everything
  /** Empty for all. */
  let namespaces: readonly string[] = []
  engine.apply(planOf(planned, namespaces))
  const includesFamily = ({ selection }: { readonly selection: ModelSelection }, family: number) =>
    selection.includesSeries(`${registry.family(family).name}{}`)
  const destinations = model.ledgers.map((modelLedger, i) =>
    createDestination({
      ...{ model, modelLedger, readLines, wallMs: () => clock.wall },
      ledger: engine.openLedger(limits[i] as ModelLimits, {
        includesFamily: (family) => includesFamily(modelLedger, family),
        includesNamespace: (namespace) => modelLedger.selection.includesName(namespace === '' ? 'x' : `${namespace}/x`),
      }),
      encoder: throughOtlp
        ? createOtlpEncoder({
            ...{ registry, maxBytes: 64 * 1024, resourceAttributes: [['a', 'b']], constantLabels: [] },
            includesFamily: (family) => includesFamily(modelLedger, family),
          })
        : undefined,
    }),
  )

  const finishSlices = () => {
    for (let slice = slices.shift(); slice !== undefined; slice = slices.shift()) slice()
  }
  /** Whether a series counts as sent depends on which object leaves first, so the model follows the store's order: last first. */
  const objectsBackwards = (resource: number): ModelObject[] => {
    const reader = store.reader(resource)
    const uids = [...reader.slots()].map((slot) =>
      uidIn(readLines(reader.bytes(slot), reader.offset(slot), withWithheld)[0]?.[0]),
    )
    return uids.map((uid) => model.find(resource, uid) as ModelObject).reverse()
  }

  /** Of other UIDs, in the order in which they leave. */
  const matesOf = (resource: number, { metadata: { namespace, name, uid } }: ReturnType<typeof createThing>) => {
    const reader = store.reader(resource)
    const slots = store.slotsOf(resource, namespace, name)
    const uids = slots.map((slot) => uidIn(readLines(reader.bytes(slot), reader.offset(slot), withWithheld)[0]?.[0]))
    return uids.filter((other) => other !== uid).map((other) => model.find(resource, other) as ModelObject)
  }

  const world = {
    clock,
    engine,
    store,
    model,
    destinations,
    relists,
    shard,
    isHeld,
    put(resource: number, name: string, uid: string, content: number): string {
      const thing = createThing(name, uid, content)
      const outcome = engine.upsert(resource, thing)
      const families = planned[resource]
      if (families === undefined) {
        assert.equal(outcome, 'ignored')
        return outcome
      }
      const lines = linesOf(resource, thing).filter((line) => families.has(familyOf(line)))
      assert.equal(outcome, model.put(resource, uid, name, lines))
      for (const { seen } of relists) seen.add(model.find(resource, uid) as ModelObject)
      return `${outcome}; ${lines.map((line) => line.join(' ')).join('; ')}`
    },
    /** Another process has the object. */
    leaveToOther(resource: number, name: string, uid: string, content: number) {
      const families = planned[resource]
      const thing = createThing(name, uid, content)
      const mates = matesOf(resource, thing)
      engine.leaveToOther(resource, thing)
      if (families === undefined) return
      const lines = linesOf(resource, thing).filter((line) => families.has(familyOf(line)))
      model.leaveTo(resource, uid, name, lines, mates)
    },
    /** Objects that are not this shard's any more leave. */
    handOver() {
      const orders = resources.map((_, resource) => objectsBackwards(resource))
      void engine.handOver(shard.owns)
      finishSlices()
      for (const object of orders.flat()) if (!shard.owns(object.uid)) model.remove(object, 'handed over')
    },
    /** Other shards send nothing of ours any more. */
    release() {
      shard.former = []
      engine.release()
      finishSlices()
      model.release()
    },
    /** No other process has objects of the names that left before the time. */
    confirm(before: number): string[] {
      const groups = [...store.unconfirmed(before)].flatMap(([resource, names]) =>
        [...names].map((name) => ({ resource, name })),
      )
      const markers = model.ledgers.flatMap((ledger) => ledger.markers)
      const expected = markers.filter(({ isUnconfirmed, since }) => isUnconfirmed && since < before)
      assert.deepEqual(groups.map(groupOf).sort(), [...new Set(expected.map(groupOf))].sort())
      for (const { resource, name } of groups) store.confirm(resource, name)
      for (const ledger of model.ledgers) for (const group of groups) ledger.confirm(groupOf(group))
      return groups.map(groupOf)
    },
    /** The resource begins anew, and continues where another process stopped; false when it is not read. */
    resume(resource: number): boolean {
      if (planned[resource] === undefined) return false
      const families = planned.map((known, i) => (i === resource ? undefined : known))
      const order = objectsBackwards(resource)
      for (const some of [families, planned]) {
        engine.apply(planOf(some, namespaces), 'handed over')
        finishSlices()
      }
      for (const object of order) model.remove(object, 'handed over')
      model.deselect(resource)
      for (const { ledger, modelLedger } of destinations) {
        ledger.resume(resource)
        modelLedger.resuming.add(resource)
      }
      return true
    },
    markSynced(resource: number) {
      engine.markSynced(resource)
      finishSlices()
      if (planned[resource] !== undefined) model.markSynced(resource)
    },
    endRelist({ resource, namespace, epoch, seen }: Relist, reason: RemovalReason, perStep: number) {
      const isGone = (object: ModelObject) =>
        !seen.has(object) && (namespace === undefined || object.name.startsWith(`${namespace}/`))
      const gone = objectsBackwards(resource).filter(isGone)
      let removed = 0
      for (const count of store.removeMissing(resource, epoch, namespace, () => reason, perStep)) removed += count
      assert.equal(removed, gone.length)
      for (const object of gone) model.remove(object, reason)
    },
    /** `missing` has the families, and `absent` the resources, that the new plan does not have; `named` its namespaces. */
    applyPlan(
      absent: readonly boolean[],
      missing: readonly ReadonlySet<string>[],
      named: readonly string[],
      reason: RemovalReason,
    ) {
      const before = planned
      const isSameScope = String(named) === String(namespaces)
      namespaces = named
      planned = everything.map((families, i) =>
        absent[i] ? undefined : families?.difference(missing[i] as Set<string>),
      )
      const orders = resources.map((_, resource) => objectsBackwards(resource))
      engine.apply(planOf(planned, namespaces), reason)
      finishSlices()
      for (const [resource, order] of orders.entries()) {
        if (planned[resource] !== undefined) continue
        model.deselect(resource)
        for (const object of order) model.remove(object, reason)
      }
      // Only things of the first resource have namespaces.
      const isOutside = ({ name }: ModelObject) => named.length > 0 && !named.includes(name.split('/')[0] as string)
      if (planned[0] !== undefined && !(before[0] !== undefined && isSameScope)) {
        const outside = (orders[0] as ModelObject[]).filter(isOutside)
        for (const object of outside) model.remove(object, reason)
        orders[0] = afterRemovals(orders[0] as ModelObject[], isOutside)
      }
      for (const [resource, order] of orders.entries()) {
        const families = planned[resource]
        if (families === undefined || before[resource] === undefined) continue
        for (const object of order) model.strip(object, (line) => families.has(familyOf(line)))
      }
    },
  }

  const compareCounts = () => {
    for (const resource of resources.keys()) {
      const objects = model.of(resource)
      assert.equal(store.objects(resource), objects.length, 'objects')
      const series = objects.reduce((sum, { lines }) => sum + lines.length, 0)
      assert.equal(store.series(resource), series, 'series')
      const wanted = objects.reduce((sum, { all }) => sum + all.length, 0)
      assert.equal(store.withheldSeries(resource), wanted - series, 'withheld')
    }
    const lines = [...model.objects.values()].flatMap((object) => object.lines)
    const families = new Map(resources.flatMap((resource) => resource.families).map((family) => [family.name, family]))
    for (const family of families.values()) {
      const series = lines.filter((line) => familyOf(line) === family.name).length
      assert.equal(store.familySeries(registry.familyId(family)), series, family.name)
    }
    compareLimits()
    for (const destination of destinations) destination.compareCounts()
  }
  const compareLimits = () => {
    const withheld = store.limits().reduce((sum, limit) => sum + limit.withheld, 0)
    const objects = [...model.objects.values()]
    assert.equal(
      withheld,
      objects.reduce((sum, { all, lines }) => sum + all.length - lines.length, 0),
    )
    for (const { kind, name, wanted } of store.limits()) {
      if (kind !== 'family') continue
      const lines = objects.flatMap(({ all }) => all.filter((line) => familyOf(line) === name))
      assert.equal(wanted, lines.length, name)
    }
  }
  const compareObjects = () => {
    for (const resource of resources.keys()) {
      const reader = store.reader(resource)
      const read = (slot: number) => String(readLines(reader.bytes(slot), reader.offset(slot), { duplicates: true }))
      const expected = model.of(resource).map(({ lines }) => String(lines))
      assert.deepEqual([...reader.slots()].map(read).sort(), expected.sort())
    }
  }
  /** Everything is delivered: each receiver must have what the store holds. */
  const quiesce = () => {
    world.release()
    world.confirm(Number.POSITIVE_INFINITY)
    for (const resource of resources.keys()) world.markSynced(resource)
    clock.now += 1_000
    for (const destination of destinations) {
      const { ledger, modelLedger, inFlight } = destination
      for (const sent of inFlight.splice(0)) destination.release(sent)
      for (const one of [ledger, modelLedger]) one.setMode('leading')
      for (const one of [ledger, modelLedger]) one.tick(clock.now)
      const all = { markers: true, changes: true, refreshBefore: 0, refreshRows: 0 }
      while (destination.take(all, 4) || destination.take('readmitted', 4)) {
        destination.acknowledge(inFlight.pop() as (typeof inFlight)[number], clock.now)
        compareCounts()
      }
      assert.deepEqual([ledger.pending, ledger.pendingMarkers, ledger.oldestChange()], [0, 0, undefined])
      destination.compareReceiver()
    }
  }

  return {
    world: { ...world, compareObjects },
    /** Does what the number says and compares counts; returns it in words. 0 is nothing, so that scripts shrink. */
    step(number: number): string {
      if (number === 0) return ''
      let rest = number
      const pick = (count: number): number => {
        const picked = rest % count
        rest = Math.floor(rest / count)
        return picked
      }
      const { name, run } = chooser[pick(chooser.length)] as (typeof steps)[number]
      const words = run({ ...world, compareObjects }, pick)
      compareCounts()
      return `${name} ${words}`
    },
    /** Delivers everything and compares what is held. */
    end(): void {
      compareObjects()
      quiesce()
      compareObjects()
    },
  }
}

const withWithheld = { duplicates: false, withheld: true }

interface WorldShard {
  owns: (uid: string) => boolean
  /** Since the last release: what this shard owned. */
  former: ((uid: string) => boolean)[]
}
