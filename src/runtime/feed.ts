/** From one list-and-watch into the engine: which objects are this shard's, and what a complete list no longer contains. */

import type { ReflectorHandlers } from '../kubernetes/reflector/target.ts'
import type { KubernetesObject } from '../schemas/object-meta.ts'
import type { Engine } from './engine.ts'

export interface FeedOptions {
  readonly engine: Engine
  /** The resource's number in the registry. */
  readonly resource: number
  /** The one namespace that is listed; undefined for all. */
  readonly namespace: string | undefined
  /** Whether the object is this shard's. */
  readonly admits: (object: KubernetesObject) => boolean
  /**
   * True: an object that leaves our selection is handed over to another instance, in watches and in lists alike. Stale
   * markers would race the samples of its new owner.
   */
  readonly handsOver: boolean
  /** The first list is in the store. */
  readonly onListed: () => void
}

/** The handlers of one reflector. */
export function createFeed(options: FeedOptions): ReflectorHandlers {
  const { engine, resource, namespace, admits, handsOver, onListed } = options
  const reason = handsOver ? 'handed over' : 'deleted'
  let epoch = 0
  let isListed = false
  return {
    listBegan() {
      epoch = engine.store.beginRelist()
    },
    upserted(object) {
      if (admits(object)) engine.upsert(resource, object)
    },
    deleted({ metadata }) {
      engine.store.remove(resource, metadata.uid, reason)
    },
    listEnded() {
      engine.removeMissing({ resource, namespace, epoch }, reason)
      if (!isListed) onListed()
      isListed = true
    },
  }
}
