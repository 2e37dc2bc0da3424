/** Takes the program through generations of churn and measures it after each. */

import { setTimeout as sleep } from 'node:timers/promises'
import { scrape } from '../program/page.ts'
import { until } from '../program/phases.ts'
import type { PodServer } from '../program/pod-server-process.ts'
import type { Program } from '../program/program.ts'
import type { Sink } from '../program/sink-process.ts'

/** The state after a generation, when the receiver has all of it and the program has rested. */
export interface Generation {
  readonly number: number
  readonly pods: number
  readonly series: number
  readonly residentBytes: number
  readonly peakBytes: number
  readonly heapUsedBytes: number
  readonly heapTotalBytes: number
  readonly externalBytes: number
  /** Since the start. */
  readonly cpuSeconds: number
  readonly points: number
  readonly stale: number
}

export interface SoakRun {
  readonly generations: number
  /** Rest after each generation. */
  readonly seconds: number
  readonly server: PodServer
  readonly sink: Sink
  readonly program: Program
  readonly report: (line: string) => void
}

/** The series at the end, in all places that have to agree. */
export interface SeriesCounts {
  readonly expected: number
  readonly inProgram: number
  readonly onPage: number | undefined
  readonly atReceiver: number
  /** Stale markers of series that the receiver did not have. */
  readonly staleOfUnknown: number
}

/** Generation 0 is the start. */
export async function runGenerations(run: SoakRun): Promise<{ generations: Generation[]; counts: SeriesCounts }> {
  const { server, program, report } = run
  await until(program.peer, async () => (await fetch(program.readyUrl)).ok)
  const seriesOf = await createSeriesFormula(run)
  const generations: Generation[] = []
  for (let number = 0; number <= run.generations; number++) {
    if (number > 0) await server.churn(number)
    const generation = await settle(run, number, seriesOf)
    generations.push(generation)
    report(lineOf(generation))
  }
  return { generations, counts: await countSeries(run, seriesOf) }
}

type SeriesFormula = (pods: number) => number

/** All pods have equally many series; the few others are those of the namespace. */
async function createSeriesFormula({ server, program }: SoakRun): Promise<SeriesFormula> {
  const [{ pods }, { series }] = [await server.report(), await program.report()]
  const others = series % pods
  return (count) => ((series - others) / pods) * count + others
}

/** Rests until the receiver has exactly what the program has, again and again if it has not. */
async function settle({ server, sink, program, seconds }: SoakRun, number: number, seriesOf: SeriesFormula) {
  const isSettled = async () => {
    const [{ pods, lists }, { series }, { live }] = [await server.report(), await program.report(), await sink.report()]
    return lists > number && series === seriesOf(pods) && live?.series === series
  }
  do {
    await until(program.peer, isSettled)
    await sleep(seconds * 1000)
  } while (!(await isSettled()))
  const { residentBytes, peakBytes, cpuSeconds } = program.usage()
  const { series, heapUsedBytes, heapTotalBytes, externalBytes } = await program.report()
  const { points, stale } = await sink.report()
  const { pods } = await server.report()
  const memory = { residentBytes, peakBytes, heapUsedBytes, heapTotalBytes, externalBytes }
  return { number, pods, series, ...memory, cpuSeconds, points, stale }
}

async function countSeries({ server, sink, program }: SoakRun, seriesOf: SeriesFormula): Promise<SeriesCounts> {
  const { live } = await sink.report()
  return {
    expected: seriesOf((await server.report()).pods),
    inProgram: (await program.report()).series,
    onPage: (await scrape(program.metricsUrl, false)).series,
    atReceiver: live?.series ?? 0,
    staleOfUnknown: live?.staleOfUnknown ?? 0,
  }
}

const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`

function lineOf(generation: Generation): string {
  const { number, pods, series, residentBytes, heapUsedBytes, heapTotalBytes, externalBytes, cpuSeconds } = generation
  const [rss, used, reserved, external] = [residentBytes, heapUsedBytes, heapTotalBytes, externalBytes].map(mebibytes)
  const memory = `RSS ${rss}, heap ${used} of ${reserved}, external ${external}`
  return `generation ${number}: ${pods} pods, ${series} series; ${memory}; CPU ${cpuSeconds.toFixed(1)} s`
}

/** The memory at the beginning and at the end, as means of generations with the same number of pods. */
export function renderSoak(generations: readonly Generation[]): string {
  const full = generations.filter(({ number, pods }) => number > 0 && pods === generations[0]?.pods)
  const count = Math.max(1, Math.floor(full.length / 5))
  const columns = [
    ['after the start', generations.slice(0, 1)],
    [`first ${count}`, full.slice(0, count)],
    [`last ${count}`, full.slice(-count)],
  ] as const
  const row = (title: string, select: (generation: Generation) => number) => {
    const cells = columns.map(([, of]) => mebibytes(of.reduce((sum, it) => sum + select(it), 0) / of.length))
    return `| ${[title, ...cells].join(' | ')} |`
  }
  return [
    `| generations with all pods | ${columns.map(([title]) => title).join(' | ')} |`,
    '|---|---|---|---|',
    row('memory (RSS)', ({ residentBytes }) => residentBytes),
    row('heap in use', ({ heapUsedBytes }) => heapUsedBytes),
    row('reserved heap', ({ heapTotalBytes }) => heapTotalBytes),
    row('external memory', ({ externalBytes }) => externalBytes),
    row('peak so far (RSS)', ({ peakBytes }) => peakBytes),
  ].join('\n')
}
