/** The command `metrics`: searches the catalogue of families and prints it in several formats. */

import { boolean, choice } from '../config/formats/format.ts'
import { resourceNames } from '../config/resource-names.ts'
import { didYouMean } from '../config/suggestion.ts'
import type { CatalogueEntry } from '../inspect/catalogue.ts'
import { catalogueOf, searchCatalogue } from '../inspect/catalogue.ts'
import { catalogueMarkdown } from '../inspect/catalogue-markdown.ts'
import type { Command } from './command.ts'
import { configure, defineCommand, exitDone, exitRefused } from './command.ts'
import { alignTable } from './table.ts'

const writers: Readonly<Record<'table' | 'markdown' | 'json', (entries: readonly CatalogueEntry[]) => string>> = {
  table: tableOf,
  markdown: catalogueMarkdown,
  json: (entries) => `${JSON.stringify(entries, null, 2)}\n`,
}

export const metricsCommand: Command = defineCommand({
  name: 'metrics',
  summary: 'List the metric families: types, labels, stability, description, and which are enabled',
  usage: '[RESOURCE|PATTERN]... [--format FORMAT] [--enabled] [flags]',
  options: {
    format: { format: choice(['table', 'markdown', 'json']), default: 'table', doc: 'output format' },
    enabled: { format: boolean, default: false, doc: 'only families that the flags enable' },
  },
  examples: [
    ['kube-state-otlp metrics pods nodes', 'list the families of pods and nodes'],
    ['kube-state-otlp metrics restarts', 'list the families with this text in their name'],
    ['kube-state-otlp metrics --enabled --resources=jobs --metric-denylist=_labels$', 'list what these flags enable'],
  ],
  mainKeys: ['resources', 'metric_allowlist', 'metric_denylist', 'metric_opt_in_list', 'config'],
  words: () => resourceNames,
  async run({ options, words, flags }, context) {
    const refuse = (message: string) => {
      context.stderr.write(`kube-state-otlp: ${message}\n`)
      return exitRefused
    }
    const loaded = configure(flags, context)
    if (loaded === undefined) return exitRefused
    const catalogue = catalogueOf(loaded.config.selection)
    const { found, unmatched } = searchCatalogue(catalogue, words)
    if (unmatched[0] !== undefined) return refuse(unknownWord(unmatched[0], catalogue))
    const entries = options.enabled ? found.filter(({ enabled }) => enabled) : found
    context.stdout.write(writers[options.format](entries))
    return exitDone
  },
})

function unknownWord(word: string, catalogue: readonly CatalogueEntry[]): string {
  const names = [...resourceNames, ...catalogue.map(({ name }) => name)]
  return `no resource and no metric name matches "${word}"${didYouMean(word, names)}`
}

const headings = ['NAME', 'TYPE', 'STABILITY', 'ENABLED', 'OPT-IN', 'DEPRECATED', 'LABELS', 'HELP']

function tableOf(entries: readonly CatalogueEntry[]): string {
  const rows = entries.map(({ name, type, stability, enabled, optIn, deprecatedSince, labels, otherLabels, help }) => [
    name,
    type,
    stability,
    enabled ? 'yes' : 'no',
    optIn ? 'yes' : '-',
    deprecatedSince ?? '-',
    [labels, ...otherLabels].map((names) => names.join(',')).join(' or '),
    help,
  ])
  return alignTable(headings, rows)
}
