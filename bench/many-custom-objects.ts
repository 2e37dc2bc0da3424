/**
 * The program with 100,000 custom objects of 5 KB, beside the same number of Deployments in JSON with the same content and
 * series: CPU and memory of a process of its own, less those of one without objects, until all series are in the store. The
 * API server is simulated, over HTTP/2 with TLS. Linux only: it reads /proc. Build before: the bundle runs if there is one.
 *
 *     node scripts/run.js bench/many-custom-objects.ts [objects]
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
import { createAuthority } from '../test/simulator/otlp/certificates.ts'
import { createObject, rules } from './cranes.ts'

const count = Number(process.argv[2] ?? 100_000)
const seriesPerObject = 19
/** How long the program is left alone before its memory is read. */
const settleMs = 15_000

const namespacedKind = (plural: string, apiVersion: string, kind: string) => ({
  plural,
  apiVersion,
  kind,
  namespaced: true,
})
/** Without schemas, so that the server has them as JSON alone. */
const kinds = [
  namespacedKind('deployments', 'apps/v1', 'Deployment'),
  namespacedKind('cranes', 'harbour.example/v1', 'Crane'),
  {
    plural: 'customresourcedefinitions',
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    namespaced: false,
  },
]
const definition = {
  metadata: { name: 'cranes.harbour.example', uid: 'definition' },
  spec: {
    group: 'harbour.example',
    scope: 'Namespaced',
    names: { kind: 'Crane', plural: 'cranes' },
    versions: [{ name: 'v1', served: true, storage: true }],
  },
  status: { conditions: [{ type: 'Established', status: 'True' }] },
}

const folder = mkdtempSync(join(tmpdir(), 'bench-custom-objects-'))
const rulesFile = join(folder, 'rules.yaml')
writeFileSync(rulesFile, rules)
const flagsOf = {
  deployments: ['--resources=deployments'],
  cranes: ['--custom-resource-state-only', `--custom-resource-state-config-file=${rulesFile}`],
}
type Plural = keyof typeof flagsOf

interface Cost {
  readonly cpuSeconds: number
  readonly seconds: number
  readonly peakBytes: number
  readonly steadyBytes: number
}

/** Runs the program until it has the series of so many objects. */
async function run(plural: Plural, objects: number): Promise<Cost> {
  const authority = createAuthority('bench')
  const api = await createApiServer({ kinds, tls: authority.issueLeaf('api'), authority: authority.cert })
  api.objects.create('customresourcedefinitions', definition)
  for (let i = 0; i < objects; i++) api.objects.create(plural, createObject(i))
  const kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, api.kubeconfig())
  const [port, telemetryPort] = [await freePort(), await freePort()]
  const listening = [
    '--host=127.0.0.1',
    `--port=${port}`,
    '--telemetry-host=127.0.0.1',
    `--telemetry-port=${telemetryPort}`,
  ]
  const startedMs = performance.now()
  const program = spawn(
    process.execPath,
    [
      '--max-semi-space-size=4',
      join(import.meta.dirname, '../bin/kube-state-otlp.js'),
      'run',
      ...[`--kubeconfig=${kubeconfig}`, '--log-level=warn', ...listening, ...flagsOf[plural]],
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  )
  const pid = program.pid as number
  const hasAll = async () => {
    if (program.exitCode !== null) throw new Error('the program has ended')
    return (await seriesOn(telemetryPort)) === objects * seriesPerObject && (await isReady(telemetryPort))
  }
  while (!(await hasAll())) await sleep(200)
  const seconds = (performance.now() - startedMs) / 1000
  const cpu = cpuSeconds(pid)
  await sleep(settleMs)
  const cost = { cpuSeconds: cpu, seconds, peakBytes: memory(pid, 'VmHWM'), steadyBytes: memory(pid, 'VmRSS') }
  program.kill()
  await once(program, 'exit')
  await api.stop()
  return cost
}

async function isReady(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined)
  return response?.status === 200
}

/** The sum over all resources; 0 while there is none. */
async function seriesOn(port: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`).catch(() => undefined)
  const page = (await response?.text()) ?? ''
  return [...page.matchAll(/^kube_state_otlp_series\{.*\} (\S+)$/gm)].reduce((sum, [, value]) => sum + Number(value), 0)
}

function memory(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) * 1024
}

/** The kernel counts in hundredths of a second. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')
  return (Number(fields[13]) + Number(fields[14])) / 100
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

const mib = (bytes: number) => (bytes / 1024 / 1024).toFixed(0)
const perSeries: { plural: Plural; us: number; bytes: number }[] = []
for (const plural of ['deployments', 'cranes'] as const) {
  const empty = await run(plural, 0)
  const full = await run(plural, count)
  const series = count * seriesPerObject
  const us = ((full.cpuSeconds - empty.cpuSeconds) * 1e6) / series
  const bytes = (full.steadyBytes - empty.steadyBytes) / series
  perSeries.push({ plural, us, bytes })
  console.log(`${count} ${plural} of ${JSON.stringify(createObject(0)).length} bytes, ${series} series`)
  console.log(
    `  CPU ${full.cpuSeconds.toFixed(1)} s (${empty.cpuSeconds.toFixed(1)} s without objects), complete after ${full.seconds.toFixed(1)} s`,
  )
  console.log(
    `  memory: peak ${mib(full.peakBytes)} MiB, steady ${mib(full.steadyBytes)} MiB (${mib(empty.steadyBytes)} MiB without objects)`,
  )
  console.log(`  per series: ${us.toFixed(2)} us, ${bytes.toFixed(0)} bytes`)
}
const [builtIn, custom] = perSeries
if (builtIn && custom) {
  console.log(
    `by rules to built in: ${(custom.us / builtIn.us).toFixed(2)} of the CPU, ${(custom.bytes / builtIn.bytes).toFixed(2)} of the memory`,
  )
}
rmSync(folder, { recursive: true })
