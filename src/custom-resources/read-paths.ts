/** The reading of paths and of the labels that both resources and metrics have. */

import { isScalar, isSeq } from 'yaml'
import type { LabelPaths, LabelsDeclaration } from './configuration.ts'
import { compilePath, PathError } from './path.ts'
import type { YamlFields } from './yaml-fields.ts'

/** `commonLabels` and `labelsFromPath`, which resources and metrics have. */
export function readLabels(fields: YamlFields): LabelsDeclaration {
  return { commonLabels: fields.textMap('commonLabels'), labelsFromPath: readLabelPaths(fields) }
}

/** `labelsFromPath`. */
export function readLabelPaths(fields: YamlFields): LabelPaths {
  return fields.map('labelsFromPath', 'expected a mapping of label names to paths', (node, key) =>
    readPathNode(fields, `labelsFromPath.${key}`, node),
  )
}

/** A field that is a path; empty when it is not there. */
export function readPath(fields: YamlFields, name: string): readonly string[] {
  return readPathNode(fields, name, fields.node(name)) ?? []
}

function readPathNode(fields: YamlFields, name: string, node: unknown): readonly string[] | undefined {
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
  return checkedPath(fields, name, node, parts as string[])
}

function checkedPath(fields: YamlFields, name: string, node: unknown, parts: string[]): readonly string[] | undefined {
  try {
    compilePath(parts)
    return parts
  } catch (error) {
    if (!(error instanceof PathError)) throw error
    fields.wrong(node, `${name}: ${error.message}`)
    return undefined
  }
}
