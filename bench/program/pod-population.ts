/** Which pods exist, in a few bytes for each slot, and how a generation of churn changes them. */

import type { PodEvent, PodIdentity } from './pod-frames.ts'

export interface PodChange {
  readonly type: PodEvent
  readonly slot: number
  readonly pod: PodIdentity
}

export interface PodPopulation {
  /** Of the last change. */
  readonly resourceVersion: number
  readonly size: number
  /** Those that exist, one event for each, with the slots in order. */
  added(): Iterable<PodChange>
  /**
   * The changes of a generation that a watch sees: a third of the slots gets a new pod, another third a new label, and the
   * last tenth of all is empty after odd generations and filled by even ones. Each is applied as it is taken.
   */
  churn(generation: number): Iterable<PodChange>
  /** Replaces the remaining third at once, which is not seen by watches: they have to end before. */
  replaceUnseen(generation: number): void
}

const firstResourceVersion = 1_000_000_000
const kinds = 3
/** Of the slots. */
const emptiedShare = 0.1

export function createPodPopulation(slots: number): PodPopulation {
  const ids = Uint32Array.from({ length: slots }, (_, slot) => slot)
  const revisions = new Uint32Array(slots)
  const isFilled = new Uint8Array(slots).fill(1)
  const firstEmptied = slots - Math.floor(slots * emptiedShare)
  let resourceVersion = firstResourceVersion
  let nextId = slots
  let size = slots

  const podAt = (slot: number): PodIdentity => ({
    id: ids[slot] as number,
    revision: revisions[slot] as number,
    resourceVersion,
  })
  const change = (type: PodEvent, slot: number): PodChange => {
    resourceVersion++
    return { type, slot, pod: podAt(slot) }
  }
  const remove = (slot: number) => {
    isFilled[slot] = 0
    size--
    return change('DELETED', slot)
  }
  const add = (slot: number) => {
    isFilled[slot] = 1
    size++
    ids[slot] = nextId++
    return change('ADDED', slot)
  }
  const relabel = (slot: number) => {
    revisions[slot] = (revisions[slot] as number) + 1
    return change('MODIFIED', slot)
  }
  const kindOf = (slot: number, generation: number) => (slot + generation) % kinds

  function* changesOf(slot: number, generation: number): Iterable<PodChange> {
    if (slot >= firstEmptied) {
      if (isFilled[slot] === 1) yield remove(slot)
      else yield add(slot)
    } else if (kindOf(slot, generation) === 0) {
      yield remove(slot)
      yield add(slot)
    } else if (kindOf(slot, generation) === 1) yield relabel(slot)
  }

  return {
    get resourceVersion() {
      return resourceVersion
    },
    get size() {
      return size
    },
    *added() {
      for (let slot = 0; slot < slots; slot++) {
        if (isFilled[slot] === 1) yield { type: 'ADDED', slot, pod: podAt(slot) }
      }
    },
    *churn(generation) {
      for (let slot = 0; slot < slots; slot++) yield* changesOf(slot, generation)
    },
    replaceUnseen(generation) {
      for (let slot = 0; slot < firstEmptied; slot++) {
        if (kindOf(slot, generation) !== 2) continue
        remove(slot)
        add(slot)
      }
    },
  }
}
