/** What a PromQL expression refers to, read from its syntax tree: metrics, and the labels that it expects on them. */
import { parser } from '@prometheus-io/lezer-promql'

type Node = ReturnType<typeof parser.parse>['topNode']

/** The selector of a metric; without a name it selects by labels alone. */
export interface Selector {
  readonly metric: string | undefined
  readonly labels: readonly string[]
}

/** Labels of an aggregation or of vector matching, and the metrics of the operands. */
export interface Grouping {
  readonly labels: readonly string[]
  readonly metrics: readonly (string | undefined)[]
}

export interface Query {
  readonly selectors: readonly Selector[]
  readonly groupings: readonly Grouping[]
  /** Labels that `label_replace` and `label_join` add. */
  readonly added: readonly string[]
  /** Whether vectors are matched by `on`, `ignoring` or `group_*`. */
  readonly joins: boolean
}

/** Values for Grafana's variables outside of quotes, so that the expression can be parsed. */
export function withoutGrafanaVariables(expression: string): string {
  return expression.replaceAll(/\$__(rate_interval|interval|range)/g, '5m')
}

/** Throws on a syntax error. */
export function readQuery(expression: string): Query {
  const nodes = descendants(parser.parse(expression).topNode)
  const text = ({ from, to }: Node) => expression.slice(from, to)
  const failed = nodes.find(({ type }) => type.isError)
  if (failed !== undefined) throw new Error(`syntax error at ${failed.from} of ${expression}`)
  const named = (name: string) => nodes.filter((node) => node.name === name)
  return {
    selectors: named('VectorSelector').map((node) => readSelector(node, text)),
    groupings: named('GroupingLabels').map((node) => readGrouping(node, text)),
    added: [...named('LabelReplace'), ...named('LabelJoin')].map((node) => addedLabel(node, text)),
    joins: named('MatchingModifierClause').length > 0,
  }
}

function descendants(node: Node): Node[] {
  const found: Node[] = [node]
  for (let child = node.firstChild; child !== null; child = child.nextSibling) found.push(...descendants(child))
  return found
}

type Text = (node: Node) => string

function readSelector(selector: Node, text: Text): Selector {
  const matchers = descendants(selector).filter(({ name }) => name === 'UnquotedLabelMatcher')
  const identifier = selector.getChild('Identifier')
  const names = matchers.map((matcher) => labelOf(matcher, text))
  return {
    metric: identifier === null ? undefined : text(identifier),
    labels: names.filter((name) => name !== '__name__'),
  }
}

const labelOf = (matcher: Node, text: Text) => text(matcher.getChild('LabelName') as Node)

function readGrouping(grouping: Node, text: Text): Grouping {
  let operation: Node = grouping
  while (!/^(AggregateExpr|BinaryExpr)$/.test(operation.name)) operation = operation.parent as Node
  const selectors = descendants(operation).filter(({ name }) => name === 'VectorSelector')
  return {
    labels: grouping.getChildren('LabelName').map(text),
    metrics: selectors.map((selector) => readSelector(selector, text).metric),
  }
}

/** The second argument, in quotes. */
function addedLabel(identifier: Node, text: Text): string {
  const call = identifier.parent?.parent
  const [name] = call?.getChild('FunctionCallBody')?.getChildren('StringLiteral') ?? []
  return name === undefined ? '' : text(name).slice(1, -1)
}

/** Labels of the target, which receivers and scrapers add, and the usual constant label. */
const targetLabels = new Set(['job', 'instance', 'cluster', '__name__'])

/**
 * One line for each metric or label that does not exist. `labelsOf` returns the labels of a metric, undefined for an unknown one;
 * `label_*` in them stands for any label with that prefix.
 */
export function problemsOf(
  query: Query,
  labelsOf: (metric: string) => ReadonlySet<string> | undefined,
): readonly string[] {
  const exists = (metric: string | undefined, label: string) => {
    if (targetLabels.has(label) || query.added.includes(label)) return true
    const labels = metric === undefined ? undefined : labelsOf(metric)
    return (
      labels?.has(label) ||
      [...(labels ?? [])].some((name) => name.endsWith('_*') && label.startsWith(name.slice(0, -1)))
    )
  }
  const unknown = query.selectors.filter(({ metric }) => metric !== undefined && labelsOf(metric) === undefined)
  return [
    ...unknown.map(({ metric }) => `no metric ${metric}`),
    ...query.selectors.flatMap(({ metric, labels }) =>
      labels.filter((label) => !exists(metric, label)).map((label) => `${metric} has no label ${label}`),
    ),
    ...query.groupings.flatMap(({ labels, metrics }) =>
      labels
        .filter((label) => !metrics.some((metric) => exists(metric, label)))
        .map((label) => `none of ${metrics.join(', ')} has the label ${label}`),
    ),
  ]
}
