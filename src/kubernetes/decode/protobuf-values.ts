/** Readers of single protobuf values between two offsets of a buffer: varints, texts, and the scalars that Kubernetes has as messages. */

import { zeroTimeSeconds } from '../../schemas/timestamps.ts'
import { DecodeError } from './decode-error.ts'

const twoTo32 = 0x1_0000_0000

/** Where the last varint ended, and its 64 bits. One decoder runs at a time, so one cursor serves all. */
export const cursor = { position: 0, low: 0, high: 0 }

export function truncated(position: number): DecodeError {
  return new DecodeError('', `truncated protobuf message at byte ${position}`)
}

/** Reads a varint into the cursor. */
function scanVarint(bytes: Uint8Array, start: number, end: number): void {
  let low = 0
  let high = 0
  for (let position = start, shift = 0; position < end; position++, shift += 7) {
    const byte = bytes[position] ?? 0
    if (shift > 63) break
    if (shift < 28) low |= (byte & 0x7f) << shift
    else if (shift === 28) {
      low |= (byte & 0x7f) << 28
      high = (byte & 0x7f) >>> 4
    } else high |= (byte & 0x7f) << (shift - 32)
    if (byte < 0x80) {
      cursor.position = position + 1
      cursor.low = low >>> 0
      cursor.high = high | 0
      return
    }
  }
  if (end - start < 10) throw truncated(end)
  throw new DecodeError('', `varint of more than 64 bits at byte ${start}`)
}

/** A tag or a length; the cursor then stands behind it. */
export function readUnsigned(bytes: Uint8Array, start: number, end: number): number {
  scanVarint(bytes, start, end)
  return (cursor.high >>> 0) * twoTo32 + cursor.low
}

/** An int32 or int64, exact up to 2^53; the cursor then stands behind it. */
export function readSigned(bytes: Uint8Array, start: number, end: number): number {
  scanVarint(bytes, start, end)
  return cursor.high * twoTo32 + cursor.low
}

/** An int64 with all its digits; the cursor then stands behind it. */
export function readSignedExact(bytes: Uint8Array, start: number, end: number): bigint {
  scanVarint(bytes, start, end)
  return (BigInt(cursor.high) << 32n) | BigInt(cursor.low)
}

/**
 * The end of a field that the schema does not have. `known` holds 1 at the numbers that it has: with another wire type
 * than the schema's such a field is malformed.
 */
export function skipField(bytes: Uint8Array, start: number, end: number, tag: number, known: Uint8Array): number {
  const number = Math.floor(tag / 8)
  if (number === 0 || known[number] === 1)
    throw new DecodeError('', `malformed protobuf tag ${tag} before byte ${start}`)
  const next = skipValue(bytes, start, end, tag & 7)
  if (next > end) throw truncated(end)
  return next
}

function skipValue(bytes: Uint8Array, start: number, end: number, wireType: number): number {
  switch (wireType) {
    case 0:
      scanVarint(bytes, start, end)
      return cursor.position
    case 1:
      return start + 8
    case 2: {
      const length = readUnsigned(bytes, start, end)
      return cursor.position + length
    }
    case 5:
      return start + 4
    default:
      throw new DecodeError('', `unknown protobuf wire type ${wireType} before byte ${start}`)
  }
}

const internedLength = 32
const interned: string[] = new Array(4096).fill('')

/**
 * UTF-8 text. Kubernetes repeats itself (label keys, states, images): short ASCII texts come from a cache of 4096, looked
 * up by their bytes. It takes a fifth off a pod: 8.2 µs instead of 10.2 (bench/decode.ts). Longer ones (UIDs, container
 * IDs) rarely return.
 */
export function readText(bytes: Buffer, start: number, end: number): string {
  const length = end - start
  if (length === 0) return ''
  if (length > internedLength) return bytes.toString('utf8', start, end)
  let hash = length
  let bits = 0
  for (let position = start; position < end; position++) {
    const byte = bytes[position] as number
    bits |= byte
    hash = (Math.imul(hash, 31) + byte) | 0
  }
  if (bits > 0x7f) return bytes.toString('utf8', start, end)
  const slot = (hash ^ (hash >>> 12)) & 4095
  const candidate = interned[slot] as string
  if (holds(bytes, start, candidate, length)) return candidate
  const text = bytes.toString('latin1', start, end)
  interned[slot] = text
  return text
}

function holds(bytes: Uint8Array, start: number, text: string, length: number): boolean {
  if (text.length !== length) return false
  for (let i = 0; i < length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false
  return true
}

/** What Go's Quantity, IntOrString and Timestamp messages hold, by field number. */
interface SmallMessage {
  readonly first: number
  readonly second: number
  readonly text: string
}

/** A message whose fields 1 and 2 are varints and whose text is field `textNumber`. */
function readSmallMessage(bytes: Buffer, start: number, end: number, textNumber: number): SmallMessage {
  let first = 0
  let second = 0
  let text = ''
  for (let position = start; position < end; ) {
    const tag = readUnsigned(bytes, position, end)
    position = cursor.position
    const next = skipField(bytes, position, end, tag, nothingKnown)
    if (tag === 8) first = readSigned(bytes, position, end)
    else if (tag === 16) second = readSigned(bytes, position, end)
    else if (tag === textNumber * 8 + 2) {
      const length = readUnsigned(bytes, position, end)
      text = readText(bytes, cursor.position, cursor.position + length)
    }
    position = next
  }
  return { first, second, text }
}

const nothingKnown = new Uint8Array(0)

/** A resource.Quantity: a message with one string. */
export function readQuantity(bytes: Buffer, start: number, end: number): string {
  const isWholeText = bytes[start] === 0x0a && bytes[start + 1] === end - start - 2 && end - start - 2 < 0x80
  return isWholeText ? readText(bytes, start + 2, end) : readSmallMessage(bytes, start, end, 1).text || '0'
}

/** An intstr.IntOrString: type 1 is a string, any other an integer. */
export function readIntOrString(bytes: Buffer, start: number, end: number): number | string {
  const { first, second, text } = readSmallMessage(bytes, start, end, 3)
  return first === 1 ? text : second
}

/** A Time or MicroTime as whole seconds: its nanoseconds only count forwards. No bytes are the zero time. */
export function readSeconds(bytes: Buffer, start: number, end: number): number | undefined {
  if (start === end) return undefined
  const { first: seconds, second: nanoseconds } = readSmallMessage(bytes, start, end, 1)
  return seconds === zeroTimeSeconds && nanoseconds === 0 ? undefined : seconds
}
