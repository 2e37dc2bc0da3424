/** The labels by which the series of a query's result can differ, read from its syntax tree. */
import { parser } from '@prometheus-io/lezer-promql'

type Node = ReturnType<typeof parser.parse>['topNode']
type LabelsOf = (metric: string) => ReadonlySet<string> | undefined

/** Functions whose result loses a label. */
const removedBy: Readonly<Record<string, string>> = { histogram_quantile: 'le' }
/** Aggregations whose result keeps the labels of the series that they choose. */
const choosing = new Set(['topk', 'bottomk', 'limitk'])

/**
 * Labels of the metrics, as `labelsOf` returns them, and `instance`: those that aggregations keep and no matcher sets to one
 * value. Without `job`, `cluster` and the name.
 */
export function resultLabels(expression: string, labelsOf: LabelsOf): ReadonlySet<string> {
  const text = ({ from, to }: Node) => expression.slice(from, to)
  const union = (nodes: readonly Node[]) => new Set(nodes.flatMap((node) => [...labelsIn(node)]))
  function labelsIn(node: Node): Set<string> {
    if (node.name === 'VectorSelector') return labelsOfSelector(node)
    if (node.name === 'AggregateExpr') return labelsOfAggregation(node)
    const labels = union(childrenOf(node))
    if (node.name === 'FunctionCall') labels.delete(removedBy[text(node.getChild('FunctionIdentifier') as Node)] ?? '')
    return labels
  }
  function labelsOfSelector(selector: Node): Set<string> {
    const labels = new Set([...(labelsOf(text(selector.getChild('Identifier') as Node)) ?? []), 'instance'])
    for (const matcher of descendants(selector).filter(({ name }) => name === 'UnquotedLabelMatcher')) {
      const isFixed = text(matcher.getChild('MatchOp') as Node) === '='
      if (isFixed) labels.delete(text(matcher.getChild('LabelName') as Node))
    }
    for (const label of ['job', 'cluster']) labels.delete(label)
    return labels
  }
  function labelsOfAggregation(aggregation: Node): Set<string> {
    const inside = union(aggregation.getChildren('FunctionCallBody'))
    const operation = childrenOf(aggregation.getChild('AggregateOp') as Node)[0]?.name.toLowerCase() ?? ''
    if (choosing.has(operation)) return inside
    const modifier = aggregation.getChild('AggregateModifier')
    const named = new Set((modifier?.getChild('GroupingLabels')?.getChildren('LabelName') ?? []).map(text))
    return modifier?.getChild('Without') ? inside.difference(named) : inside.intersection(named)
  }
  return labelsIn(parser.parse(expression).topNode)
}

function childrenOf(node: Node): Node[] {
  const children: Node[] = []
  for (let child = node.firstChild; child !== null; child = child.nextSibling) children.push(child)
  return children
}

const descendants = (node: Node): Node[] => [node, ...childrenOf(node).flatMap(descendants)]
