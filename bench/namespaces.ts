/**
 * Memory of the program when it reads 300 namespaces one by one (6,012 lists and watches of 300 pods): the program runs in a
 * process of its own against a simulated API server over HTTP/2. Linux only: it reads /proc.
 *
 *     npm run bench -- namespaces [namespaces]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createApiServer } from '../simulator/api/api-server.ts'
import { builtInKinds } from '../simulator/api/built-in-kinds.ts'
import { createAuthority } from '../test/simulator/otlp/certificates.ts'
import { createPods } from './pod-of-ten-kilobytes.ts'
import { buildBundle } from './program/bundle.ts'
import { isReady, secondsSince, settleMs, until } from './program/phases.ts'
import { endProgramsOnSignals, startProgram } from './program/program.ts'

const count = Number(process.argv[2] ?? 300)
buildBundle()
endProgramsOnSignals()
const namespaces = Array.from({ length: count }, (_, i) => `namespace-${i}`)
const authority = createAuthority('bench')
const api = await createApiServer({ kinds: builtInKinds, tls: authority.issueLeaf('api'), authority: authority.cert })
for (const [i, namespace] of namespaces.entries()) {
  const pod = JSON.parse(createPods(1).json[0] as string)
  api.objects.create('namespaces', { metadata: { name: namespace } })
  api.objects.create('pods', { ...pod, metadata: { ...pod.metadata, namespace, name: `pod-${i}`, uid: `uid-${i}` } })
}
const folder = mkdtempSync(join(tmpdir(), 'bench-namespaces-'))
const kubeconfig = join(folder, 'kubeconfig')
writeFileSync(kubeconfig, api.kubeconfig())
const startedMs = performance.now()
const program = await startProgram({ kubeconfig, flags: [`--namespaces=${namespaces.join(',')}`], folder })
await until(program.peer, () => isReady(program.readyUrl))
const readySeconds = secondsSince(startedMs)
await sleep(settleMs)
const { cpuSeconds, peakBytes, residentBytes } = program.usage()
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`
console.log(`${count} namespaces, ${api.watches().length} watches`)
console.log(`ready after ${readySeconds.toFixed(1)} s, CPU ${cpuSeconds.toFixed(1)} s`)
console.log(`memory: peak ${megabytes(peakBytes)}, steady ${megabytes(residentBytes)}`)
await program.peer.stop()
await api.stop()
rmSync(folder, { recursive: true })
