/** Starts the program as usual and where a killed one stopped, in alternation, and measures what each start costs. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { KubeClient } from '../../test/e2e/kube-client.ts'
import type { Peer } from '../../test/e2e/peers.ts'
import { isReady, secondsSince, until } from '../program/phases.ts'
import { usageOf } from '../program/process-usage.ts'
import type { Program } from '../program/program.ts'
import { startProgram } from '../program/program.ts'
import type { Sink } from '../program/sink-process.ts'

export interface ResumeRun {
  readonly kubeconfig: string
  readonly client: KubeClient
  readonly sink: Sink
  /** Process ids. */
  readonly apiServer: number
  readonly etcd: number
  /** For logs. */
  readonly folder: string
  readonly report: (line: string) => void
  /** Gets each process that is started: the caller ends them when it is interrupted. */
  readonly onStart: (peer: Peer) => void
}

export interface MeasuredStart {
  readonly name: string
  readonly series: number
  readonly ready: Costs
  /** Until every series has arrived since this start, whether it was delivered before or not. */
  readonly sent: Costs
  readonly peakBytes: number
  /** Read from the API server until every series has arrived. */
  readonly apiBytes: number
  /** Lists that continued from the state of the killed process, and those that could not. */
  readonly replayed: number
  readonly otherwise: number
}

interface Costs {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly apiServerSeconds: number
  readonly etcdSeconds: number
}

const rounds = 2
const lease = '/apis/coordination.k8s.io/v1/namespaces/default/leases/kube-state-otlp'
/** Several renewals of the Lease, so that what it says is complete. */
const publishMs = 10_000

/** Two starts of each kind. Rejects if the second of a round did not resume. */
export async function measureStarts(run: ResumeRun): Promise<readonly MeasuredStart[]> {
  const measured: MeasuredStart[] = []
  for (let round = 1; round <= rounds; round++) {
    // Without it there is nothing to resume from, and no pause between two resumes.
    await run.client.delete(lease)
    measured.push(await measureStart(run, `ordinary start ${round}`))
    const resumed = await measureStart(run, `resumed ${round}`)
    if (resumed.replayed === 0) throw new Error('the second start did not resume: see the log of the program')
    measured.push(resumed)
  }
  return measured
}

/** Ends with a kill, once the Lease says what was delivered. */
async function measureStart(run: ResumeRun, name: string): Promise<MeasuredStart> {
  const { sink, report, client } = run
  const before = await sink.report()
  const costs = startCosts(run)
  const program = await start(run, name)
  await until(program.peer, () => isReady(program.readyUrl))
  const ready = costs(program)
  report(`${name}: ready after ${ready.seconds.toFixed(1)} s`)
  const { series } = await program.report()
  await until(program.peer, async () => (await sink.report()).points - before.points >= series)
  const sent = costs(program)
  report(`${name}: ${series} series sent after ${sent.seconds.toFixed(1)} s`)
  const { apiBytes, resumedReads } = await program.report()
  const { peakBytes } = program.usage()
  await until(program.peer, () => isPublished(client))
  await sleep(publishMs)
  await program.kill()
  const { replayed = 0, ...others } = resumedReads
  const otherwise = Object.values(others).reduce((sum, count) => sum + count, 0)
  return { name, series, ready, sent, peakBytes, apiBytes, replayed, otherwise }
}

async function start({ kubeconfig, sink, folder, onStart }: ResumeRun, name: string): Promise<Program> {
  const election = ['--leader-election', '--leader-election-identity=bench', '--leader-election-namespace=default']
  const flags = [...election, `--otlp-endpoint=http://${sink.grpcAddress}`, '--telemetry-otlp=false']
  const program = await startProgram({ kubeconfig, flags, folder, name: name.replaceAll(' ', '-') })
  onStart(program.peer)
  return program
}

/** Of the program, the API server and etcd since this call. */
function startCosts({ apiServer, etcd }: ResumeRun): (program: Program) => Costs {
  const startedMs = performance.now()
  const cpuOf = (pid: number) => usageOf(pid).cpuSeconds
  const [apiServerBefore, etcdBefore] = [cpuOf(apiServer), cpuOf(etcd)]
  return (program) => ({
    seconds: secondsSince(startedMs),
    cpuSeconds: program.usage().cpuSeconds,
    apiServerSeconds: cpuOf(apiServer) - apiServerBefore,
    etcdSeconds: cpuOf(etcd) - etcdBefore,
  })
}

/** Whether the Lease says up to where pods are delivered. */
async function isPublished(client: KubeClient): Promise<boolean> {
  const { body } = await client.get(lease)
  const { metadata } = body as { readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> } }
  return metadata?.annotations?.['kube-state-otlp/acknowledged']?.includes('"v1/pods"') === true
}

const seconds = (value: number) => `${value.toFixed(2)} s`
const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`
const costsOf = (costs: Costs) => `${seconds(costs.seconds)}, ${seconds(costs.cpuSeconds)} of CPU`
const serversOf = (costs: Costs) => `${seconds(costs.apiServerSeconds)} + ${seconds(costs.etcdSeconds)}`

const rows: readonly (readonly [title: string, cell: (start: MeasuredStart) => string])[] = [
  ['until ready', ({ ready }) => costsOf(ready)],
  ['— CPU of API server + etcd', ({ ready }) => serversOf(ready)],
  ['until every series has arrived', ({ sent }) => costsOf(sent)],
  ['— CPU of API server + etcd', ({ sent }) => serversOf(sent)],
  ['peak memory (RSS)', ({ peakBytes }) => mebibytes(peakBytes)],
  ['read from the API server', ({ apiBytes }) => `${(apiBytes / 1e6).toFixed(0)} MB`],
  ['lists continued / not', ({ replayed, otherwise }) => `${replayed} / ${otherwise}`],
]

export function renderStarts(starts: readonly MeasuredStart[]): string {
  return [
    `| ${starts[0]?.series.toLocaleString('en')} series | ${starts.map(({ name }) => name).join(' | ')} |`,
    `|---|${'---|'.repeat(starts.length)}`,
    ...rows.map(([title, cell]) => `| ${[title, ...starts.map(cell)].join(' | ')} |`),
  ].join('\n')
}
