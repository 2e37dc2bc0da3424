/** The reading of a family of a ResourceMetricsMonitor: each of its metrics becomes a rule. */

import type { RuleDeclaration } from '../configuration.ts'
import type { CompileExpression } from '../expression.ts'
import { ExpressionError } from '../expression-error.ts'
import type { YamlReading } from '../yaml-fields.ts'
import { YamlFields } from '../yaml-fields.ts'
import type { ResolvedLabel } from './read-resolvable.ts'
import { compileResolvable, readResolvedLabels } from './read-resolvable.ts'

/** What a family takes of its store. */
interface FamilyContext {
  /** The kind, or the place of the store. */
  readonly resource: string
  readonly index: number
  /** Empty for none. */
  readonly resolver: string
  readonly labels: readonly ResolvedLabel[]
  readonly compile: CompileExpression | undefined
}

const namePrefix = 'kube_customresource_'
const familyName = /^[a-zA-Z_][a-zA-Z0-9_]*$/

/** The rules of a family; none, and a warning, if any part of it has no meaning here. */
export function readFamily(reading: YamlReading, node: unknown, context: FamilyContext): RuleDeclaration[] {
  const { resource, index, labels: ofStore, compile } = context
  const fields = new YamlFields(
    reading,
    node,
    'a mapping with name, help and metrics',
    `${resource}/families[${index}]`,
  )
  const name = fields.text('name')
  if (name !== '') fields.rule = `${resource}/${name}`
  const help = fields.text('help')
  const script = fields.node('starlark')
  const resolver = fields.text('resolver') || context.resolver
  const labels = [...ofStore, ...readResolvedLabels(fields)]
  const metrics = fields.list('metrics', 'a list of metrics')
  if (fields.wholeNumber('cardinalityLimit') !== 0) {
    fields.wrong(fields.node('cardinalityLimit'), 'cardinalityLimit is not applied: all series are kept', 'warning')
  }
  fields.finish('the family')
  const leaveOut = (at: unknown, message: string) => {
    fields.wrong(at, `${message}: this family is left out`, 'warning')
    return []
  }
  if (!familyName.test(name)) return leaveOut(fields.node('name'), 'name: expected letters, digits and _ only')
  if (script !== undefined)
    return leaveOut(script, 'starlark: scripts are not run; expected metrics with the resolver cel')
  if (metrics.length === 0) return leaveOut(undefined, 'no metrics: expected entries below metrics')
  try {
    return metrics.map((metric, at) => {
      const read = readMetric(reading, metric, { rule: `${fields.rule}[${at}]`, resolver, labels, compile })
      return { ...read, name: namePrefix + name, help }
    })
  } catch (error) {
    if (!(error instanceof MetricError)) throw error
    return leaveOut(error.node, error.message)
  }
}

/** A metric that has no meaning here. */
class MetricError extends Error {
  readonly node: unknown

  constructor(message: string, node: unknown) {
    super(message)
    this.node = node
  }
}

interface MetricContext {
  readonly rule: string
  readonly resolver: string
  readonly labels: readonly ResolvedLabel[]
  readonly compile: CompileExpression | undefined
}

/** Throws MetricError. */
function readMetric(
  reading: YamlReading,
  node: unknown,
  { rule, resolver: inherited, labels: ofFamily, compile }: MetricContext,
): Omit<RuleDeclaration, 'name' | 'help'> {
  const fields = new YamlFields(reading, node, 'a mapping with value and labels', rule)
  const resolver = fields.text('resolver') || inherited
  const compiled = (text: string, what: string, at: unknown) => {
    try {
      return compileResolvable(text, resolver, compile)
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error
      throw new MetricError(`${what}: ${error.message}`, at)
    }
  }
  const value = fields.text('value')
  const own = readResolvedLabels(fields)
  fields.finish('the metric')
  if (value === '') throw new MetricError('value is missing: expected an expression or a path', node)
  const labels = [...ofFamily, ...own].map(
    ({ name, text, node: at }) => [name, compiled(text, `label ${name}`, at)] as const,
  )
  const resolved = { value: compiled(value, 'value', fields.node('value')), labels }
  return {
    ...fields.position,
    ...{ commonLabels: new Map(), labelsFromPath: new Map(), errorLogV: 0 },
    each: {
      ...{ type: 'gauge', path: [], labelsFromPath: new Map(), valueFrom: [], labelFromKey: '', nilIsZero: false },
      resolved,
    },
  }
}
