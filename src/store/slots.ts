/** Owns the columns of the store: what is known of each object beside its block, in typed arrays indexed by slot. */

import type { SlotLinks } from './slot-list.ts'
import { createSlotLinks } from './slot-list.ts'

/** Where a slot stands with the push. Only `clean` and `dirty` slots stand in a list. */
export const gated = 0
export const clean = 1
export const dirty = 2
export const inFlight = 3
export const setAside = 4
/** It was set aside, and waits for a request without others. */
export const readmitted = 5

const firstSize = 1024

export interface Slots {
  resource: Uint16Array
  /** Counts the block's changes: what was sent is current only while it stays the same. */
  version: Uint32Array
  /** Counts the slot's owners: an object is the same only while it stays the same. */
  birth: Uint32Array
  /** The relist epoch in which the object was last seen. */
  epoch: Uint32Array
  rows: Uint32Array
  state: Uint8Array
  /** 1: some series of the object may have reached the receiver. */
  attempted: Uint8Array
  /** When the oldest unsent change arrived (dirty), or when the object was last acknowledged (clean). */
  since: Float64Array
  /** The next slot of the same resource, namespace and name, or -1. */
  nextInGroup: Int32Array
  /** The slot's place in its resource's dense list of live slots. */
  position: Uint32Array
  readonly group: string[]
  readonly uid: string[]
  readonly links: SlotLinks
  live(): number
  allocate(): number
  free(slot: number): void
}

export function createSlots(): Slots {
  const freed: number[] = []
  let used = 0
  const slots: Slots = {
    resource: new Uint16Array(firstSize),
    version: new Uint32Array(firstSize),
    birth: new Uint32Array(firstSize),
    epoch: new Uint32Array(firstSize),
    rows: new Uint32Array(firstSize),
    state: new Uint8Array(firstSize),
    attempted: new Uint8Array(firstSize),
    since: new Float64Array(firstSize),
    nextInGroup: new Int32Array(firstSize),
    position: new Uint32Array(firstSize),
    group: [],
    uid: [],
    links: createSlotLinks(),
    live: () => used - freed.length,
    allocate() {
      const slot = freed.pop() ?? used++
      if (slot === slots.version.length) growColumns(slots, 2 * slot)
      slots.birth[slot] = (slots.birth[slot] as number) + 1
      return slot
    },
    free(slot) {
      slots.birth[slot] = (slots.birth[slot] as number) + 1
      slots.group[slot] = ''
      slots.uid[slot] = ''
      freed.push(slot)
    },
  }
  return slots
}

function growColumns(slots: Slots, size: number): void {
  slots.resource = enlarged(slots.resource, new Uint16Array(size))
  slots.version = enlarged(slots.version, new Uint32Array(size))
  slots.birth = enlarged(slots.birth, new Uint32Array(size))
  slots.epoch = enlarged(slots.epoch, new Uint32Array(size))
  slots.rows = enlarged(slots.rows, new Uint32Array(size))
  slots.state = enlarged(slots.state, new Uint8Array(size))
  slots.attempted = enlarged(slots.attempted, new Uint8Array(size))
  slots.since = enlarged(slots.since, new Float64Array(size))
  slots.nextInGroup = enlarged(slots.nextInGroup, new Int32Array(size))
  slots.position = enlarged(slots.position, new Uint32Array(size))
  slots.links.grow(size)
}

function enlarged<A extends Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array>(from: A, to: A): A {
  to.set(from)
  return to
}
