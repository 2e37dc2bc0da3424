/** Measures the program, or its shards side by side, on a simulated API server with a number of pods. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isReady, measureScrape, secondsSince, settleMs, until } from '../program/phases.ts'
import type { PodServer } from '../program/pod-server-process.ts'
import { startPodServer } from '../program/pod-server-process.ts'
import { usageOf } from '../program/process-usage.ts'
import type { Program } from '../program/program.ts'
import { startProgram } from '../program/program.ts'
import type { Sink } from '../program/sink-process.ts'
import { startSink } from '../program/sink-process.ts'
import type { Figures } from './figures.ts'

export interface GrowthRun {
  readonly pods: number
  readonly shards: number
  readonly seconds: number
  readonly shardSelectors: boolean
  readonly report: (line: string) => void
}

/** The figures of each shard, and the peak memory of the simulated API server in bytes. */
export interface GrowthResult {
  readonly shards: readonly Figures[]
  readonly simulatorBytes: number
}

export async function measureGrowth(run: GrowthRun): Promise<GrowthResult> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-growth-'))
  const [server, sink] = [await startPodServer(run.pods, folder), await startSink()]
  const programs: Program[] = []
  try {
    const startedMs = performance.now()
    for (let shard = 0; shard < run.shards; shard++) {
      const flags = [`--otlp-endpoint=http://${sink.grpcAddress}`, ...shardFlags(run, shard)]
      programs.push(await startProgram({ kubeconfig: server.kubeconfig, flags, folder, name: `shard-${shard}` }))
    }
    const shards = await measureShards(run, programs, sink, startedMs)
    return { shards, simulatorBytes: usageOf(server.pid).peakBytes }
  } finally {
    await Promise.all(programs.map((program) => program.kill()))
    await stopAll(server, sink)
    rmSync(folder, { recursive: true, force: true })
  }
}

async function stopAll(server: PodServer, sink: Sink): Promise<void> {
  await server.stop()
  await sink.stop()
}

const shardFlags = ({ shards, shardSelectors }: GrowthRun, shard: number) =>
  shards === 1
    ? []
    : [`--shard=${shard}`, `--total-shards=${shards}`, ...(shardSelectors ? ['--kubernetes-shard-selectors'] : [])]

async function measureShards(
  { seconds, report }: GrowthRun,
  programs: readonly Program[],
  sink: Sink,
  startedMs: number,
): Promise<Figures[]> {
  const costs = () => programs.map((program) => ({ seconds: secondsSince(startedMs), ...program.usage() }))
  const ready = await Promise.all(
    programs.map(async (program) => {
      await until(program.peer, () => isReady(program.readyUrl))
      return { seconds: secondsSince(startedMs), cpuSeconds: program.usage().cpuSeconds }
    }),
  )
  report(`  ready after ${ready.map((it) => it.seconds.toFixed(1)).join(', ')} s`)
  const series = (await reportsOf(programs)).reduce((sum, it) => sum + it.series, 0)
  const allArrived = async () => (await sink.report()).points >= series
  for (const { peer } of programs) await until(peer, allArrived)
  const sent = costs()
  report(`  ${series.toLocaleString('en')} series sent after ${sent[0]?.seconds.toFixed(1)} s`)

  await sleep(settleMs)
  const before = costs()
  await sleep(seconds * 1000)
  const after = costs()
  const self = await reportsOf(programs)
  report(`  ${seconds} s without changes measured`)

  const pages: Figures['page'][] = []
  for (const { peer, metricsUrl } of programs) pages.push(await measureScrape(peer, metricsUrl, false))
  return programs.map((_, i) => {
    const at = <T>(all: readonly T[]) => all[i] as T
    const idle = at(after).cpuSeconds - at(before).cpuSeconds
    return {
      ...at(self),
      ready: at(ready),
      sent: at(sent),
      peakBytes: at(after).peakBytes,
      steadyBytes: at(after).residentBytes,
      idleCpuSeconds: (idle * 60) / seconds,
      page: at(pages),
    }
  })
}

const reportsOf = (programs: readonly Program[]) => Promise.all(programs.map((program) => program.report()))
