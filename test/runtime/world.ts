/** A small world for tests of the whole program: simulated API server, receiver, and the program between them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ApiServerOptions } from '../../simulator/api/api-server.ts'
import { createApiServer } from '../../simulator/api/api-server.ts'
import type { KindDefinition } from '../../simulator/api/kinds.ts'
import type { OtlpReceiverOptions } from '../../simulator/otlp/receiver.ts'
import { createOtlpReceiver } from '../../simulator/otlp/receiver.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { StateMetricsOptions } from '../../src/runtime/embed.ts'
import { startStateMetrics } from '../../src/runtime/embed.ts'
import type { Reloadable } from '../../src/runtime/reloading.ts'
import { startBuiltIn } from '../../src/runtime/start-built-in.ts'
import { createLog } from '../../src/telemetry/log.ts'

const endings: (() => Promise<unknown>)[] = []

/** Ends everything that was started, last first. For `afterEach`. */
export async function endWorld(): Promise<void> {
  for (const end of endings.splice(0).reverse()) await end()
}

/** Polls a condition; the test's own time limit ends it. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20))
}

/** An API server without objects, an OTLP receiver, and a kubeconfig that leads to the former. */
export async function startWorld(
  kinds: readonly KindDefinition[],
  options: Partial<ApiServerOptions> = {},
  receiverOptions: OtlpReceiverOptions = {},
) {
  const api = await createApiServer({ kinds, ...options })
  endings.push(() => api.stop())
  const receiver = await createOtlpReceiver(receiverOptions)
  endings.push(() => receiver.close())
  const folder = mkdtempSync(join(tmpdir(), 'kube-state-otlp-world-'))
  endings.push(async () => rmSync(folder, { recursive: true }))
  const kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, api.kubeconfig())
  return { api, receiver, kubeconfig }
}

export type World = Awaited<ReturnType<typeof startWorld>>

/** Starts the program in this world and waits until it is ready. */
export async function startProgram(world: World, settings: object, options: StateMetricsOptions = {}) {
  const program = await launchProgram(world, settings, options)
  await until(() => program.readiness().ready)
  return program
}

/** Starts the program in this world; it may never be ready. */
export async function launchProgram(
  { receiver, kubeconfig }: World,
  settings: object,
  options: StateMetricsOptions = {},
) {
  const program = await startStateMetrics({
    log: createLog({ level: 'silent', format: 'json' }),
    ...options,
    settings: {
      kubeconfig,
      host: '127.0.0.1',
      port: 0,
      telemetry_host: '127.0.0.1',
      telemetry_port: 0,
      otlp: { endpoint: `http://${receiver.grpcAddress}`, instance_id: 'test' },
      push: { flush_interval: '100ms' },
      telemetry: { otlp: false },
      ...settings,
    },
  })
  endings.push(() => program.stop())
  return program
}

export type Program = Awaited<ReturnType<typeof startProgram>>

/** Starts the program in this world from a configuration file with this selection, in YAML, which may be replaced. */
export async function startFromFile(
  { receiver, kubeconfig }: World,
  selection: string,
  { file = 'config.yaml', push = 'flush_interval: 50ms', version = 'test' } = {},
) {
  const path = join(kubeconfig, '..', file)
  const write = (changed: string) =>
    writeFileSync(
      path,
      `${changed}
kubeconfig: ${kubeconfig}
host: 127.0.0.1
port: 0
telemetry_host: 127.0.0.1
telemetry_port: 0
otlp: {endpoint: 'http://${receiver.grpcAddress}', instance_id: test}
push: {${push}}
telemetry: {otlp: false, log_level: debug, log_format: json}
`,
    )
  write(selection)
  const load: Reloadable['load'] = (readFile) => loadConfig({ argv: [`--config=${path}`], env: {}, readFile })
  const loaded = load((file) => readFileSync(file, 'utf8'))
  if (!loaded.ok) throw new Error('not valid')
  const records: Record<string, unknown>[] = []
  const destination = { write: (line: string) => void records.push(JSON.parse(line)) }
  const product = await startBuiltIn(loaded, version, { destination, load })
  endings.push(() => product.stop())
  return {
    product,
    /** Of the log. */
    records,
    reload(changed: string) {
      write(changed)
      product.reload()
    },
  }
}

/** The whole page of /metrics. */
export async function readPage({ addresses }: Pick<Program, 'addresses'>): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${addresses?.metricsAddress.port}/metrics`)
  return response.text()
}
