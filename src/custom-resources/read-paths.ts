/** The reading of paths, and of labels whose values stand at paths. */

import { isMap, isScalar, isSeq } from 'yaml'
import type { ConversionName, LabelDeclaration, LabelPaths, LabelsDeclaration } from './configuration.ts'
import { ExpressionError } from './expression-error.ts'
import { conversions } from './named-conversion.ts'
import { compilePath, PathError } from './path.ts'
import { compilePathLabels } from './path-labels.ts'
import { compilePattern } from './re2-pattern.ts'
import type { YamlFields } from './yaml-fields.ts'

/** `commonLabels` and `labelsFromPath`, which resources and metrics have. */
export function readLabels(fields: YamlFields): LabelsDeclaration {
  return { commonLabels: fields.textMap('commonLabels'), labelsFromPath: readLabelPaths(fields) }
}

/** `labelsFromPath`; paths may start from one of the named levels. */
export function readLabelPaths(fields: YamlFields, levelNames: readonly string[] = []): LabelPaths {
  return fields.map('labelsFromPath', 'expected a mapping of label names to paths', (node, key) => {
    const name = `labelsFromPath.${key}`
    const check = (path: readonly string[]) => compilePathLabels(new Map([[key, { path }]]), levelNames)
    if (isMap(node)) return readLabel(fields, name, node, check)
    const path = readPathNode(fields, name, node, check)
    return path === undefined ? undefined : { path }
  })
}

type CheckPath = (parts: readonly string[]) => unknown

/** A field that is a path; empty when it is not there. `check` throws PathError. */
export function readPath(fields: YamlFields, name: string, check: CheckPath = compilePath): readonly string[] {
  return readPathNode(fields, name, fields.node(name), check) ?? []
}

/** The name of a conversion; undefined when there is none. */
export function readConversion(fields: YamlFields): ConversionName | undefined {
  const name = fields.optionalText('convert')
  if (name === undefined) return undefined
  if (Object.hasOwn(conversions, name)) return name as ConversionName
  fields.wrong(fields.node('convert'), `convert: expected ${Object.keys(conversions).join(', ')}, got "${name}"`)
  return undefined
}

/** A label with changes to its value. */
function readLabel(parent: YamlFields, name: string, node: unknown, check: CheckPath): LabelDeclaration | undefined {
  const fields = parent.nested(node, `${name}: a path, or a mapping with path`)
  const path = readPathNode(fields, `${name}.path`, fields.node('path'), check)
  if (!fields.has('path')) fields.wrong(undefined, `${name}.path is missing: expected the path of the value`)
  const convert = readConversion(fields)
  const match = readPattern(fields, name)
  const [replace, fallback] = [fields.optionalText('replace'), fields.optionalText('default')]
  if (replace !== undefined && !fields.has('match')) {
    fields.wrong(fields.node('replace'), `${name}.replace: expected together with match`)
  }
  const values = fields.has('values') ? fields.textMap('values') : undefined
  fields.finish(name)
  if (path === undefined) return undefined
  return {
    path,
    ...(convert && { convert }),
    ...(match !== undefined && { match }),
    ...(replace !== undefined && { replace }),
    ...(values && { values }),
    ...(fallback !== undefined && { default: fallback }),
  }
}

function readPattern(fields: YamlFields, name: string): string | undefined {
  const match = fields.optionalText('match')
  if (match === undefined) return undefined
  try {
    compilePattern(match)
    return match
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    fields.wrong(fields.node('match'), `${name}.match: ${error.message}`)
    return undefined
  }
}

function readPathNode(
  fields: YamlFields,
  name: string,
  node: unknown,
  check: CheckPath,
): readonly string[] | undefined {
  if (node === undefined) return []
  if (!isSeq(node)) {
    const written = isScalar(node) ? String(node.value) : undefined
    const instead = written === undefined ? '' : `; did you mean [${written.split('.').filter(Boolean).join(', ')}]?`
    fields.wrong(node, `${name}: expected a path, a list of keys like [spec, replicas]${instead}`)
    return undefined
  }
  const parts = node.items.map((item) => (isScalar(item) ? String(item.source ?? item.value ?? '') : undefined))
  if (parts.includes(undefined)) {
    fields.wrong(node, `${name}: expected texts as the parts of a path`)
    return undefined
  }
  return checkedPath(fields, name, node, parts as string[], check)
}

function checkedPath(
  fields: YamlFields,
  name: string,
  node: unknown,
  parts: readonly string[],
  check: CheckPath,
): readonly string[] | undefined {
  try {
    check(parts)
    return parts
  } catch (error) {
    if (!(error instanceof PathError)) throw error
    fields.wrong(node, `${name}: ${error.message}`)
    return undefined
  }
}
