/** The bytes of a stream that are not consumed yet, as one contiguous buffer whatever the chunks. */

import { DecodeError } from './decode-error.ts'

/** The unread bytes stand from `start` to `end` of the buffer. Views of it are valid until the next append. */
export interface ByteWindow {
  buffer: Buffer
  start: number
  end: number
}

/** Far above what etcd can hold: a longer object is a broken stream, not a reason to fill the memory. */
export const maxObjectBytes = 64 * 1024 * 1024
const idleCapacity = 64 * 1024
const retainedCapacity = 1024 * 1024

export function createByteWindow(): ByteWindow {
  return { buffer: Buffer.allocUnsafeSlow(idleCapacity), start: 0, end: 0 }
}

/** Adds a chunk behind the unread bytes. Every byte is copied a bounded number of times, however small the chunks. */
export function appendChunk(window: ByteWindow, chunk: Uint8Array): void {
  const unread = window.end - window.start
  const needed = unread + chunk.length
  if (needed > maxObjectBytes) throw new DecodeError('', `an object of more than ${maxObjectBytes} bytes`)
  if (window.end + chunk.length > window.buffer.length) {
    const mayStay = unread <= window.buffer.length / 2 && needed <= window.buffer.length
    const target = mayStay ? window.buffer : Buffer.allocUnsafeSlow(Math.max(needed * 2, idleCapacity))
    window.buffer.copy(target, 0, window.start, window.end)
    window.buffer = target
    window.start = 0
    window.end = unread
  }
  window.buffer.set(chunk, window.end)
  window.end += chunk.length
}

/** Lets go of the bytes before the offset, and of a buffer that one large object needed. */
export function consumeUntil(window: ByteWindow, offset: number): void {
  window.start = offset
  if (window.start !== window.end) return
  window.start = 0
  window.end = 0
  if (window.buffer.length > retainedCapacity) window.buffer = Buffer.allocUnsafeSlow(idleCapacity)
}
