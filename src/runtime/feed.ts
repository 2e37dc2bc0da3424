/** Owns the way of one list-and-watch into the engine: which objects are ours, and what a complete list says is gone. */

import type { KubernetesObject } from '../schemas/object-meta.ts'
import type { Engine } from './engine.ts'

/** What a reflector reports, in the order in which it happens. */
export interface Feed {
  listBegan(): void
  upserted(object: KubernetesObject): void
  deleted(object: KubernetesObject): void
  listEnded(): void
}

export interface FeedOptions {
  readonly engine: Engine
  /** The resource's index in the plan. */
  readonly resource: number
  /** The one namespace that is listed; undefined for all. */
  readonly namespace: string | undefined
  /** Whether the object is this shard's. */
  readonly admits: (object: KubernetesObject) => boolean
  /**
   * True: what leaves our selection lives on elsewhere, so it is forgotten without staleness markers, which would race
   * the samples of its new owner.
   */
  readonly handsOver: boolean
  /** The first list is in the store. */
  readonly onListed: () => void
  /** Calls back on a later turn of the event loop. */
  readonly onNextTurn: (callback: () => void) => void
}

/** So many objects are looked at in a turn for what a relist found missing, so that nothing else waits. */
const removalsPerTurn = 500

export function createFeed(options: FeedOptions): Feed {
  const { engine, resource, namespace, admits, handsOver, onListed, onNextTurn } = options
  const { store } = engine
  let epoch = 0
  let isListed = false
  const finish = (steps: Iterator<number>, of: number) => {
    // A newer list has an epoch of its own and removes what this one left.
    if (of === epoch && !steps.next().done) onNextTurn(() => finish(steps, of))
  }
  return {
    listBegan() {
      epoch = store.beginRelist()
    },
    upserted(object) {
      if (admits(object)) engine.upsert(resource, object)
    },
    deleted({ metadata }) {
      if (handsOver) store.drop(resource, metadata.uid)
      else store.remove(resource, metadata.uid)
    },
    listEnded() {
      finish(store.removeMissing(resource, epoch, namespace, removalsPerTurn), epoch)
      if (!isListed) onListed()
      isListed = true
    },
  }
}
