/** The figures as a Markdown table: a row for each measure, a column for each process or sum of processes. */

import type { Figures } from './figures.ts'

export interface Column {
  readonly title: string
  readonly figures: Figures
  /** Those of as many processes without pods: what is per series is the difference. */
  readonly empty: Figures
}

const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`
const seconds = (value: number) => `${value.toFixed(value < 10 ? 2 : 1)} s`
const cost = (value: { readonly seconds: number; readonly cpuSeconds: number }) =>
  `${seconds(value.seconds)}, ${seconds(value.cpuSeconds)} of CPU`

/** Per series of the difference to the empty process; nothing for the empty process itself. */
const perSeries = (select: (figures: Figures) => number, factor: number, unit: string, digits: number) => {
  return ({ figures, empty }: Column) => {
    const series = figures.series - empty.series
    if (series <= 0) return ''
    return `${(((select(figures) - select(empty)) * factor) / series).toFixed(digits)} ${unit}`
  }
}

const rows: readonly (readonly [title: string, cell: (column: Column) => string])[] = [
  ['series', ({ figures }) => figures.series.toLocaleString('en')],
  ['until every resource is synced', ({ figures }) => cost(figures.ready)],
  ['until every series has arrived', ({ figures }) => cost(figures.sent)],
  ['— CPU per series', perSeries(({ sent }) => sent.cpuSeconds, 1e6, 'µs', 2)],
  ['peak memory (RSS)', ({ figures }) => mebibytes(figures.peakBytes)],
  ['— per series', perSeries(({ peakBytes }) => peakBytes, 1, 'bytes', 0)],
  ['memory after the start', ({ figures }) => mebibytes(figures.steadyBytes)],
  ['— per series', perSeries(({ steadyBytes }) => steadyBytes, 1, 'bytes', 0)],
  [
    '— heap in use, reserved heap, external memory',
    ({ figures: { heapUsedBytes, heapTotalBytes, externalBytes } }) =>
      [heapUsedBytes, heapTotalBytes, externalBytes].map(mebibytes).join(', '),
  ],
  ['CPU of a minute without changes', ({ figures }) => seconds(figures.idleCpuSeconds)],
  ['— per series', perSeries(({ idleCpuSeconds }) => idleCpuSeconds, 1e6, 'µs', 2)],
  ['one scrape', ({ figures: { page } }) => `${seconds(page.cpuSeconds)} of CPU, ${megabytes(page.bytes)}`],
  ['— CPU per series', perSeries(({ page }) => page.cpuSeconds, 1e6, 'µs', 2)],
  ['read from the API server', ({ figures }) => megabytes(figures.apiBytes)],
]

export function renderGrowth(columns: readonly Column[]): string {
  return [
    `| | ${columns.map(({ title }) => title).join(' | ')} |`,
    `|---|${'---|'.repeat(columns.length)}`,
    ...rows.map(([title, cell]) => `| ${[title, ...columns.map(cell)].join(' | ')} |`),
  ].join('\n')
}
