/** The columns of the store: what is known of each object beside its block, in typed arrays indexed by slot. */

const firstSize = 1024
/** Unused slots cost memory in every column of the store and of each ledger: at most a third of them are. */
const growth = 1.5

export interface Slots {
  /** The resource's number in the registry. */
  resource: Uint32Array
  /** Counts the block's changes: a position in a block is good only while it stays the same. */
  version: Uint32Array
  /** Counts the slot's owners: an object is the same only while it stays the same. */
  birth: Uint32Array
  /** The relist epoch in which the object was last seen. */
  epoch: Uint32Array
  rows: Uint32Array
  /** The next slot of the same resource, namespace and name, or -1. */
  nextInGroup: Int32Array
  /** The slot's place in its resource's dense list of live slots. */
  position: Uint32Array
  readonly group: string[]
  readonly uid: string[]
  /** Length of the columns. */
  readonly capacity: number
  /** Calls back with the new capacity whenever columns grow; returns what ends that. */
  onGrow(listener: (capacity: number) => void): () => void
  allocate(): number
  free(slot: number): void
}

export function createSlots(): Slots {
  const freed: number[] = []
  const listeners = new Set<(capacity: number) => void>()
  let used = 0
  const slots: Slots = {
    resource: new Uint32Array(firstSize),
    version: new Uint32Array(firstSize),
    birth: new Uint32Array(firstSize),
    epoch: new Uint32Array(firstSize),
    rows: new Uint32Array(firstSize),
    nextInGroup: new Int32Array(firstSize),
    position: new Uint32Array(firstSize),
    group: [],
    uid: [],
    get capacity() {
      return slots.version.length
    },
    onGrow(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    allocate() {
      const slot = freed.pop() ?? used++
      if (slot === slots.version.length) {
        const size = Math.ceil(growth * slot)
        growColumns(slots, size)
        for (const listener of listeners) listener(size)
      }
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
  slots.resource = enlarged(slots.resource, new Uint32Array(size))
  slots.version = enlarged(slots.version, new Uint32Array(size))
  slots.birth = enlarged(slots.birth, new Uint32Array(size))
  slots.epoch = enlarged(slots.epoch, new Uint32Array(size))
  slots.rows = enlarged(slots.rows, new Uint32Array(size))
  slots.nextInGroup = enlarged(slots.nextInGroup, new Int32Array(size))
  slots.position = enlarged(slots.position, new Uint32Array(size))
}

function enlarged<A extends Uint32Array | Int32Array>(from: A, to: A): A {
  to.set(from)
  return to
}
