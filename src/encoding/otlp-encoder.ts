/**
 * From row blocks to one ExportMetricsServiceRequest. Blocks are added until one does not fit; then
 * `finish` writes all their points, grouped by family, straight to their places. It keeps no block: between the first
 * `add` and `finish` the store must not change.
 */

import { RowCursor } from '../rows/block.ts'
import { encodeLabels, varintLength, writeVarint } from '../rows/label-bytes.ts'
import type { Registry } from '../rows/registry.ts'
import type { MetricHead } from './otlp-metrics.ts'
import { createMetricHead, encodeResource, resourceMetricsTag, scopeMetricsTag } from './otlp-metrics.ts'
import { createPointWriter } from './otlp-points.ts'

/** A request's bytes and what is in them. */
export interface EncodedRequest {
  readonly bytes: Buffer
  readonly points: number
  /** Points with the NO_RECORDED_VALUE flag, among `points`. */
  readonly staleMarkers: number
}

export interface OtlpEncoder {
  /** Adds a block, its rows as stale markers if `ended`. False, and nothing added, when the request is full. */
  add(bytes: Uint8Array, at: number, ended: boolean): boolean
  /** Writes the request with one timestamp for all points and begins anew. */
  finish(timestampMs: number): EncodedRequest
  /** Forgets what was added. */
  reset(): void
  /** Takes another limit in place of `maxBytes`. */
  limit(maxBytes: number): void
}

export interface OtlpEncoderOptions {
  /** Families are looked up by the numbers in rows; they may be registered later. */
  readonly registry: Pick<Registry, 'family' | 'shared'>
  readonly resourceAttributes: Iterable<readonly [string, string]>
  /** Labels that stand last on every point. */
  readonly constantLabels: Iterable<readonly [string, string]>
  /** No request is larger, but one that holds a single block. */
  readonly maxBytes: number
}

/** One family's share of the request that is being put together. */
interface Bucket {
  readonly family: number
  readonly head: MetricHead
  /** Bytes of its data points with their tags and lengths. */
  size: number
  /** Where its next point is written. */
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
  const { registry } = options
  const resourceField = encodeResource(options.resourceAttributes)
  /** By family. */
  const buckets: Bucket[] = []
  /** Buckets that got points. */
  let inUse: Bucket[] = []
  const cursor = new RowCursor(registry.shared)
  const writer = createPointWriter(encodeLabels(options.constantLabels))
  let maxBytes = options.maxBytes
  let blocks: AddedBlock[] = []
  let bound = requestOverhead + resourceField.length
  let points = 0
  let staleMarkers = 0
  let staleBytes = 0
  let largestStaging = 0

  const bucketOf = (family: number): Bucket => {
    const known = buckets[family]
    if (known !== undefined) return known
    const bucket = { family, head: createMetricHead(registry.family(family)), size: 0, at: 0 }
    buckets[family] = bucket
    return bucket
  }
  /** Adds (sign 1) or takes back (sign -1) a block's sizes; returns by how much the request grows at most. */
  const tally = ({ bytes, at, ended }: AddedBlock, sign: 1 | -1): number => {
    let growth = 0
    cursor.open(bytes, at)
    while (cursor.next()) {
      if (cursor.duplicate) continue
      const bucket = bucketOf(cursor.family)
      points += sign
      if (ended) {
        const size = writer.staleEntryLength(cursor, bucket.head)
        staleMarkers += sign
        staleBytes += sign * size
        growth += size
      } else {
        const size = writer.pointLength(cursor, bucket.head)
        if (bucket.size === 0) {
          growth += bucket.head.bytes.length + metricOverhead
          inUse.push(bucket)
        }
        bucket.size += sign * size
        growth += size
      }
    }
    return growth
  }
  const begin = () => {
    for (const bucket of inUse) bucket.size = 0
    inUse = []
    blocks = []
    bound = requestOverhead + resourceField.length
    points = staleMarkers = staleBytes = largestStaging = 0
  }

  /** Sets each bucket's place and returns the length of all Metric entries, stale ones included. */
  const layOut = (): number => {
    let length = staleBytes
    for (const { head, size } of inUse) length += writer.metricLength(head, size)
    return length
  }
  const writeMetrics = (target: Buffer, start: number) => {
    let at = start
    for (const bucket of inUse) {
      bucket.at = writer.writeMetricStart(bucket.head, bucket.size, target, at)
      at = writer.writeMetricEnd(bucket.head, target, bucket.at + bucket.size)
    }
    let staleAt = at
    for (const { bytes, at: block, ended } of blocks) {
      cursor.open(bytes, block)
      writer.stage(cursor, target, target.length - largestStaging)
      while (cursor.next()) {
        if (cursor.duplicate) continue
        const bucket = bucketOf(cursor.family)
        if (ended) staleAt = writer.writeStaleEntry(cursor, bucket.head, target, staleAt)
        else bucket.at = writer.writePoint(cursor, bucket.head, target, bucket.at)
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
      // A block that did not fit has left buckets empty, or named them twice.
      inUse = [...new Set(inUse)].filter(({ size }) => size > 0).sort((a, b) => a.family - b.family)
      const metrics = layOut()
      const scope = 1 + varintLength(metrics) + metrics
      const body = resourceField.length + scope
      const total = 1 + varintLength(body) + body
      const target = Buffer.allocUnsafeSlow(total + largestStaging)
      target[0] = resourceMetricsTag
      let at = writeVarint(body, target, 1)
      target.set(resourceField, at)
      at += resourceField.length
      target[at++] = scopeMetricsTag
      at = writeVarint(metrics, target, at)
      writer.begin(timestampMs)
      writeMetrics(target, at)
      const request = { bytes: target.subarray(0, total), points, staleMarkers }
      begin()
      return request
    },
    reset: begin,
    limit(bytes) {
      maxBytes = bytes
    },
  }
}
