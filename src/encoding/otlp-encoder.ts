/**
 * Encodes row blocks to one ExportMetricsServiceRequest. Blocks are added until one does not fit; then `finish` writes
 * all their points, grouped by family, directly to their final positions. Blocks are not copied, so the store must not
 * change between the first `add` and `finish`.
 */

import { RowCursor } from '../rows/block.ts'
import { encodeLabels, varintLength, writeVarint } from '../rows/label-bytes.ts'
import type { Registry } from '../rows/registry.ts'
import type { MetricHead } from './otlp-metrics.ts'
import { createMetricHead, encodeResource, resourceMetricsTag, scopeMetricsTag } from './otlp-metrics.ts'
import { createPointWriter } from './otlp-points.ts'
import { createSpareBuffers } from './spare-buffers.ts'

/** The bytes of a request and its counts. */
export interface EncodedRequest {
  /** Nothing else uses the memory, until the request is passed to `recycle`. */
  readonly bytes: Buffer
  readonly points: number
  /** Points with the NO_RECORDED_VALUE flag, among `points`. */
  readonly staleMarkers: number
}

export interface OtlpEncoder {
  /** Adds a block, with its rows as stale markers if `ended`. Returns false without adding it if the request is full. */
  add(bytes: Uint8Array, at: number, ended: boolean): boolean
  /** Writes the request with one timestamp for all points, and starts a new one. */
  finish(timestampMs: number): EncodedRequest
  /** The memory of a finished request may be used for another one: nothing reads its bytes any more. */
  recycle(request: EncodedRequest): void
  /** Discards the added blocks. */
  reset(): void
  /** Replaces `maxBytes`. */
  limit(maxBytes: number): void
}

export interface OtlpEncoderOptions {
  /** Families are looked up by their numbers in rows; they may be registered later. */
  readonly registry: Pick<Registry, 'family' | 'shared'>
  readonly resourceAttributes: Iterable<readonly [string, string]>
  /** Additional labels, which are the last ones on every point. */
  readonly constantLabels: Iterable<readonly [string, string]>
  /** The maximum size of a request, except one with a single block. */
  readonly maxBytes: number
  /** Rows of other families are left out; all by default. */
  readonly includesFamily?: ((family: number) => boolean) | undefined
}

/** The part of one family in the request. */
interface Bucket {
  readonly family: number
  readonly head: MetricHead
  readonly isIncluded: boolean
  /** Whether it is listed for the request; it may be empty, because of a block that did not fit. */
  listed: boolean
  /** The size of its data points with their tags and lengths. */
  size: number
  /** The offset of its next point. */
  at: number
}

interface AddedBlock {
  readonly bytes: Uint8Array
  readonly at: number
  readonly ended: boolean
}

const requestOverhead = 32
const metricOverhead = 24

export function createOtlpEncoder(options: OtlpEncoderOptions): OtlpEncoder {
  const { registry, includesFamily = () => true } = options
  const resourceField = encodeResource(options.resourceAttributes)
  /** By family. */
  const buckets: Bucket[] = []
  // These lists are emptied, not replaced: V8 optimizes once for what they hold (bench/slices.ts).
  const listed: Bucket[] = []
  const blocks: AddedBlock[] = []
  const cursor = new RowCursor(registry.shared)
  const writer = createPointWriter(encodeLabels(options.constantLabels))
  const buffers = createSpareBuffers()
  let maxBytes = options.maxBytes
  let bound = requestOverhead + resourceField.length
  let points = 0
  let staleMarkers = 0
  let staleBytes = 0
  let largestStaging = 0

  const addBucket = (family: number): Bucket => {
    const head = createMetricHead(registry.family(family))
    const bucket = { family, head, isIncluded: includesFamily(family), listed: false, size: 0, at: 0 }
    buckets[family] = bucket
    return bucket
  }
  const list = (bucket: Bucket) => {
    bucket.listed = true
    listed.push(bucket)
  }
  /** Adds (sign 1) or subtracts (sign -1) the sizes of a block. Returns the maximum growth of the request. */
  const tally = ({ bytes, at, ended }: AddedBlock, sign: 1 | -1): number => {
    let growth = 0
    cursor.open(bytes, at)
    while (cursor.next()) {
      if (cursor.duplicate) continue
      const bucket = buckets[cursor.family] ?? addBucket(cursor.family)
      if (!bucket.isIncluded) continue
      points += sign
      if (ended) {
        const size = writer.staleEntryLength(cursor, bucket.head)
        staleMarkers += sign
        staleBytes += sign * size
        growth += size
      } else {
        const size = writer.pointLength(cursor, bucket.head)
        if (bucket.size === 0) growth += bucket.head.bytes.length + metricOverhead
        if (!bucket.listed) list(bucket)
        bucket.size += sign * size
        growth += size
      }
    }
    return growth
  }
  const begin = () => {
    for (const bucket of listed) {
      bucket.listed = false
      bucket.size = 0
    }
    listed.length = 0
    blocks.length = 0
    bound = requestOverhead + resourceField.length
    points = staleMarkers = staleBytes = largestStaging = 0
  }

  /** The length of all Metric entries, stale markers included. */
  const metricsLength = (inUse: readonly Bucket[]): number => {
    let length = staleBytes
    for (const { head, size } of inUse) length += writer.metricLength(head, size)
    return length
  }
  const writeMetrics = (inUse: readonly Bucket[], stagingAt: number, start: number) => {
    let at = start
    for (const bucket of inUse) {
      bucket.at = writer.writeMetricStart(bucket.head, bucket.size, at)
      at = writer.writeMetricEnd(bucket.head, bucket.at + bucket.size)
    }
    let staleAt = at
    for (const { bytes, at: block, ended } of blocks) {
      cursor.open(bytes, block)
      writer.stage(cursor, stagingAt)
      while (cursor.next()) {
        if (cursor.duplicate) continue
        const bucket = buckets[cursor.family] as Bucket
        if (!bucket.isIncluded) continue
        if (ended) staleAt = writer.writeStaleEntry(cursor, bucket.head, staleAt)
        else bucket.at = writer.writePoint(cursor, bucket.head, bucket.at)
      }
    }
  }

  return {
    add(bytes, at, ended) {
      const block = { bytes, at, ended }
      const growth = tally(block, 1)
      if (bound + growth > maxBytes && blocks.length > 0) {
        tally(block, -1)
        return false
      }
      bound += growth
      largestStaging = Math.max(largestStaging, writer.stagingLength(cursor))
      blocks.push(block)
      return true
    },
    finish(timestampMs) {
      const inUse = listed.filter(({ size }) => size > 0).sort((a, b) => a.family - b.family)
      const metrics = metricsLength(inUse)
      const scope = 1 + varintLength(metrics) + metrics
      const body = resourceField.length + scope
      const total = 1 + varintLength(body) + body
      const target = buffers.take(total + largestStaging)
      target[0] = resourceMetricsTag
      let at = writeVarint(body, target, 1)
      target.set(resourceField, at)
      at += resourceField.length
      target[at++] = scopeMetricsTag
      at = writeVarint(metrics, target, at)
      writer.begin(timestampMs, target)
      writeMetrics(inUse, total, at)
      writer.end()
      // Not `bytes` first: V8 would take this for the shape of an added block, whose `bytes` are never a Buffer, and discard
      // the optimized code of this file after the first request.
      const request = { points, staleMarkers, bytes: target.subarray(0, total) }
      begin()
      return request
    },
    recycle: ({ bytes }) => buffers.give(bytes),
    reset: begin,
    limit(bytes) {
      maxBytes = bytes
    },
  }
}
