/**
 * A full refresh of 500,000 series: this encoder with requests of 4 MiB, compared with the OpenTelemetry SDK (observable
 * instruments and its OTLP serializer) on the same pods. Measures the CPU time (minimum of several rounds) and the
 * additional memory, retained between exports and at the peak. Each path runs in its own process.
 * Run: node bench/encode.ts [series]
 */

import { execFileSync } from 'node:child_process'
import type { EncodedRequest, OtlpEncoder } from '../src/encoding/otlp-encoder.ts'
import { createOtlpEncoder } from '../src/encoding/otlp-encoder.ts'
import type { Engine } from '../src/runtime/engine.ts'
import type { KubernetesObject } from '../src/schemas/object-meta.ts'
import { liveBytes, mib } from './heap.ts'
import { createPodEngine, decodePods, podPlan, podsForSeries } from './many-pods.ts'
import { createSdkPath } from './sdk-path.ts'

const series = Number(process.argv[2] ?? 500_000)
const path = process.argv[3]
const maxBytes = 4 * 1024 * 1024

interface Outcome {
  readonly points: number
  readonly wireBytes: number
  /** CPU milliseconds of all threads. */
  readonly encodeMs: number
  /** In our path once per object and change, in the SDK's with every export. */
  readonly observeMs: number
  readonly retainedBytes: number
  readonly peakBytes: number
}

function cpuMs(since?: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1000
}

function runOurs(): Outcome {
  const objects = [...decodePods(podsForSeries(series))]
  const engine = createPodEngine()
  const beforeObserving = process.cpuUsage()
  for (const pod of objects) engine.upsert(0, pod)
  const observeMs = cpuMs(beforeObserving)
  objects.length = 0
  const warm = createPodEncoder(engine)
  let encodeMs = Number.POSITIVE_INFINITY
  let sum = { points: 0, wireBytes: 0 }
  for (let round = 0; round < 10; round++) {
    const start = process.cpuUsage()
    sum = { points: 0, wireBytes: 0 }
    for (const { points, bytes } of encodeAll(engine, warm)) {
      sum.points += points
      sum.wireBytes += bytes.length
    }
    encodeMs = Math.min(encodeMs, cpuMs(start))
  }
  const before = liveBytes()
  const encoder = createPodEncoder(engine)
  const requests = encodeAll(engine, encoder)
  // Two requests: one that is being sent, one that is ready.
  const held = [requests.next().value, requests.next().value]
  const peakBytes = liveBytes() - before
  held.length = 0
  requests.return(undefined)
  return { ...sum, encodeMs, observeMs, retainedBytes: liveBytes() - before, peakBytes }
}

function createPodEncoder({ store: { registry } }: Engine): OtlpEncoder {
  const resourceAttributes = [['service.name', 'kube-state-metrics']] as const
  return createOtlpEncoder({ registry, resourceAttributes, constantLabels: [], maxBytes })
}

function* encodeAll({ store }: Engine, encoder: OtlpEncoder): Generator<EncodedRequest, undefined> {
  const reader = store.reader(0)
  for (const slot of reader.slots()) {
    if (encoder.add(reader.bytes(slot), reader.offset(slot), false)) continue
    yield encoder.finish(Date.now())
    encoder.add(reader.bytes(slot), reader.offset(slot), false)
  }
  yield encoder.finish(Date.now())
}

async function runSdk(): Promise<Outcome> {
  const objects: KubernetesObject[] = [...decodePods(podsForSeries(series))]
  const before = liveBytes()
  const sdk = createSdkPath(podPlan[0] as (typeof podPlan)[number], objects)
  let encodeMs = Number.POSITIVE_INFINITY
  let observeMs = 0
  let sum = { points: 0, wireBytes: 0 }
  let peakBytes = 0
  for (let round = 0; round < 3; round++) {
    const start = process.cpuUsage()
    const metrics = await sdk.collect()
    const collected = cpuMs(start)
    const bytes = sdk.serialize(metrics)
    const all = cpuMs(start)
    if (all < encodeMs) [encodeMs, observeMs] = [all, collected]
    peakBytes = Math.max(peakBytes, liveBytes() - before)
    const points = metrics.scopeMetrics
      .flatMap((scope) => scope.metrics)
      .reduce((count, metric) => count + metric.dataPoints.length, 0)
    sum = { points, wireBytes: bytes.length }
  }
  return { ...sum, encodeMs, observeMs, retainedBytes: liveBytes() - before, peakBytes }
}

function measure(which: string): Outcome {
  const args = ['--max-old-space-size=6000', import.meta.filename, String(series), which]
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Outcome
}

function report(ours: Outcome, sdk: Outcome): void {
  const line = (name: string, ...cells: string[]) =>
    console.log(name.padEnd(36) + cells.map((cell) => cell.padStart(14)).join(''))
  const ratio = (ours: number, theirs: number) => `1 / ${(theirs / ours).toFixed(1)}`
  line('', 'ours', 'SDK', 'ratio')
  line('points', String(ours.points), String(sdk.points))
  line('bytes on the wire', mib(ours.wireBytes), mib(sdk.wireBytes))
  const cpu = (ms: number) => `${ms.toFixed(0)} ms`
  line('CPU of an export', cpu(ours.encodeMs), cpu(sdk.encodeMs), ratio(ours.encodeMs, sdk.encodeMs))
  const withObserving = ours.encodeMs + ours.observeMs
  line('CPU, had every object changed', cpu(withObserving), cpu(sdk.encodeMs), ratio(withObserving, sdk.encodeMs))
  line('memory at the peak', mib(ours.peakBytes), mib(sdk.peakBytes), ratio(ours.peakBytes, sdk.peakBytes))
  line('memory between exports', mib(ours.retainedBytes), mib(sdk.retainedBytes))
}

if (path === undefined) report(measure('ours'), measure('sdk'))
else console.log(JSON.stringify(path === 'ours' ? runOurs() : await runSdk()))
