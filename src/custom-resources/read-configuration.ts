/** The step from a YAML text to declarations. Everything wrong with it is reported at once, by line and column. */

import type { Document } from 'yaml'
import { isMap, LineCounter, parseAllDocuments } from 'yaml'
import type { ReadConfiguration, ResourceDeclaration } from './configuration.ts'
import type { CompileExpression } from './expression.ts'
import { monitorKind } from './load-expressions.ts'
import { readMonitor } from './monitors/read-monitor.ts'
import { readLabels } from './read-paths.ts'
import { readRule } from './read-rule.ts'
import { readSelectors } from './read-selectors.ts'
import { parseOptions } from './yaml-document.ts'
import { YamlFields, YamlReading } from './yaml-fields.ts'

/**
 * Reads the text of one file, flag or key; `source` is what messages call it. `compile` is what `loadExpressions` yields for
 * the text. Documents behind the first are ignored, as in KSM, unless they are ResourceMetricsMonitors.
 */
export function readConfiguration(source: string, text: string, compile?: CompileExpression): ReadConfiguration {
  const lines = new LineCounter()
  const parsed = parseAllDocuments(text, { lineCounter: lines, ...parseOptions })
  const documents = Array.isArray(parsed) ? parsed : []
  const read = documents
    .filter((document, index) => index === 0 || isMonitor(document))
    .map((document) => readDocument(new YamlReading(source, lines), document, { source, compile }))
  const problems = read.flatMap(({ reading }) => reading.problems)
  const isRefused = problems.some(({ severity }) => severity === 'error')
  return { resources: isRefused ? [] : read.flatMap(({ resources }) => resources), problems }
}

function readDocument(reading: YamlReading, document: Document.Parsed, context: TextContext) {
  const isValid = reading.begin(document)
  const read = isMonitor(document) ? readMonitor : readTop
  return { reading, resources: isValid ? read(reading, document.contents, context) : [] }
}

const isMonitor = (document: Document.Parsed) => isMap(document.contents) && document.get('kind') === monitorKind

/** What all entries of a text have in common. */
interface TextContext {
  readonly source: string
  readonly compile: CompileExpression | undefined
}

function readTop(reading: YamlReading, contents: unknown, context: TextContext): ResourceDeclaration[] {
  if (reading.resolve(contents) === undefined) return []
  const top = new YamlFields(reading, contents, 'a mapping with the key spec', undefined)
  for (const ignored of ['apiVersion', 'kind', 'metadata']) top.node(ignored)
  const spec = top.fields('spec', 'spec: a mapping with the key resources')
  const entries = spec.list('resources', 'a list of resources')
  if (entries.length === 0) {
    spec.wrong(undefined, 'no resources: expected entries below spec.resources', 'warning')
  }
  const resources = entries.map((node, index) => readResource(reading, node, index, context))
  top.finish('the configuration')
  spec.finish('spec')
  reportReplaced(reading, resources)
  return resources
}

function readResource(
  reading: YamlReading,
  node: unknown,
  index: number,
  { source, compile }: TextContext,
): ResourceDeclaration {
  const fields = new YamlFields(reading, node, 'a mapping with groupVersionKind and metrics', `resources[${index}]`)
  const gvk = fields.fields('groupVersionKind', 'groupVersionKind: a mapping of group, version and kind')
  const groupVersionKind = { group: gvk.text('group'), version: gvk.text('version'), kind: gvk.text('kind') }
  const { group, kind } = groupVersionKind
  const name = kind === '' || kind === '*' ? `resources[${index}]` : kind
  fields.rule = gvk.rule = name
  if (!fields.has('groupVersionKind')) {
    fields.wrong(undefined, 'groupVersionKind is missing: expected group, version and kind', 'warning')
  } else if (group === '*' || (group === '' && (kind === '' || kind === '*'))) {
    gvk.wrong(undefined, 'group: expected the name of an API group; a group has no wildcard', 'warning')
  }
  gvk.finish('groupVersionKind')
  const prefix = fields.optionalText('metricNamePrefix') ?? 'kube_customresource'
  const resourcePlural = fields.text('resourcePlural')
  const labels = readLabels(fields)
  const selectors = readSelectors(fields, { label: 'labelSelector', field: 'fieldSelector' })
  const errorLogV = fields.wholeNumber('errorLogV')
  const metrics = fields.list('metrics', 'a list of metrics')
  if (metrics.length === 0) fields.wrong(undefined, 'no metrics: expected entries below metrics', 'warning')
  const rules = metrics.map((metric, at) =>
    readRule(reading, metric, { resource: name, index: at, prefix, errorLogV, compile }),
  )
  fields.finish(`resource ${name}`)
  return {
    ...fields.position,
    source,
    groupVersionKind,
    resourcePlural,
    ...labels,
    rules,
    ...(selectors && { selectors }),
  }
}

/** Of two entries for one group, version and kind the last counts. */
function reportReplaced(reading: YamlReading, resources: readonly ResourceDeclaration[]): void {
  const byKind = Map.groupBy(
    resources,
    ({ groupVersionKind: { group, version, kind }, selectors }) =>
      `${group}/${version} ${kind}${selectors === undefined ? '' : ` ${JSON.stringify(selectors)}`}`,
  )
  for (const [key, entries] of byKind) {
    const last = entries.at(-1) as ResourceDeclaration
    for (const replaced of entries.slice(0, -1)) {
      const message = `replaced by the entry for the same kind (${key}) in line ${last.line}: merge the two`
      reading.report(replaced, replaced.groupVersionKind.kind || undefined, message, 'warning')
    }
  }
}
