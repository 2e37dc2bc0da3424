/**
 * The memory retained per series after pods were observed: heap, external memory and array buffers after a forced
 * collection, minus those of the idle process. Run: node bench/retained.ts [series] [ledgers]
 */

import { liveBytes, mib } from './heap.ts'
import { createPodEngine, decodePods, markerLimits, podsForSeries } from './many-pods.ts'

const wanted = Number(process.argv[2] ?? 500_000)
const ledgers = Number(process.argv[3] ?? 1)
const count = podsForSeries(wanted)
const idle = liveBytes()
const engine = createPodEngine()
for (let i = 0; i < ledgers; i++) engine.openLedger(markerLimits)
for (const pod of decodePods(count)) engine.upsert(0, pod)
const retained = liveBytes() - idle
const { store } = engine
const series = store.series(0)
const objects = store.objects(0)
const beside = retained - store.blockBytes

console.log(`${objects} pods, ${series} series`)
console.log(`retained       ${mib(retained)}, ${(retained / series).toFixed(1)} bytes per series`)
console.log(`  blocks       ${mib(store.blockBytes)}, ${(store.blockBytes / objects).toFixed(0)} bytes per object`)
console.log(`  beside them  ${mib(beside)}, ${(beside / objects).toFixed(0)} bytes per object`)
console.log(`RSS            ${mib(process.memoryUsage().rss)}`)
