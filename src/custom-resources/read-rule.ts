/** The reading of one metric of a resource entry. */

import type {
  AggregateName,
  EachDeclaration,
  GaugeDeclaration,
  InfoDeclaration,
  MetricDeclaration,
  RuleDeclaration,
  StateSetDeclaration,
} from './configuration.ts'
import { compileEachPath, levelNamesOf } from './each-path.ts'
import type { CompileExpression } from './expression.ts'
import { readExpressions } from './read-expressions.ts'
import { readConversion, readLabelPaths, readLabels, readPath } from './read-paths.ts'
import type { YamlReading } from './yaml-fields.ts'
import { YamlFields } from './yaml-fields.ts'

/** What a metric takes of its resource entry. */
interface RuleContext {
  /** The kind, or the place of the entry. */
  readonly resource: string
  readonly index: number
  /** Stands before the names; empty for none. */
  readonly prefix: string
  readonly errorLogV: number
  /** undefined if no text has expressions. */
  readonly compile: CompileExpression | undefined
}

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/

/** Reads a metric and reports what is wrong with it. */
export function readRule(
  reading: YamlReading,
  node: unknown,
  { resource, index, prefix, errorLogV, compile }: RuleContext,
): RuleDeclaration {
  const place = `${resource}/metrics[${index}]`
  const fields = new YamlFields(reading, node, 'a mapping with name, help and each', place)
  const bare = fields.text('name')
  if (bare !== '') fields.rule = `${resource}/${bare}`
  const name = [prefix, bare].filter((part) => part !== '').join('_')
  if (fields.isMapping && !fields.has('name')) {
    fields.wrong(undefined, 'name is missing: expected the name of the metric')
  } else if (fields.isMapping && !metricName.test(name)) {
    fields.wrong(fields.node('name'), `name: expected letters, digits, _ and : only, got "${name}"`)
  }
  const help = fields.text('help')
  const labels = readLabels(fields)
  const ownErrorLogV = fields.wholeNumber('errorLogV')
  const each = readEach(fields, compile)
  fields.finish('the metric')
  return { ...fields.position, name, help, ...labels, errorLogV: ownErrorLogV || errorLogV, each }
}

/** `each.type` in lower case to the key of its block. */
const blocks = { gauge: 'gauge', info: 'info', stateset: 'stateSet' } as const
type Type = keyof typeof blocks

function readEach(metric: YamlFields, compile: CompileExpression | undefined): MetricDeclaration {
  const each = metric.fields('each', 'each: a mapping with type and gauge, info or stateSet')
  const written = each.text('type')
  const type = written.toLowerCase()
  const isType = Object.hasOwn(blocks, type)
  if (!isType && (each.isMapping || !metric.has('each'))) {
    const got = written === '' ? '' : `, got "${written}"`
    each.wrong(each.node('type'), `each.type: expected Gauge, Info or StateSet${got}`)
  }
  const declared = readBlock(each, isType ? (type as Type) : 'gauge', isType, compile)
  for (const [other, key] of Object.entries(blocks)) {
    if (other === type || !isType || each.node(key) === undefined) continue
    each.wrong(each.node(key), `each.${key} is ignored: type is ${written}`, 'warning')
  }
  each.finish('each')
  return declared
}

function readBlock(
  each: YamlFields,
  type: Type,
  isNeeded: boolean,
  compile: CompileExpression | undefined,
): MetricDeclaration {
  const key = blocks[type]
  const node = each.node(key)
  if (node === undefined && isNeeded) each.wrong(undefined, `each.${key} is missing: expected what type ${type} reads`)
  const fields = each.fields(key, `each.${key}: a mapping with path`)
  const declared = readers[type](fields, compile)
  if (isNeeded) fields.finish(`each.${key}`)
  return declared
}

const readers = { gauge: readGauge, info: readInfo, stateset: readStateSet }

function readCommon(
  fields: YamlFields,
  compile: CompileExpression | undefined,
  hasValueExpression = false,
): EachDeclaration {
  const path = readPath(fields, 'path', compileEachPath)
  const labelsFromPath = readLabelPaths(fields, levelNamesOf(path))
  const expressions = readExpressions(fields, compile, hasValueExpression)
  return { path, labelsFromPath, ...(expressions && { expressions }) }
}

const aggregates: readonly AggregateName[] = ['count', 'sum', 'min', 'max']

function readAggregate(fields: YamlFields): AggregateName | undefined {
  const written = fields.optionalText('aggregate')
  if (written === undefined) return undefined
  const name = aggregates.find((it) => it === written)
  if (name !== undefined) return name
  fields.wrong(fields.node('aggregate'), `aggregate: expected ${aggregates.join(', ')}, got "${written}"`)
  return undefined
}

function readGauge(fields: YamlFields, compile: CompileExpression | undefined): GaugeDeclaration {
  const [convert, aggregate] = [readConversion(fields), readAggregate(fields)]
  return {
    type: 'gauge',
    ...readCommon(fields, compile, true),
    valueFrom: readPath(fields, 'valueFrom'),
    labelFromKey: fields.text('labelFromKey'),
    nilIsZero: fields.boolean('nilIsZero'),
    ...(convert && { convert }),
    ...(aggregate && { aggregate }),
  }
}

function readInfo(fields: YamlFields, compile: CompileExpression | undefined): InfoDeclaration {
  const declared: InfoDeclaration = {
    type: 'info',
    ...readCommon(fields, compile),
    labelFromKey: fields.text('labelFromKey'),
  }
  const isSilent = !(fields.has('labelsFromPath') || fields.has('labelExpressions')) && declared.labelFromKey === ''
  if (fields.isMapping && isSilent) {
    fields.wrong(undefined, 'the rule has no samples: expected labelsFromPath or labelFromKey in each.info', 'warning')
  }
  return declared
}

function readStateSet(fields: YamlFields, compile: CompileExpression | undefined): StateSetDeclaration {
  const declared: StateSetDeclaration = {
    type: 'stateset',
    ...readCommon(fields, compile),
    valueFrom: readPath(fields, 'valueFrom'),
    labelName: fields.text('labelName'),
    list: fields.texts('list', 'a list of states'),
  }
  if (!fields.isMapping) return declared
  if (declared.labelName === '') fields.wrong(undefined, 'labelName is missing: expected the label of the state')
  if (!fields.has('list')) {
    fields.wrong(undefined, 'the rule has no samples: expected the states in list', 'warning')
  }
  return declared
}
