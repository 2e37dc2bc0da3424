/** Doubly linked lists of slots in typed arrays. A slot is in at most one of the lists that share the links. */

/** The links of all slots, used by the lists of `createSlotList`. */
export interface SlotLinks {
  next: Int32Array
  previous: Int32Array
  grow(size: number): void
}

export interface SlotList {
  readonly size: number
  /** The first slot, or -1. */
  readonly head: number
  /** The next slot, or -1. */
  after(slot: number): number
  append(slot: number): void
  prepend(slot: number): void
  remove(slot: number): void
}

export function createSlotLinks(): SlotLinks {
  return {
    next: new Int32Array(1024).fill(-1),
    previous: new Int32Array(1024).fill(-1),
    grow(size) {
      this.next = enlarged(this.next, size)
      this.previous = enlarged(this.previous, size)
    },
  }
}

export function createSlotList(links: SlotLinks): SlotList {
  let head = -1
  let tail = -1
  let size = 0
  return {
    get size() {
      return size
    },
    get head() {
      return head
    },
    after: (slot) => links.next[slot] as number,
    append(slot) {
      links.previous[slot] = tail
      links.next[slot] = -1
      if (tail === -1) head = slot
      else links.next[tail] = slot
      tail = slot
      size++
    },
    prepend(slot) {
      links.next[slot] = head
      links.previous[slot] = -1
      if (head === -1) tail = slot
      else links.previous[head] = slot
      head = slot
      size++
    },
    remove(slot) {
      const next = links.next[slot] as number
      const previous = links.previous[slot] as number
      if (previous === -1) head = next
      else links.next[previous] = next
      if (next === -1) tail = previous
      else links.previous[next] = previous
      size--
    },
  }
}

function enlarged(from: Int32Array, size: number): Int32Array {
  const to = new Int32Array(size).fill(-1)
  to.set(from)
  return to
}
