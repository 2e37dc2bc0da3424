/**
 * Owns the objects of the simulated cluster and the bounded history of their changes, as etcd and the watch cache do.
 * Knows nothing of HTTP. What it is given and gives out is shared and never changed in place.
 */

import { randomUUID } from 'node:crypto'
import type { ApiObject, KindDefinition } from './kinds.ts'

/** One change. `object` is the state after it, for a deletion the last one with the deletion's resourceVersion. */
export interface StoredEvent {
  readonly resourceVersion: number
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly key: string
  readonly object: ApiObject
  readonly previous?: ApiObject
}

/** A state to go back to; opaque. */
export interface Snapshot {
  readonly resourceVersion: number
  readonly objects: ReadonlyMap<string, ReadonlyMap<string, ApiObject>>
}

export interface ObjectName {
  readonly name: string
  readonly namespace?: string
}

export interface ObjectStore {
  readonly kinds: readonly KindDefinition[]
  /** That of the last change to any object. */
  readonly resourceVersion: number
  kindOf(plural: string): KindDefinition
  /** Fills uid and creationTimestamp unless given. Throws when the object exists. */
  create(plural: string, object: ApiObject): ApiObject
  /** Replaces the whole object; uid and creationTimestamp stay. Throws when it does not exist. */
  update(plural: string, object: ApiObject): ApiObject
  /** The object as it was last. Throws when it does not exist. */
  delete(plural: string, name: ObjectName): ApiObject
  get(plural: string, name: ObjectName): ApiObject | undefined
  /** In the order of their keys, as etcd has them. */
  list(plural: string): readonly ApiObject[]
  /** The list at an earlier resourceVersion, undefined when the history does not reach back so far. */
  listAt(plural: string, resourceVersion: number): readonly ApiObject[] | undefined
  /**
   * The changes after a resourceVersion, oldest first; undefined when the history does not reach back so far. What was
   * compacted is still there for watches that run.
   */
  eventsAfter(plural: string, resourceVersion: number, isRunning?: boolean): readonly StoredEvent[] | undefined
  /** The resourceVersion from which on the history is complete. */
  oldestResourceVersion(plural: string): number
  /** From now on every earlier resourceVersion and continue token is expired. Running watches go on. */
  compact(): void
  snapshot(): Snapshot
  /** Goes back to an older state, its resourceVersion included, as an etcd restored from backup. */
  restore(snapshot: Snapshot): void
  /** Calls back after each change of that kind; returns how to end it. */
  subscribe(plural: string, changed: () => void): () => void
}

export interface ObjectStoreOptions {
  readonly kinds: readonly KindDefinition[]
  /** How many changes per kind are remembered, 1,000 by default. */
  readonly historySize?: number
  /** The clock of creationTimestamp, in milliseconds since 1970. */
  readonly now?: () => number
  readonly newUid?: () => string
  /** Told of each change as it happens. */
  readonly onChange?: (plural: string, event: StoredEvent) => void
}

interface KindState {
  readonly definition: KindDefinition
  objects: Map<string, ApiObject>
  history: StoredEvent[]
  /** The resourceVersion of the last change that the history has lost. */
  lost: number
  /** Not below `lost`: what came before is expired for newcomers. */
  oldest: number
  /** The latest lists asked for, by resourceVersion: the pages of one list share one. */
  readonly lists: Map<number, readonly ApiObject[]>
  readonly subscribers: Set<() => void>
}

const keyOf = ({ namespace = '', name }: ObjectName): string => (namespace === '' ? name : `${namespace}/${name}`)
const rememberedLists = 3
const startingResourceVersion = 100

