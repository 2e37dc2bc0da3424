/** Starts the programs of end-to-end tests: a Collector, Prometheus 3 and the product. */

import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { endWithThisProcess } from './child-processes.ts'

export interface Peer {
  readonly pid: number
  readonly logFile: string
  log(): string
  /** The exit code, or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals>
  /** Closes the reading ends of its output, as a log collector that dies. */
  closeOutput(): void
  /** Sends the signal and waits for the exit; kills it and rejects if it takes longer than a minute. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

const stopMs = 60_000

/** Below the ports that systems give to outgoing connections: one of those could take the port while a server starts again. */
const [firstPort, portsEnd] = [10_000, 32_768]

/** A port of the loopback address that was free a moment ago. */
export async function freePort(): Promise<number> {
  const port = randomInt(firstPort, portsEnd)
  return (await isFree(port)) ? port : freePort()
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
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
  endWithThisProcess(child)
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
      const isLate = await Promise.race([exited.then(() => false), sleep(stopMs, true, { ref: false })])
      if (!isLate) return
      child.kill('SIGKILL')
      await exited
      throw new Error(`${name} did not end within ${stopMs / 1000} s of ${signal}`)
    },
  }
}

export interface CollectorPorts {
  readonly otlp: number
  readonly page: number
  readonly health: number
}

/**
 * A Collector that receives OTLP, serves the series on a page and pushes them to Prometheus, and in the same order to `alsoTo`, the
 * URL of another OTLP receiver over HTTP.
 */
export function startCollector(
  programs: string,
  folder: string,
  ports: CollectorPorts,
  prometheusPort: number,
  alsoTo?: string,
): Peer {
  const exporterTo = (endpoint: string) => ({
    ...{ endpoint, tls: { insecure: true } },
    sending_queue: { num_consumers: 1 },
  })
  const file = join(folder, 'collector.yaml')
  writeFileSync(
    file,
    JSON.stringify({
      extensions: { health_check: { endpoint: `127.0.0.1:${ports.health}` } },
      receivers: { otlp: { protocols: { grpc: { endpoint: `127.0.0.1:${ports.otlp}` } } } },
      exporters: {
        prometheus: { endpoint: `127.0.0.1:${ports.page}` },
        otlp_http: exporterTo(`http://127.0.0.1:${prometheusPort}/api/v1/otlp`),
        ...(alsoTo === undefined ? {} : { 'otlp_http/also': exporterTo(alsoTo) }),
      },
      service: {
        extensions: ['health_check'],
        telemetry: { metrics: { level: 'none' } },
        pipelines: {
          metrics: {
            receivers: ['otlp'],
            exporters: ['prometheus', 'otlp_http', ...(alsoTo === undefined ? [] : ['otlp_http/also'])],
          },
        },
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

/**
 * Polls until `probe` returns a value; fails with `what` after `timeoutMs`, long enough for a busy machine, even if the probe
 * is still waiting for a response.
 */
export async function waitFor<T>(what: string, probe: () => Promise<T | undefined>, timeoutMs = 120_000): Promise<T> {
  const timeout = AbortSignal.timeout(timeoutMs)
  const late = new Promise<undefined>((resolve) => timeout.addEventListener('abort', () => resolve(undefined)))
  while (!timeout.aborted) {
    const found = await Promise.race([probe().catch(() => undefined), late])
    if (found !== undefined) return found
    await sleep(100)
  }
  throw new Error(`timed out after ${timeoutMs / 1000} s waiting for ${what}`)
}

/** Waits until the address answers 200. */
export function waitForUrl(url: string, timeoutMs?: number): Promise<true> {
  const answers = async () => ((await fetch(url)).ok ? (true as const) : undefined)
  return waitFor(url, answers, timeoutMs)
}
