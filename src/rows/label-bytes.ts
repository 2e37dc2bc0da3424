/**
 * The canonical form of a label set: the OTLP bytes of the attributes of a data point (field 7 of NumberDataPoint,
 * repeated), which can be copied to a request. Keys are prepared once per family, values are written per observation.
 */

const attributeTag = 0x3a
const keyTag = 0x0a
const anyValueTag = 0x12
const stringValueTag = 0x0a

/** The part of an attribute that depends only on the key: field 1 and the tag of field 2. */
export type PreparedKey = Uint8Array

/** The length of an unsigned varint of up to 32 bits. */
export function varintLength(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x200000) return 3
  return value < 0x10000000 ? 4 : 5
}

/** Writes an unsigned varint of up to 32 bits and returns the new offset. */
export function writeVarint(value: number, target: Uint8Array, offset: number): number {
  let rest = value
  while (rest >= 0x80) {
    target[offset++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  target[offset++] = rest
  return offset
}

export function prepareKey(key: string): PreparedKey {
  const text = Buffer.from(key)
  const bytes = new Uint8Array(1 + varintLength(text.length) + text.length + 1)
  bytes[0] = keyTag
  const start = writeVarint(text.length, bytes, 1)
  bytes.set(text, start)
  bytes[start + text.length] = anyValueTag
  return bytes
}

/** An upper bound of the length of an attribute. */
export function attributeBound(key: PreparedKey, value: string): number {
  return key.length + 3 * value.length + 24
}

/** From this length, the runtime writes a text faster than a loop over its characters (bench/observe.ts). */
const longText = 48

/**
 * Writes one attribute at `offset` and returns the offset after it. The target must have room for
 * `attributeBound(key, value)`.
 */
export function writeAttribute(key: PreparedKey, value: string, target: Buffer, offset: number): number {
  const length = value.length
  const keyLength = key.length
  // For nearly every label all three lengths fit one byte. The loop also checks whether the text is ASCII.
  if (length < longText && keyLength + length + 3 < 0x80) {
    let at = offset + 2
    for (let i = 0; i < keyLength; i++) target[at + i] = key[i] as number
    at += keyLength
    target[at] = length + 2
    target[at + 1] = stringValueTag
    target[at + 2] = length
    at += 3
    let seen = 0
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i)
      seen |= code
      target[at + i] = code
    }
    if (seen < 0x80) {
      target[offset] = attributeTag
      target[offset + 1] = keyLength + length + 3
      return at + length
    }
  }
  return writeLongAttribute(key, value, target, offset)
}

/** Writes the text to the position for ASCII, and moves it if its lengths need more bytes. */
function writeLongAttribute(key: PreparedKey, value: string, target: Buffer, offset: number): number {
  const likelyStart = offset + headLength(key, value.length)
  const length = target.write(value, likelyStart)
  const start = offset + headLength(key, length)
  if (start !== likelyStart) target.copyWithin(start, likelyStart, likelyStart + length)
  const anyLength = 1 + varintLength(length) + length
  target[offset] = attributeTag
  let at = writeVarint(key.length + varintLength(anyLength) + anyLength, target, offset + 1)
  target.set(key, at)
  at = writeVarint(anyLength, target, at + key.length)
  target[at] = stringValueTag
  writeVarint(length, target, at + 1)
  return start + length
}

/** The bytes before the text of an attribute. */
function headLength(key: PreparedKey, textLength: number): number {
  const anyLength = 1 + varintLength(textLength) + textLength
  const length = key.length + varintLength(anyLength) + anyLength
  return 1 + varintLength(length) + length - textLength
}

/** A label set in canonical form, in the given order. */
export function encodeLabels(labels: Iterable<readonly [string, string]>): Uint8Array {
  const parts: Uint8Array[] = []
  for (const [name, value] of labels) {
    const key = prepareKey(name)
    const target = Buffer.alloc(attributeBound(key, value))
    parts.push(target.subarray(0, writeAttribute(key, value, target, 0)))
  }
  return new Uint8Array(Buffer.concat(parts))
}

/** The positions of the parts of an attribute. */
export interface AttributeView {
  keyStart: number
  keyEnd: number
  valueStart: number
  valueEnd: number
}

let varintEnd = 0

/** Reads an unsigned varint of up to 32 bits; `afterVarint()` returns the offset after it. */
export function readVarint(bytes: Uint8Array, offset: number): number {
  let at = offset
  let byte = bytes[at++] as number
  if (byte < 0x80) {
    varintEnd = at
    return byte
  }
  let value = byte & 0x7f
  for (let shift = 7; byte >= 0x80; shift += 7) {
    byte = bytes[at++] as number
    value |= (byte & 0x7f) << shift
  }
  varintEnd = at
  return value >>> 0
}

/** The offset after the last varint. */
export function afterVarint(): number {
  return varintEnd
}

/** Locates the key and the value of the attribute at `offset` and returns the offset after it. */
export function viewAttribute(bytes: Uint8Array, offset: number, view: AttributeView): number {
  // Nearly always all lengths fit one byte.
  const size = bytes[offset + 1] as number
  if (size < 0x80) {
    view.keyStart = offset + 4
    view.keyEnd = view.keyStart + (bytes[offset + 3] as number)
    view.valueStart = view.keyEnd + 4
    view.valueEnd = offset + 2 + size
    return view.valueEnd
  }
  const length = readVarint(bytes, offset + 1)
  const end = varintEnd + length
  const keyLength = readVarint(bytes, varintEnd + 1)
  view.keyStart = varintEnd
  view.keyEnd = varintEnd + keyLength
  readVarint(bytes, view.keyEnd + 1)
  readVarint(bytes, varintEnd + 1)
  view.valueStart = varintEnd
  view.valueEnd = end
  return end
}

/** A string with a character per byte of `bytes[start, end)`. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  return start === end ? '' : Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
}

/** The label set of canonical bytes, in order. */
export function decodeLabels(bytes: Uint8Array, start = 0, end = bytes.length): [string, string][] {
  const labels: [string, string][] = []
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const view: AttributeView = { keyStart: 0, keyEnd: 0, valueStart: 0, valueEnd: 0 }
  for (let at = start; at < end; ) {
    at = viewAttribute(bytes, at, view)
    labels.push([
      text.toString('utf8', view.keyStart, view.keyEnd),
      text.toString('utf8', view.valueStart, view.valueEnd),
    ])
  }
  return labels
}
