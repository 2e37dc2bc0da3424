/**
 * Memory of the program when it reads 300 namespaces one by one (6,012 lists and watches of 300 pods): the program runs in a
 * process of its own against a simulated API server over HTTP/2. Linux only: it reads /proc. The sources take about 90 MB
 * more than the bundle: build it before.
 *
 *     node scripts/run.js bench/namespaces.ts [namespaces]
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createApiServer } from '../simulator/api/api-server.ts'
import { builtInKinds } from '../simulator/api/built-in-kinds.ts'
import { createAuthority } from '../test/simulator/otlp/certificates.ts'
import { createPods } from './pod-of-ten-kilobytes.ts'

const count = Number(process.argv[2] ?? 300)
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
const [port, telemetryPort] = [await freePort(), await freePort()]
const startedMs = performance.now()
const flags = [
  `--kubeconfig=${kubeconfig}`,
  `--namespaces=${namespaces.join(',')}`,
  '--host=127.0.0.1',
  `--port=${port}`,
  '--telemetry-host=127.0.0.1',
  `--telemetry-port=${telemetryPort}`,
  '--log-level=warn',
]
const program = spawn(process.execPath, [join(import.meta.dirname, '../bin/kube-state-otlp.js'), 'run', ...flags], {
  stdio: ['ignore', 'inherit', 'inherit'],
})
while (!(await isReady())) await sleep(200)
const readySeconds = (performance.now() - startedMs) / 1000
const watches = () => api.watches().length
await sleep(15_000)
console.log(`${count} namespaces, ${watches()} watches`)
console.log(`ready after ${readySeconds.toFixed(1)} s, CPU ${cpuSeconds().toFixed(1)} s`)
console.log(`memory: peak ${memoryMb('VmHWM')} MB, steady ${memoryMb('VmRSS')} MB`)
program.kill()
await once(program, 'exit')
await api.stop()
rmSync(folder, { recursive: true })

async function isReady(): Promise<boolean> {
  if (program.exitCode !== null) throw new Error('the program has ended')
  const response = await fetch(`http://127.0.0.1:${telemetryPort}/readyz`).catch(() => undefined)
  return response?.status === 200
}

function memoryMb(field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${program.pid}/status`, 'utf8')
  return Math.round(Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1024)
}

function cpuSeconds(): number {
  const fields = readFileSync(`/proc/${program.pid}/stat`, 'utf8').split(' ')
  return (Number(fields[13]) + Number(fields[14])) / 100
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
