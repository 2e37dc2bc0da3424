/** The results as a Markdown table: a row for each measure, a column for each exporter. */

import type { Measured } from './measure.ts'

const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`
const seconds = (value: number) => `${value.toFixed(2)} s`
/** Exporter and Collector. */
const both = (values: readonly number[], format: (value: number) => string) => values.map(format).join(' + ')
const scraped = ({ cpuSeconds, seconds: wall, bytes }: Measured['page']) =>
  `${seconds(cpuSeconds)} of CPU in ${seconds(wall)}, ${(bytes / 1e6).toFixed(1)} MB`

const rows: readonly (readonly [title: string, cell: (measured: Measured) => string | undefined])[] = [
  ['series', ({ series }) => series.toLocaleString('en')],
  ['until every resource is synced', ({ ready }) => `${seconds(ready.seconds)}, ${seconds(ready.cpuSeconds)} of CPU`],
  [
    'until every series has arrived',
    ({ sent }) => sent && `${seconds(sent.seconds)}, ${both(sent.cpuSeconds, seconds)} of CPU`,
  ],
  ['peak memory (RSS)', ({ peakBytes }) => both(peakBytes, mebibytes)],
  ['memory after the start', ({ steadyBytes }) => both(steadyBytes, mebibytes)],
  ['CPU of a minute without changes', ({ idle }) => both(idle.cpuSeconds, seconds)],
  ['data points received in that minute', ({ idle }) => idle.points.toLocaleString('en', { maximumFractionDigits: 0 })],
  ['one scrape', ({ page }) => scraped(page)],
  ['one scrape, gzip', ({ compressedPage }) => scraped(compressedPage)],
  ['CPU of a minute with changes', ({ churn }) => both(churn.cpuSeconds, seconds)],
  [
    'a change reaches the receiver (p50 / p90 / p99 / longest)',
    ({ churn: { delays } }) => delays && [delays.p50, delays.p90, delays.p99, delays.max].map(seconds).join(' / '),
  ],
  ['changes that arrived', ({ churn: { delays } }) => delays && `${delays.arrived} of ${delays.written}`],
]

export function renderTable(results: readonly Measured[]): string {
  const lines = rows.map(([title, cell]) => `| ${[title, ...results.map((it) => cell(it) ?? '')].join(' | ')} |`)
  return [
    `| | ${results.map(({ name }) => name).join(' | ')} |`,
    `|---|${'---|'.repeat(results.length)}`,
    ...lines,
  ].join('\n')
}
