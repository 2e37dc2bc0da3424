/** The reading of values and labels of a ResourceMetricsMonitor. */

import type { CompileExpression } from '../expression.ts'
import { ExpressionError } from '../expression-error.ts'
import type { YamlFields } from '../yaml-fields.ts'
import type { Resolvable } from './resolvable.ts'
import { resolvableExpression, resolvablePath } from './resolvable.ts'

/** A label as written; its resolver is that of the metric that it is for. */
export interface ResolvedLabel {
  readonly name: string
  readonly text: string
  readonly node: unknown
}

/** `labels`, which stores, families and metrics have. */
export function readResolvedLabels(fields: YamlFields): ResolvedLabel[] {
  return fields.list('labels', 'a list of labels').flatMap((node) => {
    const label = fields.nested(node, 'a mapping with name and value')
    const [name, text] = [label.text('name'), label.text('value')]
    label.finish('the label')
    if (name !== '' && text !== '') return [{ name, text, node: label.node('value') }]
    label.wrong(node, 'label: expected name and value: this label is left out', 'warning')
    return []
  })
}

/** Compiles a text for its resolver. Throws ExpressionError. */
export function compileResolvable(text: string, resolver: string, compile: CompileExpression | undefined): Resolvable {
  switch (resolver) {
    case 'unstructured':
      return resolvablePath(text)
    case 'cel':
      if (compile === undefined) throw new ExpressionError('expected the kind of the object without escapes')
      return resolvableExpression(compile(text, 'monitor'))
    case '':
      throw new ExpressionError('resolver is missing: expected cel or unstructured at the store, family or metric')
    case 'starlark':
      throw new ExpressionError('starlark: scripts are not run; expected the resolver cel or unstructured')
    default:
      throw new ExpressionError(`resolver: expected cel or unstructured, got "${resolver}"`)
  }
}
