/**
 * Requests decoded by another implementation: every point has its place, time and value, and no request is too large.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DecodedMetric, DecodedPoint } from '../../simulator/otlp/metrics-decoder.ts'
import { decodeMetrics } from '../../simulator/otlp/metrics-decoder.ts'
import { createOtlpEncoder } from '../../src/encoding/otlp-encoder.ts'
import type { Gadget, Sample } from './gadgets.ts'
import { anyGadget, blockOf, createGadget, help, layout, registry, samplesOf } from './gadgets.ts'

const constantLabels = [
  ['cluster', 'ä'],
  ['env', 'x'.repeat(30)],
] as const
const resourceAttributes = [['service.name', 'kube-state-metrics']] as const
const timestampMs = 1_763_000_000_123

function createEncoder(maxBytes = 4 * 1024 * 1024) {
  return createOtlpEncoder({ registry, resourceAttributes, constantLabels, maxBytes })
}

/** The metrics of a request, after a look at all that stands around them. */
function metricsOf(bytes: Uint8Array): DecodedMetric[] {
  const [first, ...more] = decodeMetrics(bytes)
  expect(more).toEqual([])
  expect(first?.attributes).toEqual(resourceAttributes)
  expect(first?.scopes).toHaveLength(1)
  const [scope] = first?.scopes ?? []
  expect(scope).toMatchObject({ name: '', version: '', attributes: [] })
  for (const { description, unit, metadata } of scope?.metrics ?? []) {
    expect([description, unit, metadata]).toEqual([help, '', []])
  }
  return scope?.metrics ?? []
}

function expectedPoint({ family, value, labels }: Sample, { metadata }: Gadget, stale: boolean): DecodedPoint {
  const isCounter = family === 'gadget_restarts_total'
  return {
    attributes: [...labels, ...constantLabels].map(([name, text]) => [name, text]),
    timeUnixNano: BigInt(timestampMs) * 1_000_000n,
    startTimeUnixNano: isCounter ? BigInt(metadata.creationTimestamp ?? 0) * 1_000_000_000n : 0n,
    value: stale ? Number.NaN : value,
    noRecordedValue: stale,
  }
}

function expectedMetric(family: string, points: DecodedPoint[]) {
  const isCounter = family === 'gadget_restarts_total'
  const type = isCounter ? 'sum' : 'gauge'
  return { name: family, type, monotonic: isCounter, temporality: isCounter ? 'cumulative' : 'unspecified', points }
}

const unique = (gadget: Gadget) => samplesOf(gadget).filter(({ duplicate }) => !duplicate)
const families = layout.families.map(({ family }) => family.name)

