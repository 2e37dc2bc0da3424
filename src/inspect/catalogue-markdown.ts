/** The catalogue as Markdown, with one table per resource. */

import type { CatalogueEntry } from './catalogue.ts'

/** A heading and a table for each resource, in the given order. `level` is the level of the headings. */
export function catalogueMarkdown(entries: readonly CatalogueEntry[], level = 2): string {
  const byResource = Map.groupBy(entries, ({ resource }) => resource)
  return [...byResource]
    .map(([resource, families]) => `${'#'.repeat(level)} ${resource}\n\n${catalogueTable(families)}\n`)
    .join('\n')
}

const columns = ['Metric', 'Type', 'Stability', 'Enabled', 'Labels', 'Meaning']

/** The families as the rows of one table. */
export function catalogueTable(entries: readonly CatalogueEntry[]): string {
  const rows = [columns, columns.map(() => '---'), ...entries.map(rowOf)]
  return rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function rowOf(entry: CatalogueEntry): string[] {
  const labelSets = [entry.labels, ...entry.otherLabels].map((names) => names.map(code).join(', '))
  const deprecated = entry.deprecatedSince === null ? '' : `, deprecated since ${entry.deprecatedSince}`
  return [
    code(entry.name),
    entry.type,
    `${entry.stability}${deprecated}`,
    `${entry.enabled ? 'yes' : 'no'}${entry.optIn ? ', opt-in' : ''}`,
    labelSets.join('; or '),
    escapeCell(entry.help),
  ]
}

const code = (text: string) => `\`${text}\``
const escapeCell = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('|', '\\|')
