/** Starts the programs of end-to-end tests: a Collector, Prometheus 3 and the product. */

import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'

export interface Peer {
  readonly pid: number
  readonly logFile: string
  log(): string
  /** The exit code, or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals>
  /** Closes the reading ends of its output, as a log collector that dies. */
  closeOutput(): void
  /** Sends the signal and waits for the exit. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  return (await tryPort(0)) ?? freePort()
}

/** Whether a port of the loopback address was free a moment ago. */
export async function isFree(port: number): Promise<boolean> {
  return (await tryPort(port)) === port
}

/** Listens for a moment; undefined if the port is in use or does not exist. */
async function tryPort(port: number): Promise<number | undefined> {
  if (port > 65_535) return undefined
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    return undefined
  }
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' ? address?.port : undefined
}

export function startPeer(
  name: string,
  command: readonly string[],
  folder: string,
  env: NodeJS.ProcessEnv = process.env,
  cwd: string = process.cwd(),
): Peer {
  const logFile = join(folder, `${name}.log`)
  const log = createWriteStream(logFile, { flags: 'a' })
  const [program = '', ...words] = command
  const child: ChildProcess = spawn(program, words, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout?.pipe(log, { end: false })
  child.stderr?.pipe(log, { end: false })
  const exited = new Promise<number | NodeJS.Signals>((resolve) =>
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'SIGKILL')),
  )
  return {
    pid: child.pid ?? 0,
    logFile,
    log: () => readFileSync(logFile, 'utf8'),
    exited,
    closeOutput() {
      child.stdout?.destroy()
      child.stderr?.destroy()
    },
    async stop(signal = 'SIGTERM') {
      child.kill(signal)
      await exited
    },
  }
}

export interface CollectorPorts {
  readonly otlp: number
  readonly page: number
  readonly health: number
}

/** A Collector that receives OTLP, serves the series on a page and pushes them to Prometheus. */
export function startCollector(programs: string, folder: string, ports: CollectorPorts, prometheusPort: number): Peer {
  const file = join(folder, 'collector.yaml')
  writeFileSync(
    file,
    JSON.stringify({
      extensions: { health_check: { endpoint: `127.0.0.1:${ports.health}` } },
      receivers: { otlp: { protocols: { grpc: { endpoint: `127.0.0.1:${ports.otlp}` } } } },
      exporters: {
        prometheus: { endpoint: `127.0.0.1:${ports.page}` },
        otlp_http: {
          endpoint: `http://127.0.0.1:${prometheusPort}/api/v1/otlp`,
          tls: { insecure: true },
          sending_queue: { num_consumers: 1 },
        },
      },
      service: {
        extensions: ['health_check'],
        telemetry: { metrics: { level: 'none' } },
        pipelines: { metrics: { receivers: ['otlp'], exporters: ['prometheus', 'otlp_http'] } },
      },
    }),
  )
  return startPeer('collector', [join(programs, 'otelcol'), '--config', file], folder)
}

/** Prometheus 3 with its OTLP receiver enabled and defaults otherwise; it scrapes only itself. `config` is added to its file. */
export function startPrometheus(programs: string, folder: string, port: number, config: object = {}): Peer {
  const data = join(folder, 'prometheus')
  mkdirSync(data, { recursive: true })
  const file = join(folder, 'prometheus.yml')
  const self = { job_name: 'prometheus', scrape_interval: '5s', static_configs: [{ targets: [`127.0.0.1:${port}`] }] }
  writeFileSync(file, JSON.stringify({ ...config, scrape_configs: [self] }))
  return startPeer(
    'prometheus',
    [
      join(programs, 'prometheus'),
      `--config.file=${file}`,
      `--storage.tsdb.path=${data}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-otlp-receiver',
    ],
    folder,
  )
}

/** Polls until `probe` returns a value; fails with `what` after `timeoutMs`, long enough for a busy machine. */
export async function waitFor<T>(what: string, probe: () => Promise<T | undefined>, timeoutMs = 120_000): Promise<T> {
  const end = Date.now() + timeoutMs
  for (;;) {
    const found = await probe().catch(() => undefined)
    if (found !== undefined) return found
    if (Date.now() > end) throw new Error(`timed out after ${timeoutMs / 1000} s waiting for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Waits until the address answers 200. */
export function waitForUrl(url: string, timeoutMs?: number): Promise<true> {
  const answers = async () => ((await fetch(url)).ok ? (true as const) : undefined)
  return waitFor(url, answers, timeoutMs)
}
