/** From one list-and-watch into the engine: which objects are this shard's, and what a complete list no longer contains. */

import type { ResumeOutcome } from '../kubernetes/reflector/resume.ts'
import type { ReflectorHandlers } from '../kubernetes/reflector/target.ts'
import type { KubernetesObject } from '../schemas/object-meta.ts'
import type { RemovalReason } from '../store/store.ts'
import type { ArrivalHistory } from './arrivals.ts'
import type { Engine } from './engine.ts'

export interface FeedOptions {
  readonly engine: Engine
  /** The resource's number in the registry. */
  readonly resource: number
  /** Of the resource, in what is listed. */
  readonly history: Pick<ArrivalHistory, 'arrived'>
  /** Whether an object with this UID is this shard's at present; objects of other shards are handed over. */
  readonly owns: (uid: string) => boolean
  /**
   * True: an object that leaves our selection is handed over to another instance, in watches and in lists alike. Stale
   * markers would race the samples of its new owner.
   */
  readonly handsOver: boolean
  /**
   * The same for what the first list does not contain: false when the selection has changed before it, since what is stored is of the
   * former one. As `handsOver` by default.
   */
  readonly firstListHandsOver?: boolean
  /**
   * The UIDs that the API server is asked for; undefined for all. An object that is gone may then live on with another UID, where
   * this reader does not see it.
   */
  readonly selects?: ((uid: string) => boolean) | undefined
  /** The API server has sent an object that it was not asked for. */
  readonly onUnselected?: () => void
  /** A first list is in the store, or was refused. */
  readonly onSettled: () => void
  /** The attempt to continue where another process stopped is over. */
  readonly onResumed?: (outcome: ResumeOutcome, reason: string) => void
}

/**
 * The handlers of one reflector. A reflector that stops may still report what it had received: the feed is stopped with it, since
 * its objects may belong to another reader by then, or to none. A class, since there may be thousands.
 */
export class Feed implements ReflectorHandlers {
  readonly #options: FeedOptions
  readonly #namespace: string | undefined
  #epoch = 0
  /** Up to here all changes were in the store before the lists whose removals are not complete. */
  #removesAfter = ''
  #removals = 0
  #isListed = false
  #isOutdated = false
  #isStopped = false

  /** `namespace` is the one that is listed; undefined for all. */
  constructor(options: FeedOptions, namespace: string | undefined) {
    this.#options = options
    this.#namespace = namespace
  }

  /** Once true it stays true. */
  get isListed(): boolean {
    return this.#isListed
  }

  /**
   * The revision up to which all changes are in the store, given the one up to which the reflector has reported them: objects
   * that a list does not contain are removed in steps after it.
   */
  revision(reported: string): string {
    return this.#removals > 0 ? this.#removesAfter : reported
  }

  /** Whether what is stored was read for a former plan: until the next list is complete, what the plan adds is missing. */
  get isOutdated(): boolean {
    return this.#isOutdated
  }

  planChanged(): void {
    this.#isOutdated = true
  }

  /** Ignores everything from now on. */
  stop(): void {
    this.#isStopped = true
  }

  listBegan(resourceVersion: string): void {
    if (this.#removals === 0) this.#removesAfter = resourceVersion
    this.#epoch = this.#options.engine.store.beginRelist()
  }

  upserted(object: KubernetesObject): void {
    const { engine, resource, history, owns, selects, onUnselected } = this.#options
    if (this.#isStopped) return
    const { uid, resourceVersion } = object.metadata
    history.arrived(resourceVersion)
    if (owns(uid)) return void engine.upsert(resource, object)
    if (selects?.(uid) === false) onUnselected?.()
    engine.leaveToOther(resource, object)
  }

  deleted({ metadata }: KubernetesObject): void {
    const { engine, resource, history } = this.#options
    if (this.#isStopped) return
    history.arrived(metadata.resourceVersion)
    engine.store.remove(resource, metadata.uid, this.#reasonOf(metadata.uid))
  }

  listEnded(resourceVersion: string): void {
    const { engine, resource, history, firstListHandsOver, onSettled } = this.#options
    if (this.#isStopped) return
    this.#isOutdated = false
    this.#removals++
    const list = { resource, namespace: this.#namespace, epoch: this.#epoch }
    const isFirst = !this.#isListed
    const handsOver = isFirst ? firstListHandsOver : undefined
    engine.removeMissing(
      list,
      (uid) => {
        // A list in which nothing is missing says nothing new: it may be of a revision that others come to much later.
        history.arrived(resourceVersion)
        return this.#reasonOf(uid, handsOver)
      },
      () => this.#removals--,
    )
    this.#isListed = true
    if (isFirst) onSettled()
  }

  resumed(outcome: ResumeOutcome, reason: string): void {
    this.#options.onResumed?.(outcome, reason)
  }

  refused(): void {
    if (!this.#isStopped) this.#options.onSettled()
  }

  #reasonOf(uid: string, handsOver = this.#options.handsOver): RemovalReason {
    const { owns, selects } = this.#options
    if (handsOver || !owns(uid)) return 'handed over'
    return selects === undefined ? 'deleted' : 'unconfirmed'
  }
}