describe('OTLP requests', () => {
  test('hold one Metric per family with all its points, and one for each stale marker', () => {
    const encoder = createEncoder()
    const objects = fc.array(fc.record({ gadget: anyGadget, ended: fc.boolean() }), { minLength: 1, maxLength: 8 })
    const property = fc.property(objects, (all) => {
      for (const { gadget, ended } of all) {
        const { bytes, at } = blockOf(gadget)
        expect(encoder.add(bytes, at, ended)).toBe(true)
      }
      const request = encoder.finish(timestampMs)
      const live = families.map((family) =>
        all
          .filter(({ ended }) => !ended)
          .flatMap(({ gadget }) =>
            unique(gadget)
              .filter((sample) => sample.family === family)
              .map((sample) => expectedPoint(sample, gadget, false)),
          ),
      )
      const stale = all
        .filter(({ ended }) => ended)
        .flatMap(({ gadget }) =>
          unique(gadget).map((sample) => expectedMetric(sample.family, [expectedPoint(sample, gadget, true)])),
        )
      const grouped = families
        .map((family, i) => expectedMetric(family, live[i] as DecodedPoint[]))
        .filter(({ points }) => points.length > 0)
      expect(metricsOf(request.bytes)).toEqual([...grouped, ...stale].map((metric) => expect.objectContaining(metric)))
      expect(request.staleMarkers).toBe(stale.length)
      expect(request.points).toBe(stale.length + live.flat().length)
      expect(encoder.finish(timestampMs).points).toBe(0)
    })
    fc.assert(property, { numRuns: 80 })
  })

  test('are at most as large as allowed, except with a single block, and contain every block once', () => {
    const many = fc.array(anyGadget, { minLength: 1, maxLength: 30, size: 'max' })
    const property = fc.property(many, fc.integer({ min: 300, max: 40_000 }), fc.boolean(), (all, maxBytes, ended) => {
      const encoder = createEncoder(maxBytes)
      const sizes: number[] = []
      let points = 0
      const finish = (blocks: number) => {
        const request = encoder.finish(timestampMs)
        if (blocks > 1) expect(request.bytes.length).toBeLessThanOrEqual(maxBytes)
        const decoded = metricsOf(request.bytes).reduce((sum, metric) => sum + metric.points.length, 0)
        expect(decoded).toBe(request.points)
        points += decoded
        sizes.push(request.bytes.length)
      }
      let blocks = 0
      for (const gadget of all) {
        const { bytes, at } = blockOf(gadget)
        if (!encoder.add(bytes, at, ended)) {
          expect(blocks).toBeGreaterThan(0)
          finish(blocks)
          blocks = 0
          expect(encoder.add(bytes, at, ended)).toBe(true)
        }
        blocks++
      }
      finish(blocks)
      expect(points).toBe(all.flatMap(unique).length)
    })
    fc.assert(property, { numRuns: 80 })
  })

  test('are filled: 4 MiB of small blocks leave less than 1 % empty', () => {
    const encoder = createEncoder()
    const { bytes, at } = blockOf(createGadget({ free: [[1, [['l', 'x']]]], counted: [[5, 'c']], phase: 'On' }))
    while (encoder.add(bytes, at, false));
    const { length } = encoder.finish(timestampMs).bytes
    expect(length).toBeLessThanOrEqual(4 * 1024 * 1024)
    expect(length).toBeGreaterThan(0.99 * 4 * 1024 * 1024)
  })

  test('take another limit', () => {
    const encoder = createEncoder(100_000)
    const { bytes, at } = blockOf(createGadget({ phase: 'On' }))
    encoder.limit(100)
    expect(encoder.add(bytes, at, false)).toBe(true)
    expect(encoder.add(bytes, at, false)).toBe(false)
    encoder.limit(100_000)
    expect(encoder.add(bytes, at, false)).toBe(true)
  })

  test('forget what was added before a reset', () => {
    const encoder = createEncoder()
    const [first, second] = [createGadget({ name: 'a', phase: 'On' }), createGadget({ name: 'b', counted: [[3, 'c']] })]
    for (const ended of [false, true]) encoder.add(blockOf(first).bytes, blockOf(first).at, ended)
    encoder.reset()
    expect(encoder.finish(timestampMs).points).toBe(0)
    const { bytes, at } = blockOf(second)
    encoder.add(bytes, at, false)
    const request = encoder.finish(timestampMs)
    expect([request.points, request.staleMarkers]).toEqual([1, 0])
    expect(metricsOf(request.bytes)).toHaveLength(1)
  })

  test('copy label sets of more than 64 KiB', () => {
    const encoder = createEncoder()
    const gadget = createGadget({
      free: [
        [1, [['l', 'x'.repeat(70_000)]]],
        [2, [['l', 'y'.repeat(70_000)]]],
      ],
    })
    const { bytes, at } = blockOf(gadget)
    encoder.add(bytes, at, false)
    const points = metricsOf(encoder.finish(timestampMs).bytes).flatMap((metric) => metric.points)
    expect(points).toEqual(unique(gadget).map((sample) => expectedPoint(sample, gadget, false)))
  })
})
