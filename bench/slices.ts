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

const count = Number(process.argv[2] ?? 50_000)
const maxBytes = 4 * 1024 * 1024
const sliceBytes = 256 * 1024
const listPage = 500
const removalsPerStep = 500
const admissionsPerStep = 5_000

interface Slices {
  count: number
  cpuMs: number
  longestMs: number
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

/** Runs one slice. A slice with a garbage collection, as reported by the observer, does not count as the longest. */
async function slice<T>(name: string, run: () => T): Promise<T> {
  kind = name
  const of = kinds.get(name) ?? { count: 0, cpuMs: 0, longestMs: 0, longestGcMs: 0 }
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
  const ms = (user + system) / 1000
  of.count++
  of.cpuMs += ms
  of.longestMs = Math.max(of.longestMs, ms - collected.ms)
  return result
}

const engine = createPodEngine()
const { store } = engine
const ledger = engine.openLedger(markerLimits)
const resourceAttributes = [['service.name', 'kube-state-metrics']] as const
const encoder = createOtlpEncoder({ registry: store.registry, resourceAttributes, constantLabels: [], maxBytes })

async function putAll(name: string): Promise<void> {
  let page = []
  for (const pod of decodePods(count)) {
    page.push(pod)
    if (page.length < listPage) continue
    const full = page
    page = []
    await slice(name, () => full.forEach((one) => void engine.upsert(0, one)))
  }
}

async function sendAll(name: string): Promise<void> {
  const everything = { markers: true, changes: true, refreshBefore: 0, refreshRows: 0 }
  for (let more = true; more; ) {
    const batch = await slice(`${name}: take and encode 4 MiB`, () => {
      const taken = ledger.take(everything, encoder.add)?.batch
      if (taken !== undefined) encoder.finish(Date.now())
      return taken
    })
    more = batch !== undefined
    if (more) await slice(`${name}: acknowledge`, () => (batch as Batch).acknowledge(performance.now()))
  }
}

await putAll(`put a page of ${listPage}`)
const admission = store.markSynced(0, admissionsPerStep)
for (let done = false; !done; ) done = (await slice('mark synced', () => admission.next())).done === true
await sendAll('changes')
const page = createExposition(store, { sliceBytes })({ format: 'text', includes: () => true })
for (let done = false; !done; ) done = (await slice(`page, ${sliceBytes / 1024} KiB`, () => page.next())).done === true
await putAll(`put it again, unchanged`)
const epoch = store.beginRelist()
const missing = store.removeMissing(0, epoch, undefined, () => 'deleted', removalsPerStep)
for (let done = false; !done; ) {
  done = (await slice(`remove ${removalsPerStep} after a relist`, () => missing.next())).done === true
}
await sendAll('stale markers')
collections.disconnect()

const line = (name: string, ...cells: string[]) =>
  console.log(name.padEnd(40) + cells.map((cell) => cell.padStart(12)).join(''))
line(`${count} pods`, 'slices', 'mean ms', 'longest ms', 'longest GC')
for (const [name, { count: slices, cpuMs, longestMs, longestGcMs }] of kinds) {
  line(name, String(slices), (cpuMs / slices).toFixed(2), longestMs.toFixed(2), longestGcMs.toFixed(2))
}
