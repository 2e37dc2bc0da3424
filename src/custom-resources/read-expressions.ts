/** The reading of expressions in CEL, which metrics may have. */

import { isScalar } from 'yaml'
import type { ExpressionsDeclaration } from './configuration.ts'
import type { CompileExpression, Expression, ExpressionUse } from './expression.ts'
import { ExpressionError } from './expression-error.ts'
import type { YamlFields } from './yaml-fields.ts'

/** Keys that a value by an expression makes meaningless, and what to do instead. */
const besideValue = {
  valueFrom: 'the expression finds its value itself',
  convert: 'the expression converts its value itself',
  nilIsZero: 'expected a value for what is not there in the expression, such as element.?size.orValue(0)',
} as const

/**
 * `where`, `labelExpressions` and, of a gauge, `valueExpression`; undefined when there are none. `compile` is undefined if no
 * expression was found in the text of the file.
 */
export function readExpressions(
  fields: YamlFields,
  compile: CompileExpression | undefined,
  hasValue: boolean,
): ExpressionsDeclaration | undefined {
  const read = (name: string, node: unknown, use: ExpressionUse) => readExpression(fields, name, node, use, compile)
  const where = read('where', fields.node('where'), 'condition')
  const value = hasValue ? read('valueExpression', fields.node('valueExpression'), 'number') : undefined
  const what = 'expected a mapping of label names to expressions'
  const labels = fields.map('labelExpressions', what, (node, key) => read(`labelExpressions.${key}`, node, 'label'))
  if (hasValue && fields.has('valueExpression')) reportBesideValue(fields)
  if (where === undefined && value === undefined && labels.size === 0) return undefined
  return { labels, ...(where && { where }), ...(value && { value }) }
}

function reportBesideValue(fields: YamlFields): void {
  for (const [name, instead] of Object.entries(besideValue)) {
    if (fields.has(name)) fields.wrong(fields.node(name), `${name}: not possible beside valueExpression: ${instead}`)
  }
  if (fields.has('aggregate') && fields.text('aggregate') === 'count') {
    fields.wrong(fields.node('valueExpression'), 'valueExpression: a count has no values: expected where')
  }
}

function readExpression(
  fields: YamlFields,
  name: string,
  node: unknown,
  use: ExpressionUse,
  compile: CompileExpression | undefined,
): Expression | undefined {
  if (node === undefined) return undefined
  const text = fields.textOf(node, name)
  if (text === undefined) return undefined
  if (compile === undefined) {
    fields.wrong(node, `${name}: expected the key without escapes`)
    return undefined
  }
  try {
    return compile(text, use)
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    reportInvalid(fields, name, node, text, error)
    return undefined
  }
}

/** At the character that is wrong, if the text stands in the file as it is. */
function reportInvalid(fields: YamlFields, name: string, node: unknown, text: string, error: ExpressionError): void {
  const { offset, message } = error
  const start = offset === undefined ? undefined : startOf(node, text)
  if (offset !== undefined && start !== undefined) {
    const at = start + offset
    fields.wrong({ range: [at, at, at] }, `${name}: ${message}`)
    return
  }
  const place = offset === undefined ? '' : ` (character ${offset + 1} of the expression)`
  fields.wrong(node, `${name}: ${message}${place}`)
}

/** Where a text without escapes and line breaks begins in the file. */
function startOf(node: unknown, text: string): number | undefined {
  if (!isScalar(node) || node.range == null) return undefined
  const [start, end] = node.range
  const quotes =
    node.type === 'PLAIN' ? 0 : node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE' ? 1 : undefined
  return quotes !== undefined && end - start === text.length + 2 * quotes ? start + quotes : undefined
}
