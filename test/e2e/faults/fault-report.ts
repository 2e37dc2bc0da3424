/**
 * The table of fault scenarios in docs/e2e-report.md: each scenario replaces its own row, whatever else ran, and the row says
 * when. Scenarios that fail keep their former row; the rows of a run are printed at its end.
 */

import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'

export interface FaultRow {
  readonly scenario: string
  /** Series of the fresh LIST; left out when the scenario ends without a comparison. */
  readonly series?: number
  readonly differing?: number
  readonly refused?: number
  /** Milliseconds. */
  readonly largestGapMs?: number
  readonly notes?: string
}

/** Another file while the tests are changed. */
export const reportFile = process.env.E2E_REPORT ?? 'docs/e2e-report.md'
export const faultsTitle = '## Faults'

const tableHead = `| scenario | series | differing | refused | largest gap | run | notes |
|---|---|---|---|---|---|---|`

const intro = `${faultsTitle}

Each row: real processes, and at its end the page of each process, the Collector and Prometheus beside \`render\` of a fresh
LIST. Differing: series that one of them lacked, had too many, or with another value. Refused: samples that Prometheus
refused. Largest gap: between two samples of a series that lived; every series is sent at least once in 10 s here. Run: when
the scenario last came to its comparison, in UTC.

${tableHead}
`

/** The section without its rows is the same in every report. */
export function recordFault(row: FaultRow): void {
  const text = existsSync(reportFile) ? readFileSync(reportFile, 'utf8') : ''
  const [before, section] = splitFaults(text)
  const rows = new Map(section.map((line) => [line.split(' | ')[0], line]))
  const line = formatRow(row)
  rows.set(line.split(' | ')[0], line)
  console.log(line)
  if (process.env.E2E_ROWS !== undefined) appendFileSync(process.env.E2E_ROWS, `${line}\n`)
  writeFileSync(reportFile, `${before.trimEnd()}\n\n${intro}${[...rows.values()].join('\n')}\n`)
}

/** The section of faults of a report, to be kept when the rest is written anew; empty if there is none. */
export function faultsSection(text: string): string {
  const start = text.indexOf(faultsTitle)
  return start < 0 ? '' : text.slice(start)
}

function splitFaults(text: string): [string, string[]] {
  const section = faultsSection(text)
  const rows = section.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| scenario'))
  return [text.slice(0, text.length - section.length), rows]
}

function formatRow(row: FaultRow): string {
  const { scenario, series = '', differing = '', refused = '', largestGapMs, notes = '' } = row
  const gap = largestGapMs === undefined ? '' : `${(largestGapMs / 1000).toFixed(1)} s`
  const run = new Date().toISOString().slice(0, 16).replace('T', ' ')
  return `| ${[scenario, series, differing, refused, gap, run, notes].join(' | ')} |`
}

/** The table of the rows that were written to the file of E2E_ROWS; undefined if there is none. */
export function tableOfRun(rowsFile: string): string | undefined {
  return existsSync(rowsFile) ? `${tableHead}\n${readFileSync(rowsFile, 'utf8').trimEnd()}` : undefined
}
