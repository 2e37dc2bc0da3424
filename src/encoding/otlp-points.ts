/**
 * Encodes data points and the Metric entries around them. The identity and the dictionary of a block are copied once to
 * the end of the output buffer (staged) and then copied from there, because `copyWithin` takes a quarter of the time of
 * copying between buffers (bench/encode.ts).
 */

import type { RowCursor } from '../rows/block.ts'
import { varintLength, writeVarint } from '../rows/label-bytes.ts'
import type { MetricHead } from './otlp-metrics.ts'
import { dataPointTag, metricTag } from './otlp-metrics.ts'

const startTag = 0x11
const timeTag = 0x19
const doubleTag = 0x21
const flagsTag = 0x40
const noRecordedValue = 1
const fixed64Length = 9
const flagsLength = 2
/** Larger label bytes are not staged. */
const stagingLimit = 64 * 1024
/** Below this length a loop is as fast as a call. */
const loopLimit = 24
const nothing = Buffer.alloc(0)
const viewOf = ({ buffer, byteOffset, length }: Buffer) => new DataView(buffer, byteOffset, length)

export interface PointWriter {
  /** Sets the timestamp of the following points, in Unix milliseconds, and the buffer that they are written to. */
  begin(timestampMs: number, target: Buffer): void
  /** Releases the buffer. */
  end(): void
  /** The length of the row as a data point, with its tag and length. */
  pointLength(row: RowCursor, head: MetricHead): number
  /** The length of the row as a stale marker in its own Metric entry. */
  staleEntryLength(row: RowCursor, head: MetricHead): number
  /** The length of a Metric entry with `size` bytes of data points. */
  metricLength(head: MetricHead, size: number): number
  /** These write at `at` and return the offset after it. */
  writeMetricStart(head: MetricHead, size: number, at: number): number
  writeMetricEnd(head: MetricHead, at: number): number
  writePoint(row: RowCursor, head: MetricHead, at: number): number
  writeStaleEntry(row: RowCursor, head: MetricHead, at: number): number
  /** The number of bytes at the end of the target that a block needs for staging. */
  stagingLength(block: RowCursor): number
  /** Copies the label bytes of a block to `at`, from where the rows of this block are copied. */
  stage(block: RowCursor, at: number): void
}

