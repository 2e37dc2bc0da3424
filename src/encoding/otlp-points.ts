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

export interface PointWriter {
  /** Sets the timestamp of the following points, in Unix milliseconds. */
  begin(timestampMs: number): void
  /** The length of the row as a data point, with its tag and length. */
  pointLength(row: RowCursor, head: MetricHead): number
  /** The length of the row as a stale marker in its own Metric entry. */
  staleEntryLength(row: RowCursor, head: MetricHead): number
  /** The length of a Metric entry with `size` bytes of data points. */
  metricLength(head: MetricHead, size: number): number
  /** These write at `at` and return the offset after it. */
  writeMetricStart(head: MetricHead, size: number, target: Buffer, at: number): number
  writeMetricEnd(head: MetricHead, target: Buffer, at: number): number
  writePoint(row: RowCursor, head: MetricHead, target: Buffer, at: number): number
  writeStaleEntry(row: RowCursor, head: MetricHead, target: Buffer, at: number): number
  /** The number of bytes at the end of the target that a block needs for staging. */
  stagingLength(block: RowCursor): number
  /** Copies the label bytes of a block to `at`, from where the rows of this block are copied. */
  stage(block: RowCursor, target: Buffer, at: number): void
}

export function createPointWriter(constantLabels: Uint8Array): PointWriter {
  const time = Buffer.alloc(8)
  const number = new Float64Array(1)
  const numberBytes = new Uint8Array(number.buffer)
  /** The offset in the target minus that in the block's buffer; undefined if not staged. */
  let shift: number | undefined

  const bodyLength = (row: RowCursor, head: MetricHead, value: number) =>
    (head.hasStart && row.startSeconds > 0 ? fixed64Length : 0) +
    fixed64Length +
    value +
    (row.identityEnd - row.identityStart) +
    (row.labelsEnd - row.labelsStart) +
    constantLabels.length
  const pointLengthOf = (body: number) => 1 + varintLength(body) + body
  const dataLengthOf = (head: MetricHead, size: number) => size + head.dataEnd.length
  const metricBodyLength = (head: MetricHead, data: number) => head.bytes.length + 1 + varintLength(data) + data

  const writeStart = (seconds: number, target: Buffer, at: number): number => {
    target[at] = startTag
    target.writeBigUInt64LE(BigInt(seconds) * 1_000_000_000n, at + 1)
    return at + fixed64Length
  }
  const writeEight = (tag: number, bytes: Uint8Array, target: Buffer, at: number): number => {
    target[at] = tag
    for (let i = 0; i < 8; i++) target[at + 1 + i] = bytes[i] as number
    return at + fixed64Length
  }
  const writeLabels = (row: RowCursor, target: Buffer, at: number): number => {
    let end = copy(row.bytes, row.identityStart, row.identityEnd, target, at, shift)
    end = copy(row.labels, row.labelsStart, row.labelsEnd, target, end, row.labels === row.bytes ? shift : undefined)
    return copy(constantLabels, 0, constantLabels.length, target, end, undefined)
  }
  const writeBody = (row: RowCursor, head: MetricHead, stale: boolean, target: Buffer, at: number): number => {
    target[at] = dataPointTag
    let end = writeVarint(bodyLength(row, head, stale ? flagsLength : fixed64Length), target, at + 1)
    if (head.hasStart && row.startSeconds > 0) end = writeStart(row.startSeconds, target, end)
    end = writeEight(timeTag, time, target, end)
    if (stale) {
      target[end] = flagsTag
      target[end + 1] = noRecordedValue
      return writeLabels(row, target, end + flagsLength)
    }
    number[0] = row.value
    return writeLabels(row, target, writeEight(doubleTag, numberBytes, target, end))
  }

  const writer: PointWriter = {
    begin(timestampMs) {
      time.writeBigUInt64LE(BigInt(timestampMs) * 1_000_000n)
    },
    pointLength: (row, head) => pointLengthOf(bodyLength(row, head, fixed64Length)),
    staleEntryLength: (row, head) => writer.metricLength(head, pointLengthOf(bodyLength(row, head, flagsLength))),
    metricLength(head, size) {
      const body = metricBodyLength(head, dataLengthOf(head, size))
      return 1 + varintLength(body) + body
    },
    writeMetricStart(head, size, target, at) {
      const data = dataLengthOf(head, size)
      target[at] = metricTag
      const start = writeVarint(metricBodyLength(head, data), target, at + 1)
      target.set(head.bytes, start)
      const end = start + head.bytes.length
      target[end] = head.dataTag
      return writeVarint(data, target, end + 1)
    },
    writeMetricEnd(head, target, at) {
      return copy(head.dataEnd, 0, head.dataEnd.length, target, at, undefined)
    },
    writePoint: (row, head, target, at) => writeBody(row, head, false, target, at),
    writeStaleEntry(row, head, target, at) {
      const size = pointLengthOf(bodyLength(row, head, flagsLength))
      const end = writeBody(row, head, true, target, writer.writeMetricStart(head, size, target, at))
      return writer.writeMetricEnd(head, target, end)
    },
    stagingLength(block) {
      const length = block.dictionaryEnd - block.identityStart
      return length > stagingLimit ? 0 : length
    },
    stage(block, target, at) {
      const length = block.dictionaryEnd - block.identityStart
      shift = length > stagingLimit ? undefined : at - block.identityStart
      if (shift !== undefined) target.set(block.bytes.subarray(block.identityStart, block.dictionaryEnd), at)
    },
  }
  return writer
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
