/** The report of an end-to-end run: the comparisons with their counts, and the date. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { faultsSection, reportFile } from './faults/fault-report.ts'

export interface Comparison {
  readonly objects: string
  readonly series: number
  readonly collector: number
  readonly prometheus: number
}

export interface Report {
  section(title: string, comparison: Comparison | undefined, lines?: readonly string[]): void
  text(): string
}

export function createReport(): Report {
  const sections: string[] = []
  return {
    section(title, comparison, lines = []) {
      const counted =
        comparison === undefined
          ? []
          : [
              '| /metrics | Collector | Prometheus |',
              '|---|---|---|',
              `| ${comparison.series} | ${comparison.collector} | ${comparison.prometheus} |`,
              '',
              comparison.objects,
            ]
      const body = [...counted, ...(lines.length > 0 ? ['', ...lines.map((line) => `- ${line}`)] : [])]
      sections.push(`## ${title}\n\n${body.join('\n').trim()}\n`)
      console.log(`${title}: ${JSON.stringify(comparison ?? lines)}`)
    },
    text: () =>
      [
        '# End-to-end report',
        '',
        `Written by \`npm run test:e2e\` on ${new Date().toISOString().slice(0, 10)}: a real control plane (Kubernetes 1.36, fake`,
        'kubelets), the product, an OpenTelemetry Collector and Prometheus 3 behind it, with their default settings. Counts are',
        'live series with equal labels and values; a row means that the three sets were equal.',
        '',
        ...sections,
      ].join('\n'),
  }
}

/** Replaces the report in the documentation, except for the table of faults, whose rows other files write. */
export function writeReport(report: Report): void {
  const former = existsSync(reportFile) ? readFileSync(reportFile, 'utf8') : ''
  writeFileSync(reportFile, `${report.text().trimEnd()}\n\n${faultsSection(former)}`.trimEnd().concat('\n'))
}
