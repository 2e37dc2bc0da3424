/**
 * Generations of churn on a simulated API server: `npm run bench -- soak --help`. Ends with exit code 1 if the series of the
 * program, of its page and of the receiver differ.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SeriesCounts } from './growth/generations.ts'
import { renderSoak, runGenerations } from './growth/generations.ts'
import type { SoakOptions } from './growth/options.ts'
import { estimateSoakMinutes, parseSoakOptions, soakUsage } from './growth/options.ts'
import { buildBundle } from './program/bundle.ts'
import { runCommand } from './program/command.ts'
import { startPodServer } from './program/pod-server-process.ts'
import { endProgramsOnSignals, startProgram } from './program/program.ts'
import { startSink } from './program/sink-process.ts'

const report = (line: string) => console.log(line)

/** A changed label ends a series only if labels are copied. Self-metrics would be series at the receiver too. */
const flags = ['--metric-labels-allowlist=pods=[*]', '--telemetry-otlp=false']

async function run(options: SoakOptions): Promise<void> {
  if (process.platform !== 'linux') throw new Error('this benchmark reads /proc, which only Linux has')
  report(`${options.pods} pods, ${options.generations} generations: about ${estimateSoakMinutes(options)} minutes`)
  buildBundle()
  endProgramsOnSignals()
  const folder = mkdtempSync(join(tmpdir(), 'bench-soak-'))
  const [server, sink] = [await startPodServer(options.pods, folder), await startSink('live')]
  const { kubeconfig } = server
  const program = await startProgram({
    kubeconfig,
    folder,
    flags: [...flags, `--otlp-endpoint=http://${sink.grpcAddress}`],
  })
  try {
    const { generations, counts } = await runGenerations({ ...options, server, sink, program, report })
    const last = generations.at(-1)
    report(`\nload average ${loadavg()[0]?.toFixed(0)}\n`)
    report(renderSoak(generations))
    report(
      `\n${last?.points} points sent, ${last?.stale} of them stale markers; ${last?.cpuSeconds.toFixed(0)} s of CPU`,
    )
    compareCounts(counts)
  } finally {
    await program.kill()
    await server.stop()
    await sink.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function compareCounts({ expected, inProgram, onPage, atReceiver, staleOfUnknown }: SeriesCounts): void {
  report(`${staleOfUnknown} stale markers of series that the receiver did not have`)
  const found = `${inProgram} in the program, ${onPage} on the page, ${atReceiver} live at the receiver`
  if (inProgram === expected && onPage === expected && atReceiver === expected) report(`series: ${found}`)
  else throw new Error(`${expected} series expected, ${found}`)
}

await runCommand(parseSoakOptions, soakUsage, run)
