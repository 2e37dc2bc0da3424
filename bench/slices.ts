/**
 * The longest synchronous slice of each kind of work on 50,000 pods: CPU time of the main thread without garbage collection.
 * A slice is the work between two yields to the event loop. Run: node bench/slices.ts [pods]
 */

import { PerformanceObserver } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import { createOtlpEncoder } from '../src/encoding/otlp-encoder.ts'
import { createExposition } from '../src/server/exposition.ts'
import type { Batch } from '../src/store/batch.ts'
import { createPodEngine, decodePods, markerLimits } from './many-pods.ts'
import { quantile } from './program/quantile.ts'

const count = Number(process.argv[2] ?? 50_000)
/** The default of `otlp.max_request_bytes`. */
const maxBytes = 1_000_000
const sliceBytes = 256 * 1024
/** The reader of lists yields after this time, before the next object. */
const readMs = 5
const removalsPerStep = 500
const admissionsPerStep = 5_000

interface Slices {
  /** CPU time of each, without garbage collection. */
  readonly ms: number[]
  longestGcMs: number
}

const kinds = new Map<string, Slices>()
let kind = ''
const collections = new PerformanceObserver((list) => {
  const of = kinds.get(kind)
  if (of === undefined) return
  for (const { duration } of list.getEntries()) of.longestGcMs = Math.max(of.longestGcMs, duration)
})
collections.observe({ entryTypes: ['gc'] })

/** Runs one slice. What the observer reports as garbage collection does not count. */
async function slice<T>(name: string, run: () => T): Promise<T> {
  kind = name
  const of = kinds.get(name) ?? { ms: [], longestGcMs: 0 }
  kinds.set(name, of)
  const collected = { ms: 0 }
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) collected.ms += duration
  })
  observer.observe({ entryTypes: ['gc'] })
  const before = process.threadCpuUsage()
  const result = run()
  const { user, system } = process.threadCpuUsage(before)
  await setImmediate()
  observer.disconnect()
  of.ms.push(Math.max(0, (user + system) / 1000 - collected.ms))
  return result
}

const engine = createPodEngine()
const { store } = engine
const ledger = engine.openLedger(markerLimits)
const resourceAttributes = [['service.name', 'kube-state-metrics']] as const
const encoder = createOtlpEncoder({ registry: store.registry, resourceAttributes, constantLabels: [], maxBytes })

async function putAll(name: string): Promise<void> {
  const pods = decodePods(count)
  for (let isDone = false; !isDone; ) {
    isDone = await slice(name, () => {
      const endMs = performance.now() + readMs
      let next = pods.next()
      for (; !next.done; next = pods.next()) {
        engine.upsert(0, next.value)
        if (performance.now() >= endMs) break
      }
      return next.done === true
    })
  }
}

async function sendAll(name: string): Promise<void> {
  const everything = { markers: true, changes: true, refreshBefore: 0, refreshRows: 0 }
  for (let more = true; more; ) {
    const batch = await slice(`${name}: take and encode 1 MB`, () => {
      const taken = ledger.take(everything, encoder.add)?.batch
      if (taken !== undefined) encoder.finish(Date.now())
      return taken
    })
    more = batch !== undefined
    if (more) await slice(`${name}: acknowledge`, () => (batch as Batch).acknowledge(performance.now()))
  }
}

await putAll(`decode and put for ${readMs} ms`)
const admission = store.markSynced(0, admissionsPerStep)
for (let done = false; !done; ) done = (await slice('mark synced', () => admission.next())).done === true
await sendAll('changes')
const page = createExposition(store, { sliceBytes })({ format: 'text', includes: () => true })
for (let done = false; !done; ) done = (await slice(`page, ${sliceBytes / 1024} KiB`, () => page.next())).done === true
await putAll('the same again, unchanged')
const epoch = store.beginRelist()
const missing = store.removeMissing(0, epoch, undefined, () => 'deleted', removalsPerStep)
for (let done = false; !done; ) {
  done = (await slice(`remove ${removalsPerStep} after a relist`, () => missing.next())).done === true
}
await sendAll('stale markers')
collections.disconnect()

const line = (name: string, ...cells: string[]) =>
  console.log(name.padEnd(40) + cells.map((cell) => cell.padStart(12)).join(''))
const ascending = (values: readonly number[]) => values.toSorted((a, b) => a - b)
line(`${count} pods`, 'slices', 'mean ms', 'p99.9 ms', 'longest ms', 'longest GC')
let all: number[] = []
for (const [name, { ms, longestGcMs }] of kinds) {
  const sorted = ascending(ms)
  const mean = ms.reduce((sum, one) => sum + one, 0) / ms.length
  const figures = [mean, quantile(sorted, 0.999), quantile(sorted, 1), longestGcMs]
  line(name, String(ms.length), ...figures.map((figure) => figure.toFixed(2)))
  all = all.concat(ms)
}
const overall = quantile(ascending(all), 0.999)
line('all', String(all.length), '', overall.toFixed(2))
