/** The `k8s\0` envelope around a protobuf object, and the search for single fields of a message. */

import { asBuffer } from './byte-window.ts'
import { DecodeError } from './decode-error.ts'
import type { DecodeProtobuf } from './protobuf.ts'
import { cursor, readText, readUnsigned, skipField, truncated } from './protobuf-values.ts'

const magic = Buffer.from('k8s\0', 'latin1')
export const magicLength = magic.length
const nothingKnown = new Uint8Array(0)

/** Refuses bytes that do not begin as every protobuf body of the API server does. */
export function checkMagic(bytes: Buffer, start: number, end: number): void {
  if (end - start < magicLength || magic.compare(bytes, start, start + magicLength) !== 0) {
    throw new DecodeError('', 'expected a protobuf envelope, got other bytes')
  }
}

/** Where a length-delimited field's content stands. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** The content of the first length-delimited field of this number, undefined when the message has none. */
export function findField(bytes: Buffer, { start, end }: Range, number: number): Range | undefined {
  for (let position = start; position < end; ) {
    const tag = readUnsigned(bytes, position, end)
    const content = cursor.position
    const next = skipField(bytes, content, end, tag, nothingKnown)
    if (tag === number * 8 + 2) {
      readUnsigned(bytes, content, end)
      return { start: cursor.position, end: next }
    }
    position = next
  }
  return undefined
}

/** The text in the first field of this number, empty when the message has none. */
export function findText(bytes: Buffer, message: Range, number: number): string {
  const range = findField(bytes, message, number)
  return range ? readText(bytes, range.start, range.end) : ''
}

/** A `runtime.Unknown`: whose message it holds and where. */
export interface Envelope {
  readonly apiVersion: string
  readonly kind: string
  readonly message: Range
}

/** Reads the envelope between two offsets. Throws DecodeError for bytes that are none. */
export function openEnvelope(bytes: Buffer, { start, end }: Range): Envelope {
  checkMagic(bytes, start, end)
  const unknown = { start: start + magicLength, end }
  const typeMeta = findField(bytes, unknown, 1) ?? { start: end, end }
  const message = findField(bytes, unknown, 2) ?? { start: end, end }
  return { apiVersion: findText(bytes, typeMeta, 1), kind: findText(bytes, typeMeta, 2), message }
}

/** A single object in its envelope: the body of a GET. Throws DecodeError. */
export function decodeEnveloped<T>(
  bytes: Uint8Array,
  decode: DecodeProtobuf<T>,
): { readonly apiVersion: string; readonly kind: string; readonly object: T } {
  const buffer = asBuffer(bytes)
  const { apiVersion, kind, message } = openEnvelope(buffer, { start: 0, end: buffer.length })
  return { apiVersion, kind, object: decode(buffer, message.start, message.end) }
}

/** How many bytes the field at `start` takes from its tag on, undefined while its tag and length are incomplete. */
export function fieldExtent(bytes: Buffer, start: number, end: number): FieldExtent | undefined {
  if (!isVarintComplete(bytes, start, end)) return undefined
  const tag = readUnsigned(bytes, start, end)
  const content = cursor.position
  if ((tag & 7) !== 2) throw new DecodeError('', `unexpected protobuf tag ${tag} in a list`)
  if (!isVarintComplete(bytes, content, end)) return undefined
  const length = readUnsigned(bytes, content, end)
  return { number: Math.floor(tag / 8), start: cursor.position, end: cursor.position + length }
}

/** A field's number and where its content stands; its end may lie beyond the bytes at hand. */
export interface FieldExtent extends Range {
  readonly number: number
}

function isVarintComplete(bytes: Buffer, start: number, end: number): boolean {
  for (let position = start; position < end; position++) if ((bytes[position] as number) < 0x80) return true
  if (end - start >= 10) throw truncated(start)
  return false
}
