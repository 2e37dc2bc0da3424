/**
 * The objects of the simulated cluster and the bounded history of their changes, like etcd and the watch cache. Objects
 * are shared with callers and never modified in place.
 */

import { randomUUID } from 'node:crypto'
import type { ApiObject, KindDefinition } from './kinds.ts'

/** One change. `object` is the state after it; for a deletion, the last state with the resourceVersion of the deletion. */
export interface StoredEvent {
  readonly resourceVersion: number
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly key: string
  readonly object: ApiObject
  readonly previous?: ApiObject
}

/** An opaque snapshot for `restore`. */
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
  /** The resourceVersion of the last change to any object. */
  readonly resourceVersion: number
  kindOf(plural: string): KindDefinition
  /** Sets uid and creationTimestamp if they are missing. Throws if the object exists. */
  create(plural: string, object: ApiObject): ApiObject
  /** Replaces the whole object except uid and creationTimestamp. Throws if it does not exist. */
  update(plural: string, object: ApiObject): ApiObject
  /** Returns the last state of the object. Throws if it does not exist. */
  delete(plural: string, name: ObjectName): ApiObject
  get(plural: string, name: ObjectName): ApiObject | undefined
  /** In the order of the keys, as in etcd. */
  list(plural: string): readonly ApiObject[]
  /** The list at an earlier resourceVersion; undefined if the history does not go back that far. */
  listAt(plural: string, resourceVersion: number): readonly ApiObject[] | undefined
  /**
   * The changes after a resourceVersion, oldest first; undefined if the history does not go back that far. Running
   * watches can still read compacted changes.
   */
  eventsAfter(plural: string, resourceVersion: number, isRunning?: boolean): readonly StoredEvent[] | undefined
  /** The oldest resourceVersion that a new watch can start from. */
  oldestResourceVersion(plural: string): number
  /** Expires all earlier resourceVersions and continue tokens. Running watches continue. */
  compact(): void
  /** New watches can start from now on only, while earlier states can still be listed, like an API server that was restarted. */
  forgetChanges(): void
  snapshot(): Snapshot
  /** Restores an older state including its resourceVersion, like an etcd restored from a backup. */
  restore(snapshot: Snapshot): void
  /** Calls `changed` after each change of that kind; returns a function that unsubscribes. */
  subscribe(plural: string, changed: () => void): () => void
}

export interface ObjectStoreOptions {
  readonly kinds: readonly KindDefinition[]
  /** Number of changes kept per kind, 1,000 by default. */
  readonly historySize?: number
  /** The clock of creationTimestamp, in milliseconds since 1970. */
  readonly now?: () => number
  readonly newUid?: () => string
  /** Called for each change. */
  readonly onChange?: (plural: string, event: StoredEvent) => void
}

interface KindState {
  readonly definition: KindDefinition
  objects: Map<string, ApiObject>
  history: StoredEvent[]
  /** The resourceVersion of the last change dropped from the history. */
  dropped: number
  /** At least `dropped`: new watches and lists cannot start before it. */
  oldest: number
  /** New watches cannot start before it. */
  watchableFrom: number
  /** Cached lists by resourceVersion, shared by the pages of one list. */
  readonly lists: Map<number, readonly ApiObject[]>
  readonly subscribers: Set<() => void>
}

const keyOf = ({ namespace = '', name }: ObjectName): string => (namespace === '' ? name : `${namespace}/${name}`)
const cachedLists = 3
const startingResourceVersion = 100

/** An empty store. Throws if two kinds have the same plural. */
export function createObjectStore(options: ObjectStoreOptions): ObjectStore {
  const { kinds, historySize = 1000, now = Date.now, newUid = randomUUID, onChange } = options
  let current = startingResourceVersion
  const states = new Map(kinds.map((definition) => [definition.plural, emptyState(definition, current)]))
  if (states.size !== kinds.length) throw new Error('two kinds have the same plural')

  const stateOf = (plural: string): KindState => {
    const state = states.get(plural)
    if (!state) throw new Error(`the simulated API server does not serve ${plural}`)
    return state
  }

  const record = (state: KindState, event: Omit<StoredEvent, 'resourceVersion'>): void => {
    if (event.type === 'DELETED') state.objects.delete(event.key)
    else state.objects.set(event.key, event.object)
    const stored = { ...event, resourceVersion: current }
    state.history.push(stored)
    // Trimmed in steps, so that not every change moves the whole history.
    if (state.history.length > historySize * 1.25) {
      const removed = state.history.splice(0, state.history.length - historySize)
      state.dropped = removed.at(-1)?.resourceVersion ?? state.dropped
      state.oldest = Math.max(state.oldest, state.dropped)
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
      if (state.objects.has(key)) throw new Error(`${plural} "${key}" already exists`)
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
    oldestResourceVersion(plural) {
      const { oldest, watchableFrom } = stateOf(plural)
      return Math.max(oldest, watchableFrom)
    },
    compact() {
      for (const state of states.values()) state.oldest = current
    },
    forgetChanges() {
      for (const state of states.values()) state.watchableFrom = current
    },
    snapshot: () => ({
      resourceVersion: current,
      objects: new Map([...states].map(([plural, { objects }]) => [plural, new Map(objects)])),
    }),
    restore(snapshot) {
      current = snapshot.resourceVersion
      for (const [plural, state] of states) {
        const objects = new Map(snapshot.objects.get(plural))
        Object.assign(state, { objects, history: [], dropped: current, oldest: current, watchableFrom: current })
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
  return { definition, ...nothing, dropped: current, oldest: current, watchableFrom: current }
}

/** In whole seconds, the format of metav1.Time. */
export const rfc3339 = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`

function eventsAfter(
  { history, oldest, dropped }: KindState,
  resourceVersion: number,
  isRunning = false,
): readonly StoredEvent[] | undefined {
  if (resourceVersion < (isRunning ? dropped : oldest)) return undefined
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
  const since = before?.resourceVersion ?? state.dropped
  const known = state.lists.get(since)
  if (known) return known
  const objects = later.length === 0 ? state.objects : undoing(state.objects, later)
  const sorted = [...objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object)
  state.lists.set(since, sorted)
  if (state.lists.size > cachedLists) state.lists.delete(state.lists.keys().next().value as number)
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
