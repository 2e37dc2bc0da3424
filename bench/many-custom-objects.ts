/**
 * The program with 100,000 custom objects of 5 KB, beside the same number of Deployments in JSON with the same content and
 * series: CPU and memory of a process of its own, less those of one without objects, until all series are in the store. The
 * API server is simulated, over HTTP/2 with TLS. Linux only: it reads /proc.
 *
 *     npm run bench -- many-custom-objects [objects]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createApiServer } from '../simulator/api/api-server.ts'
import { createAuthority } from '../test/simulator/otlp/certificates.ts'
import { createObject, rules } from './cranes.ts'
import { buildBundle } from './program/bundle.ts'
import { isReady, secondsSince, settleMs, until } from './program/phases.ts'
import { endProgramsOnSignals, startProgram } from './program/program.ts'

const count = Number(process.argv[2] ?? 100_000)
const seriesPerObject = 19
buildBundle()
endProgramsOnSignals()

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
  const startedMs = performance.now()
  const program = await startProgram({ kubeconfig, flags: flagsOf[plural], folder })
  await until(program.peer, async () => {
    const { series } = await program.report()
    return series === objects * seriesPerObject && (await isReady(program.readyUrl))
  })
  const seconds = secondsSince(startedMs)
  const { cpuSeconds } = program.usage()
  await sleep(settleMs)
  const { peakBytes, residentBytes } = program.usage()
  await program.peer.stop()
  await api.stop()
  return { cpuSeconds, seconds, peakBytes, steadyBytes: residentBytes }
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
