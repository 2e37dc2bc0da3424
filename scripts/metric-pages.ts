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

${resources.length} resources, ${all.length} metric families. \`kube-state-otlp metrics\` prints the same, searched, and with \`--enabled\` what
your flags leave of it. Names, labels, types and values are those of kube-state-metrics v2.20. Adding one of your own takes
[five minutes](../adding-a-metric.md).

| Resource | Kind | By default | Families | Stable | Opt-in |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
`
}

function renderPage(resource: AnyResource): string {
  const { plural, apiVersion, kind, namespaced, enabledByDefault, identity } = resource
  const labels = Object.keys(identity).map((name) => `\`${name}\``)
  const selected = enabledByDefault ? 'read by default' : `read when \`--resources\` names \`${plural}\``
  return `${notice}

# ${plural}

${apiVersion} ${kind}, ${namespaced ? 'in namespaces' : 'of the whole cluster'}; ${selected}. ${readings[resource.form]}
Every series of an object carries ${labels.join(', ')}.

*Enabled* tells what the defaults print once the resource is read. \`label_*\` and the like stand for labels that are made of
keys, as an allowlist selects them.

${catalogueTable(familiesOf(resource).map((entry) => ({ ...entry, enabled: !entry.optIn })))}
`
}

const readings: Readonly<Record<AnyResource['form'], string>> = {
  object: 'The objects are read whole.',
  metadata: 'Only the metadata of the objects is read.',
  table: 'The objects are read as rows of a table: their metadata and what `kubectl get` prints.',
}
