/** A receiver in a process of its own, whose CPU time is read from the kernel (Linux). */

import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface ReceiverProcess {
  readonly name: string
  /** `host:port` */
  readonly grpc: string
  readonly http: string
  /** CPU time since its start. */
  cpuMs(): number
  stop(): void
}

/** The kernel counts CPU time in ticks of this length. */
const tickMs = 10

/** The Collector in the folder of programs, with everything that it receives dropped; without a folder the simulator's receiver. */
export async function startReceiver(programs: string | undefined): Promise<ReceiverProcess> {
  const [grpcPort, httpPort] = [await freePort(), await freePort()]
  const [grpc, http] = [`127.0.0.1:${grpcPort}`, `127.0.0.1:${httpPort}`]
  const [name, program, words] =
    programs === undefined
      ? (['simulator', process.execPath, [import.meta.filename, String(grpcPort), String(httpPort)]] as const)
      : (['Collector', join(programs, 'otelcol'), ['--config', writeConfig(grpc, http)]] as const)
  const child = spawn(program, words, { stdio: 'ignore' })
  await untilAnswers(`http://${http}`)
  return { name, grpc, http, cpuMs: () => cpuMsOf(child.pid as number), stop: () => void child.kill() }
}

function writeConfig(grpc: string, http: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'kube-state-otlp-bench-')), 'collector.yaml')
  const service = {
    telemetry: { metrics: { level: 'none' } },
    pipelines: { metrics: { receivers: ['otlp'], exporters: ['nop'] } },
  }
  const receivers = { otlp: { protocols: { grpc: { endpoint: grpc }, http: { endpoint: http } } } }
  writeFileSync(file, JSON.stringify({ receivers, exporters: { nop: {} }, service }))
  return file
}

/** User and system time are the 14th and 15th field; the second, the name of the program, may contain spaces. */
function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return tickMs * (Number(fields[11]) + Number(fields[12]))
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}

async function untilAnswers(url: string): Promise<void> {
  for (;;) {
    try {
      await (await fetch(url)).arrayBuffer()
      return
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

if (import.meta.main) {
  const { createOtlpReceiver } = await import('../simulator/otlp/receiver.ts')
  await createOtlpReceiver({ decode: 'count', grpcPort: Number(process.argv[2]), httpPort: Number(process.argv[3]) })
}
