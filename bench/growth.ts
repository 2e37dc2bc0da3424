/**
 * The program with more and more pods, in one or several shards: `npm run bench -- growth --help`. The API server is
 * simulated in a process of its own and generates the pods; the receiver is another one and only counts.
 */
import { loadavg } from 'node:os'
import type { Figures } from './growth/figures.ts'
import { largestOfFigures, sumOfFigures } from './growth/figures.ts'
import { measureGrowth } from './growth/measure.ts'
import type { GrowthOptions } from './growth/options.ts'
import { estimateGrowthMinutes, growthUsage, parseGrowthOptions } from './growth/options.ts'
import type { Column } from './growth/table.ts'
import { renderGrowth } from './growth/table.ts'
import { buildBundle } from './program/bundle.ts'
import { runCommand } from './program/command.ts'
import { endProgramsOnSignals } from './program/program.ts'

const report = (line: string) => console.log(line)

async function run(options: GrowthOptions): Promise<void> {
  if (process.platform !== 'linux') throw new Error('this benchmark reads /proc, which only Linux has')
  report(`about ${estimateGrowthMinutes(options)} minutes`)
  buildBundle()
  endProgramsOnSignals()
  const measure = async (pods: number, shards: number) => {
    report(`${pods.toLocaleString('en')} pods, ${shards} ${shards === 1 ? 'process' : 'shards'}`)
    const result = await measureGrowth({ ...options, pods, shards, report })
    for (const figures of result.shards) report(`  ${summaryOf(figures)}`)
    report(`  the simulated API server took ${mebibytes(result.simulatorBytes)}`)
    return result.shards
  }
  const [empty] = (await measure(0, 1)) as [Figures]
  const columns: Column[] = [{ title: '0 pods', figures: empty, empty }]
  for (const pods of options.pods) {
    for (const shards of options.shards) columns.push(...columnsOf(pods, await measure(pods, shards), empty))
  }
  report(`\nload average ${loadavg()[0]?.toFixed(0)}; per series is the difference to the program without pods\n`)
  report(renderGrowth(columns))
}

const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`

/** For a run that is interrupted before the table. */
function summaryOf({ series, sent, peakBytes, steadyBytes, idleCpuSeconds, page }: Figures): string {
  const cpu = [sent.cpuSeconds, idleCpuSeconds, page.cpuSeconds].map((seconds) => `${seconds.toFixed(2)} s`)
  const memory = `${mebibytes(peakBytes)} at most, then ${mebibytes(steadyBytes)}`
  return `${series} series: ${memory}; CPU ${cpu[0]} until sent, ${cpu[1]} a minute, ${cpu[2]} for a page`
}

/** Of several shards, the largest of each figure, and the sum. */
function columnsOf(pods: number, shards: readonly Figures[], empty: Figures): Column[] {
  const size = `${pods.toLocaleString('en')} pods`
  const count = shards.length
  if (count === 1) return [{ title: size, figures: shards[0] as Figures, empty }]
  const processes = sumOfFigures(Array.from({ length: count }, () => empty))
  return [
    { title: `${size}, largest of ${count} shards`, figures: largestOfFigures(shards), empty },
    { title: `sum of ${count}`, figures: sumOfFigures(shards), empty: processes },
  ]
}

await runCommand(parseGrowthOptions, growthUsage, run)
