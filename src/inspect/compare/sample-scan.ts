/**
 * Parses one sample line of the Prometheus text format or OpenMetrics: the name, the value, and a hash of the series that
 * does not depend on the order of labels.
 */

/** A parsed sample line; the object is reused for each line. */
export interface ScannedSample {
  nameEnd: number
  /** The end of name and labels. */
  seriesEnd: number
  low: number
  high: number
  value: number
}

export function createScannedSample(): ScannedSample {
  return { nameEnd: 0, seriesEnd: 0, low: 0, high: 0, value: 0 }
}

const newline = 0x0a
const space = 0x20
const tab = 0x09
const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const equals = 0x3d
const openBrace = 0x7b
const closeBrace = 0x7d
const letterN = 0x6e

/** Two 32-bit rolling hashes with different multipliers, which together identify a text. */
interface TextHash {
  low: number
  high: number
}

const text: TextHash = { low: 0, high: 0 }

function begin(seed: number): void {
  text.low = seed
  text.high = ~seed
}

function take(byte: number): void {
  text.low = Math.imul(text.low ^ byte, 0x01000193)
  text.high = Math.imul((text.high << 5) ^ (text.high >>> 27) ^ byte, 0x85ebca6b)
}

/** Mixes all bits, so that sums of hashes do not collide more often than hashes. */
function finish(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}

/** Parses the line from `start` to `end` (without newline) into `sample`; false if it is not a sample. */
export function scanSample(bytes: Uint8Array, start: number, end: number, sample: ScannedSample): boolean {
  let at = start
  begin(1)
  while (at < end && isNameByte(bytes[at] as number)) take(bytes[at++] as number)
  if (at === start) return false
  sample.nameEnd = at
  sample.low = finish(text.low)
  sample.high = finish(text.high)
  if (bytes[at] === openBrace) {
    at = scanLabels(bytes, at + 1, end, sample)
    if (at < 0) return false
  }
  sample.seriesEnd = at
  return scanValue(bytes, at, end, sample)
}

/** Adds the hash of each label; returns the offset after the closing brace, or -1. */
function scanLabels(bytes: Uint8Array, start: number, end: number, sample: ScannedSample): number {
  let at = skipBlanks(bytes, start, end)
  while (at < end && bytes[at] !== closeBrace) {
    begin(2)
    const nameStart = at
    while (at < end && isNameByte(bytes[at] as number)) take(bytes[at++] as number)
    if (at === nameStart) return -1
    at = skipBlanks(bytes, at, end)
    if (bytes[at] !== equals) return -1
    at = skipBlanks(bytes, at + 1, end)
    if (bytes[at] !== quote) return -1
    // A byte that names cannot have, to separate name and value.
    take(equals)
    at = scanLabelValue(bytes, at + 1, end)
    if (at < 0) return -1
    sample.low = (sample.low + finish(text.low)) | 0
    sample.high = (sample.high + finish(text.high)) | 0
    at = skipBlanks(bytes, at, end)
    if (bytes[at] === comma) at = skipBlanks(bytes, at + 1, end)
    else if (bytes[at] !== closeBrace) return -1
  }
  return at < end ? at + 1 : -1
}

/** Hashes the unescaped value; returns the offset after the closing quote, or -1. */
function scanLabelValue(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number
    if (byte === quote) return at + 1
    if (byte !== backslash) {
      take(byte)
      continue
    }
    const escaped = bytes[++at] as number
    if (escaped === letterN) take(newline)
    else if (escaped === backslash || escaped === quote) take(escaped)
    else {
      take(backslash)
      take(escaped)
    }
  }
  return -1
}

function scanValue(bytes: Uint8Array, start: number, end: number, sample: ScannedSample): boolean {
  const from = skipBlanks(bytes, start, end)
  let to = from
  while (to < end && !isBlank(bytes[to] as number)) to++
  if (from === start || to === from) return false
  const only = bytes[from] as number
  // Most values are 0 or 1.
  if (to === from + 1) sample.value = only >= 0x30 && only <= 0x39 ? only - 0x30 : Number.NaN
  else sample.value = parseValue(Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1'))
  return !Number.isNaN(sample.value) || (to === from + 3 && (only | 0x20) === letterN)
}

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
const infinity = /^([+-]?)inf(inity)?$/i

function parseValue(written: string): number {
  if (decimal.test(written)) return Number(written)
  return infinity.test(written) ? Number(written.replace(infinity, '$1Infinity')) : Number.NaN
}

function skipBlanks(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && isBlank(bytes[at] as number)) at++
  return at
}

const isBlank = (byte: number) => byte === space || byte === tab

/** Letters, digits, underscore and colon. Whether a name starts with a digit is not checked. */
function isNameByte(byte: number): boolean {
  if (byte >= 0x61) return byte <= 0x7a
  if (byte >= 0x41) return byte <= 0x5a || byte === 0x5f
  return byte >= 0x30 && byte <= 0x3a
}