export function createPointWriter(constantLabels: Uint8Array): PointWriter {
  let target: Buffer = nothing
  let view = viewOf(target)
  /** The low and the high half of the timestamp in nanoseconds. */
  let timeLow = 0
  let timeHigh = 0
  /** The offset in the target minus that in the block's buffer; undefined if not staged. */
  let shift: number | undefined

  const bodyLength = (row: RowCursor, head: MetricHead, value: number) =>
    (head.hasStart && row.startSeconds > 0 ? fixed64Length : 0) +
    fixed64Length +
    value +
    row.commonLength +
    (row.labelsEnd - row.labelsStart) +
    constantLabels.length
  const pointLengthOf = (body: number) => 1 + varintLength(body) + body
  const dataLengthOf = (head: MetricHead, size: number) => size + head.dataEnd.length
  const metricBodyLength = (head: MetricHead, data: number) => head.bytes.length + 1 + varintLength(data) + data

  /** The halves are truncated to 32 bits. */
  const writeFixed64 = (tag: number, low: number, high: number, at: number): number => {
    view.setUint8(at, tag)
    view.setUint32(at + 1, low, true)
    view.setUint32(at + 5, high, true)
    return at + fixed64Length
  }
  const writeStart = (seconds: number, at: number): number => {
    // Exact: at most 53 of the bits of the product are significant, since 1e9 is a multiple of 512.
    const nanoseconds = seconds * 1e9
    return writeFixed64(startTag, nanoseconds, nanoseconds / 2 ** 32, at)
  }
  const writeValue = (value: number, at: number): number => {
    view.setUint8(at, doubleTag)
    view.setFloat64(at + 1, value, true)
    return at + fixed64Length
  }
  /** The constant labels of a sorted row and its identity, which are staged together. */
  const writeCommon = (row: RowCursor, at: number): number => {
    const { constantsStart, constantsEnd, identityStart, identityEnd } = row
    if (shift === undefined) {
      const end = copy(row.constants, constantsStart, constantsEnd, target, at, undefined)
      return copy(row.bytes, identityStart, identityEnd, target, end, undefined)
    }
    const start = identityStart + shift - (constantsEnd - constantsStart)
    target.copyWithin(at, start, start + row.commonLength)
    return at + row.commonLength
  }
  const writeLabels = (row: RowCursor, at: number): number => {
    let end = row.isSorted
      ? writeCommon(row, at)
      : copy(row.bytes, row.identityStart, row.identityEnd, target, at, shift)
    end = copy(row.labels, row.labelsStart, row.labelsEnd, target, end, row.labels === row.bytes ? shift : undefined)
    return copy(constantLabels, 0, constantLabels.length, target, end, undefined)
  }
  const writeBody = (row: RowCursor, head: MetricHead, stale: boolean, at: number): number => {
    target[at] = dataPointTag
    let end = writeVarint(bodyLength(row, head, stale ? flagsLength : fixed64Length), target, at + 1)
    if (head.hasStart && row.startSeconds > 0) end = writeStart(row.startSeconds, end)
    end = writeFixed64(timeTag, timeLow, timeHigh, end)
    if (stale) {
      target[end] = flagsTag
      target[end + 1] = noRecordedValue
      return writeLabels(row, end + flagsLength)
    }
    return writeLabels(row, writeValue(row.value, end))
  }

  const writer: PointWriter = {
    begin(timestampMs, buffer) {
      const nanoseconds = BigInt(timestampMs) * 1_000_000n
      timeLow = Number(nanoseconds & 0xffffffffn)
      timeHigh = Number(nanoseconds >> 32n)
      target = buffer
      view = viewOf(buffer)
    },
    end() {
      target = nothing
      view = viewOf(nothing)
    },
    pointLength: (row, head) => pointLengthOf(bodyLength(row, head, fixed64Length)),
    staleEntryLength: (row, head) => writer.metricLength(head, pointLengthOf(bodyLength(row, head, flagsLength))),
    metricLength(head, size) {
      const body = metricBodyLength(head, dataLengthOf(head, size))
      return 1 + varintLength(body) + body
    },
    writeMetricStart(head, size, at) {
      const data = dataLengthOf(head, size)
      target[at] = metricTag
      const start = writeVarint(metricBodyLength(head, data), target, at + 1)
      target.set(head.bytes, start)
      const end = start + head.bytes.length
      target[end] = head.dataTag
      return writeVarint(data, target, end + 1)
    },
    writeMetricEnd(head, at) {
      return copy(head.dataEnd, 0, head.dataEnd.length, target, at, undefined)
    },
    writePoint: (row, head, at) => writeBody(row, head, false, at),
    writeStaleEntry(row, head, at) {
      const size = pointLengthOf(bodyLength(row, head, flagsLength))
      const end = writeBody(row, head, true, writer.writeMetricStart(head, size, at))
      return writer.writeMetricEnd(head, end)
    },
    stagingLength(block) {
      const length = stagedLength(block)
      return length > stagingLimit ? 0 : length
    },
    stage(block, at) {
      const constants = block.blockConstantsEnd - block.constantsStart
      shift = stagedLength(block) > stagingLimit ? undefined : at + constants - block.identityStart
      if (shift === undefined) return
      if (constants > 0) target.set(block.constants.subarray(block.constantsStart, block.blockConstantsEnd), at)
      target.set(block.bytes.subarray(block.identityStart, block.dictionaryEnd), at + constants)
    },
  }
  return writer
}

/** The length of the label bytes of the block that the cursor is in, with those of its constant labels. */
function stagedLength({ dictionaryEnd, identityStart, blockConstantsEnd, constantsStart }: RowCursor): number {
  return dictionaryEnd - identityStart + blockConstantsEnd - constantsStart
}

/** Copies `from[start, end)` to `at`, from the staged bytes if `shift` is given. */
function copy(
  from: Uint8Array,
  start: number,
  end: number,
  target: Buffer,
  at: number,
  shift: number | undefined,
): number {
  const length = end - start
  if (length <= loopLimit) {
    for (let i = 0; i < length; i++) target[at + i] = from[start + i] as number
  } else if (shift !== undefined) {
    target.copyWithin(at, start + shift, end + shift)
  } else {
    target.set(from.subarray(start, end), at)
  }
  return at + length
}