/** An empty cluster. Throws when two kinds have the same plural. */
export function createObjectStore(options: ObjectStoreOptions): ObjectStore {
  const { kinds, historySize = 1000, now = Date.now, newUid = randomUUID, onChange } = options
  let current = startingResourceVersion
  const states = new Map(kinds.map((definition) => [definition.plural, emptyState(definition, current)]))
  if (states.size !== kinds.length) throw new Error('two kinds have the same plural')

  const stateOf = (plural: string): KindState => {
    const state = states.get(plural)
    if (!state) throw new Error(`the simulated API server serves no ${plural}`)
    return state
  }

  const record = (state: KindState, event: Omit<StoredEvent, 'resourceVersion'>): void => {
    if (event.type === 'DELETED') state.objects.delete(event.key)
    else state.objects.set(event.key, event.object)
    const stored = { ...event, resourceVersion: current }
    state.history.push(stored)
    // In steps, so that a long run does not move the whole history at every change.
    if (state.history.length > historySize * 1.25) {
      const dropped = state.history.splice(0, state.history.length - historySize)
      state.lost = dropped.at(-1)?.resourceVersion ?? state.lost
      state.oldest = Math.max(state.oldest, state.lost)
    }
    for (const changed of state.subscribers) changed()
    onChange?.(state.definition.plural, stored)
  }

  const stamp = (object: ApiObject, metadata: Partial<ApiObject['metadata']>): ApiObject => {
    current += 1
    return { ...object, metadata: { ...object.metadata, ...metadata, resourceVersion: `${current}` } }
  }

  const existing = (state: KindState, key: string): ApiObject => {
    const object = state.objects.get(key)
    if (!object) throw new Error(`${state.definition.plural} "${key}" does not exist`)
    return object
  }

  return {
    kinds,
    get resourceVersion() {
      return current
    },
    kindOf: (plural) => stateOf(plural).definition,
    create(plural, object) {
      const state = stateOf(plural)
      const key = keyOf(object.metadata)
      if (state.objects.has(key)) throw new Error(`${plural} "${key}" exists already`)
      const { uid = newUid(), creationTimestamp = rfc3339(now()) } = object.metadata
      const stored = stamp(object, { uid, creationTimestamp })
      record(state, { type: 'ADDED', key, object: stored })
      return stored
    },
    update(plural, object) {
      const state = stateOf(plural)
      const key = keyOf(object.metadata)
      const previous = existing(state, key)
      const { uid, creationTimestamp } = previous.metadata as Required<ApiObject['metadata']>
      const stored = stamp(object, { uid, creationTimestamp })
      record(state, { type: 'MODIFIED', key, object: stored, previous })
      return stored
    },
    delete(plural, name) {
      const state = stateOf(plural)
      const key = keyOf(name)
      const previous = existing(state, key)
      const stored = stamp(previous, {})
      record(state, { type: 'DELETED', key, object: stored, previous })
      return previous
    },
    get: (plural, name) => stateOf(plural).objects.get(keyOf(name)),
    list: (plural) => listAt(stateOf(plural), current) ?? [],
    listAt: (plural, resourceVersion) => listAt(stateOf(plural), resourceVersion),
    eventsAfter: (plural, resourceVersion, isRunning) => eventsAfter(stateOf(plural), resourceVersion, isRunning),
    oldestResourceVersion: (plural) => stateOf(plural).oldest,
    compact() {
      for (const state of states.values()) state.oldest = current
    },
    snapshot: () => ({
      resourceVersion: current,
      objects: new Map([...states].map(([plural, { objects }]) => [plural, new Map(objects)])),
    }),
    restore(snapshot) {
      current = snapshot.resourceVersion
      for (const [plural, state] of states) {
        const objects = new Map(snapshot.objects.get(plural))
        Object.assign(state, { objects, history: [], lost: current, oldest: current })
        state.lists.clear()
      }
    },
    subscribe(plural, changed) {
      const { subscribers } = stateOf(plural)
      subscribers.add(changed)
      return () => subscribers.delete(changed)
    },
  }
}

function emptyState(definition: KindDefinition, current: number): KindState {
  const nothing = { objects: new Map(), history: [], lists: new Map(), subscribers: new Set<() => void>() }
  return { definition, ...nothing, lost: current, oldest: current }
}

/** Whole seconds, as metav1.Time writes them. */
export const rfc3339 = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`

function eventsAfter(
  { history, oldest, lost }: KindState,
  resourceVersion: number,
  isRunning = false,
): readonly StoredEvent[] | undefined {
  if (resourceVersion < (isRunning ? lost : oldest)) return undefined
  let low = 0
  let high = history.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((history[middle] as StoredEvent).resourceVersion > resourceVersion) high = middle
    else low = middle + 1
  }
  return history.slice(low)
}

function listAt(state: KindState, resourceVersion: number): readonly ApiObject[] | undefined {
  const later = eventsAfter(state, resourceVersion)
  if (!later) return undefined
  // The list at the last change of this kind serves every later resourceVersion until the next one.
  const first = later[0]?.resourceVersion
  const before = first === undefined ? state.history.at(-1) : state.history[state.history.length - later.length - 1]
  const since = before?.resourceVersion ?? state.lost
  const known = state.lists.get(since)
  if (known) return known
  const objects = later.length === 0 ? state.objects : undoing(state.objects, later)
  const sorted = [...objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object)
  state.lists.set(since, sorted)
  if (state.lists.size > rememberedLists) state.lists.delete(state.lists.keys().next().value as number)
  return sorted
}

function undoing(objects: ReadonlyMap<string, ApiObject>, later: readonly StoredEvent[]): Map<string, ApiObject> {
  const earlier = new Map(objects)
  for (const { key, previous } of later.toReversed()) {
    if (previous) earlier.set(key, previous)
    else earlier.delete(key)
  }
  return earlier
}
