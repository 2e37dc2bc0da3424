/**
 * The reading of ResourceMetricsMonitor objects, the configuration of the project resource-state-metrics. What has no meaning
 * here is refused in words, with the family or the store that it stands in; the rest of the monitor is used.
 */

import type { Scalar } from 'yaml'
import { isScalar, LineCounter, parseDocument } from 'yaml'
import type { LabelPaths, ResourceDeclaration } from '../configuration.ts'
import type { CompileExpression } from '../expression.ts'
import { readSelectors } from '../read-selectors.ts'
import { parseOptions } from '../yaml-document.ts'
import { YamlFields, YamlReading } from '../yaml-fields.ts'
import { readFamily } from './read-family.ts'
import { readResolvedLabels } from './read-resolvable.ts'

/** Where a monitor stands. */
interface MonitorContext {
  readonly source: string
  readonly compile: CompileExpression | undefined
}

const apiGroup = 'resource-state-metrics.instrumentation.k8s-sigs.io'
export const monitorApiVersion = `${apiGroup}/v1alpha1`

/** The entries of a monitor. */
export function readMonitor(reading: YamlReading, contents: unknown, context: MonitorContext): ResourceDeclaration[] {
  const top = new YamlFields(reading, contents, 'a ResourceMetricsMonitor', undefined)
  for (const ignored of ['kind', 'metadata', 'status']) top.node(ignored)
  const apiVersion = top.text('apiVersion')
  if (apiVersion !== monitorApiVersion) {
    top.wrong(top.node('apiVersion'), `apiVersion: expected ${monitorApiVersion}, got "${apiVersion}"`)
  }
  const spec = top.fields('spec', 'spec: a mapping with the key configuration')
  const node = spec.node('configuration')
  if (node === undefined) spec.wrong(undefined, 'configuration is missing: expected a mapping with the key stores')
  top.finish('the ResourceMetricsMonitor')
  spec.finish('spec')
  return isScalar(node) ? readConfigurationText(reading, node, context) : readStores(reading, node, context)
}

/** In objects of earlier versions the configuration is a text. Its lines are counted in the object where they can be. */
function readConfigurationText(reading: YamlReading, node: Scalar, context: MonitorContext): ResourceDeclaration[] {
  const lines = new LineCounter()
  const isBlock = node.type === 'BLOCK_LITERAL'
  const inner = new YamlReading(context.source, lines, isBlock ? reading.positionOf(node).line : 0)
  const document = parseDocument(String(node.value), { lineCounter: lines, ...parseOptions })
  const isValid = inner.begin(document, 'configuration: ')
  const resources = isValid ? readStores(inner, document.contents, context) : []
  reading.problems.push(...inner.problems)
  return resources
}

function readStores(reading: YamlReading, node: unknown, context: MonitorContext): ResourceDeclaration[] {
  const fields = new YamlFields(reading, node, 'a mapping with the key stores', undefined)
  // The name in earlier versions.
  const key = fields.has('generators') ? 'generators' : 'stores'
  const stores = fields.list(key, 'a list of stores')
  if (fields.isMapping && stores.length === 0) fields.wrong(undefined, 'no stores: expected entries below stores')
  reportLimit(fields)
  fields.finish('the configuration')
  return stores.flatMap((store, index) => readStore(reading, store, index, context) ?? [])
}

function reportLimit(fields: YamlFields): void {
  if (fields.wholeNumber('cardinalityLimit') === 0) return
  fields.wrong(fields.node('cardinalityLimit'), 'cardinalityLimit is not applied: all series are kept', 'warning')
}

/** Every sample has them, beside group, version and kind. */
const objectLabels: LabelPaths = new Map([
  ['name', { path: ['metadata', 'name'] }],
  ['namespace', { path: ['metadata', 'namespace'] }],
])

function readStore(
  reading: YamlReading,
  node: unknown,
  index: number,
  { source, compile }: MonitorContext,
): ResourceDeclaration | undefined {
  const place = `stores[${index}]`
  const fields = new YamlFields(reading, node, 'a mapping with group, version, kind and families', place)
  const [group, version, kind] = [fields.text('group'), fields.text('version'), fields.text('kind')]
  const name = kind === '' || kind === '*' ? place : kind
  fields.rule = name
  const selection = fields.fields('selectors', 'selectors: a mapping with label and field')
  const selectors = readSelectors(selection, { label: 'label', field: 'field' })
  selection.finish('selectors')
  reportLimit(fields)
  const resolver = fields.text('resolver')
  const labels = readResolvedLabels(fields)
  const families = fields.list('families', 'a list of families')
  const resourcePlural = fields.text('resource')
  const rules = families.flatMap((family, at) =>
    readFamily(reading, family, { resource: name, index: at, resolver, labels, compile }),
  )
  if (families.length === 0) fields.wrong(undefined, 'no families: expected entries below families', 'warning')
  fields.finish('the store')
  if (!isSupported(fields, { group, version, kind })) return undefined
  return {
    ...{ ...fields.position, source, groupVersionKind: { group, version, kind }, resourcePlural, rules },
    ...{ commonLabels: new Map(), labelsFromPath: objectLabels, isOfMonitor: true },
    ...(selectors && { selectors }),
  }
}

/** Whether the kinds can be chosen in this way; reports it otherwise. */
function isSupported(fields: YamlFields, gvk: ResourceDeclaration['groupVersionKind']): boolean {
  const refuse = (key: string, expected: string) =>
    fields.wrong(fields.node(key), `${key}: expected ${expected}: this store is left out`, 'warning')
  const isPattern = (text: string) => text.includes('*') && text !== '*'
  if (gvk.group.includes('*')) refuse('group', 'the name of an API group, since a group has no wildcard')
  else if (gvk.version === '' || isPattern(gvk.version)) refuse('version', 'a version, or * for all')
  else if (gvk.kind === '' || isPattern(gvk.kind)) refuse('kind', 'a kind, or * for all')
  else if (gvk.group === '' && gvk.kind === '*') refuse('kind', 'a kind, since the core group has no wildcard')
  else return true
  return false
}
