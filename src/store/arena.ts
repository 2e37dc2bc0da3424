/**
 * The memory of all blocks: pages that are filled from front to back. A page with mostly unused bytes is emptied by moving
 * its blocks, one page at a time, so that memory follows the size of the cluster and no step takes long.
 */

import { readU32, writeU32 } from '../rows/block.ts'

const pageSize = 256 * 1024
const entryHeader = 8
const freedOwner = 0xffffffff
/** A page is emptied once less than this part of its bytes is in use. */
const liveShare = 0.7

interface Page {
  bytes: Uint8Array<ArrayBuffer>
  used: number
  live: number
}

/** Blocks by owner (a small integer). The bytes of a block may move with every `set` and `remove`. */
export interface Arena {
  /** Stores a copy of `length` bytes for the owner, replacing its block. */
  set(owner: number, source: Uint8Array, length: number): void
  remove(owner: number): void
  /** The buffer and the offset of the owner's block. */
  bytes(owner: number): Uint8Array
  offset(owner: number): number
  length(owner: number): number
  /** Whether the owner's block is equal to this one. */
  holds(owner: number, block: { readonly bytes: Uint8Array; readonly length: number }): boolean
  /** Bytes of all pages, including unused ones. */
  readonly capacity: number
}

export function createArena(): Arena {
  const pages: (Page | undefined)[] = []
  const freeIndices: number[] = []
  let current = -1
  let capacity = 0
  let pageOf = new Int32Array(1024).fill(-1)
  let offsetOf = new Uint32Array(1024)

  const addPage = (size: number): number => {
    const page: Page = { bytes: new Uint8Array(size), used: 0, live: 0 }
    const index = freeIndices.pop() ?? pages.length
    pages[index] = page
    capacity += size
    return index
  }
  const dropPage = (index: number) => {
    capacity -= (pages[index] as Page).bytes.length
    pages[index] = undefined
    freeIndices.push(index)
  }
  const pageFor = (size: number): number => {
    if (size > pageSize / 4) return addPage(size)
    const page = pages[current]
    if (page === undefined || page.used + size > page.bytes.length) {
      const full = current
      current = addPage(pageSize)
      // Pages are not checked for unused bytes while they are being filled.
      if (page !== undefined) emptyIfDead(full)
    }
    return current
  }
  const emptyIfDead = (index: number) => {
    const { live, used } = pages[index] as Page
    if (index !== current && live < liveShare * used) empty(index)
  }
  const append = (owner: number, source: Uint8Array, start: number, length: number) => {
    const size = entryHeader + length
    const index = pageFor(size)
    const page = pages[index] as Page
    const at = page.used
    writeU32(owner, page.bytes, at)
    writeU32(length, page.bytes, at + 4)
    page.bytes.set(source.subarray(start, start + length), at + entryHeader)
    page.used += size
    page.live += size
    pageOf[owner] = index
    offsetOf[owner] = at + entryHeader
  }
  const empty = (index: number) => {
    const page = pages[index] as Page
    for (let at = 0; at < page.used; ) {
      const owner = readU32(page.bytes, at)
      const length = readU32(page.bytes, at + 4)
      if (owner !== freedOwner) append(owner, page.bytes, at + entryHeader, length)
      at += entryHeader + length
    }
    dropPage(index)
  }
  const release = (owner: number) => {
    const index = pageOf[owner] as number
    const page = pages[index] as Page
    const at = (offsetOf[owner] as number) - entryHeader
    writeU32(freedOwner, page.bytes, at)
    page.live -= entryHeader + readU32(page.bytes, at + 4)
    pageOf[owner] = -1
    emptyIfDead(index)
  }
  const makeRoom = (owner: number) => {
    if (owner < pageOf.length) return
    const largerPages = new Int32Array(2 * owner).fill(-1)
    largerPages.set(pageOf)
    pageOf = largerPages
    const largerOffsets = new Uint32Array(2 * owner)
    largerOffsets.set(offsetOf)
    offsetOf = largerOffsets
  }
  const pageBytes = (owner: number): Uint8Array<ArrayBuffer> => (pages[pageOf[owner] as number] as Page).bytes
  const lengthOf = (owner: number): number => readU32(pageBytes(owner), (offsetOf[owner] as number) - 4)

  return {
    set(owner, source, length) {
      makeRoom(owner)
      if (pageOf[owner] !== -1) {
        if (lengthOf(owner) === length) {
          pageBytes(owner).set(source.subarray(0, length), offsetOf[owner] as number)
          return
        }
        release(owner)
      }
      append(owner, source, 0, length)
    },
    remove: release,
    bytes: pageBytes,
    offset: (owner) => offsetOf[owner] as number,
    length: lengthOf,
    holds(owner, { bytes, length }) {
      if (lengthOf(owner) !== length) return false
      const at = offsetOf[owner] as number
      const stored = (pages[pageOf[owner] as number] as Page).bytes.subarray(at, at + length)
      return Buffer.compare(bytes.subarray(0, length), stored) === 0
    },
    get capacity() {
      return capacity
    },
  }
}
