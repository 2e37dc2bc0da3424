/** The bytes of a stream that are not consumed yet, as one contiguous buffer whatever the chunks. */

import { DecodeError } from './decode-error.ts'

/** The unread bytes are those from `start` to `end` of the buffer. Views of it are valid until the next append. */
export interface ByteWindow {
  buffer: Buffer
  start: number
  end: number
  /** False while the buffer is a chunk as it came, which may be a part of something else: nothing is written into it. */
  isOwn: boolean
}

/** Far above what etcd can hold: a longer object is a broken stream, not a reason to fill the memory. */
export const maxObjectBytes = 64 * 1024 * 1024
const smallestCapacity = 16 * 1024
const empty = Buffer.alloc(0)

/** Holds no memory until bytes arrive, nor once they are consumed: thousands of watches are idle most of the time. */
export function createByteWindow(): ByteWindow {
  return { buffer: empty, start: 0, end: 0, isOwn: false }
}

/**
 * Adds a chunk behind the unread bytes. Without unread bytes the chunk is used as it is; otherwise every byte is copied a
 * bounded number of times, however small the chunks.
 */
export function appendChunk(window: ByteWindow, chunk: Uint8Array): void {
  const unread = window.end - window.start
  const needed = unread + chunk.length
  if (needed > maxObjectBytes) throw new DecodeError('', `an object of more than ${maxObjectBytes} bytes`)
  if (unread === 0) replaceBuffer(window, asBuffer(chunk), chunk.length, false)
  else {
    if (!window.isOwn || window.end + chunk.length > window.buffer.length) moveUnread(window, unread, needed)
    window.buffer.set(chunk, window.end)
    window.end += chunk.length
  }
}

/** Moves the unread bytes to the start of a buffer with room for what is needed. */
function moveUnread(window: ByteWindow, unread: number, needed: number): void {
  const { buffer, start, end, isOwn } = window
  const mayStay = isOwn && unread <= buffer.length / 2 && needed <= buffer.length
  const target = mayStay ? buffer : Buffer.allocUnsafeSlow(Math.max(needed * 2, smallestCapacity))
  buffer.copy(target, 0, start, end)
  replaceBuffer(window, target, unread, true)
}

function replaceBuffer(window: ByteWindow, buffer: Buffer, end: number, isOwn: boolean): void {
  window.buffer = buffer
  window.start = 0
  window.end = end
  window.isOwn = isOwn
}

/** The same bytes as a Buffer, whose string methods are the fast ones. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Releases the bytes before the offset. */
export function consumeUntil(window: ByteWindow, offset: number): void {
  window.start = offset
  if (window.start === window.end) replaceBuffer(window, empty, 0, false)
}
