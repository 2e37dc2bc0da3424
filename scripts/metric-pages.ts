/** Renders docs/metrics from the declarations: a page for each resource, and the index of them. */

import { resources } from '../src/families/built-in-resources.ts'
import type { AnyResource } from '../src/families/family.ts'
import type { CatalogueEntry } from '../src/inspect/catalogue.ts'
import { catalogueOf } from '../src/inspect/catalogue.ts'
import { catalogueTable } from '../src/inspect/catalogue-markdown.ts'

const notice = '<!-- Written by npm run docs from src/families. -->'
const families = Map.groupBy(catalogueOf(), ({ resource }) => resource)
const familiesOf = ({ plural }: AnyResource): readonly CatalogueEntry[] => families.get(plural) ?? []

/** The files by their paths in the project. */
export const metricPages: Readonly<Record<string, () => string>> = {
  'docs/metrics/README.md': renderIndex,
  ...Object.fromEntries(
    resources.map((resource) => [`docs/metrics/${resource.plural}.md`, () => renderPage(resource)] as const),
  ),
}

function renderIndex(): string {
  const all = [...families.values()].flat()
  const count = (of: readonly CatalogueEntry[], test: (entry: CatalogueEntry) => boolean) => of.filter(test).length
  const rows = resources.map((resource) => {
    const own = familiesOf(resource)
    const { plural, apiVersion, kind, enabledByDefault } = resource
    const counts = [own.length, count(own, ({ stability }) => stability === 'stable'), count(own, ({ optIn }) => optIn)]
    return `| [${plural}](${plural}.md) | ${apiVersion} ${kind} | ${enabledByDefault ? 'yes' : 'no'} | ${counts.join(' | ')} |`
  })
  return `${notice}

# Metrics

${resources.length} resources, ${all.length} metric families. \`kube-state-otlp metrics\` prints the same list and can search it; with
\`--enabled\` it lists the families that your flags enable. Names, labels, types and values are those of kube-state-metrics
v2.20. See also [how to add a metric](../adding-a-metric.md).

| Resource | Kind | By default | Families | Stable | Opt-in |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
`
}

function renderPage(resource: AnyResource): string {
  const { plural, apiVersion, kind, namespaced, enabledByDefault, identity } = resource
  const labels = Object.keys(identity).map((name) => `\`${name}\``)
  const selected = enabledByDefault ? 'enabled by default' : `enabled when \`--resources\` includes \`${plural}\``
  return `${notice}

# ${plural}

${apiVersion} ${kind}, ${namespaced ? 'namespaced' : 'cluster-scoped'}; ${selected}. ${readings[resource.form]}
Every series of an object has ${labels.length === 1 ? 'the label' : 'the labels'} ${labels.join(', ')}.

*Enabled* is the default for each family of an enabled resource. \`label_*\` and similar entries stand for labels made from
the keys of a map, as selected by an allowlist.

${catalogueTable(familiesOf(resource).map((entry) => ({ ...entry, enabled: !entry.optIn })))}
`
}

const readings: Readonly<Record<AnyResource['form'], string>> = {
  object: 'The API server is asked for whole objects.',
  metadata: 'The API server is asked for metadata only.',
  table: 'The API server is asked for table rows: metadata and the columns of `kubectl get`.',
}
