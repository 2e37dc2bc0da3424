/** Kinds that an API server serves, and what a CustomResourceDefinition says of them. */

import { isList, isMap, memberOf } from './json-value.ts'

/** One kind in one version. */
export interface ServedKind {
  /** Empty for the core group. */
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly namespaced: boolean
}

/** Tells kinds apart. */
export function keyOfKind({ group, version, kind }: Pick<ServedKind, 'group' | 'version' | 'kind'>): string {
  return `${group}/${version} ${kind}`
}

/** `v1`, `apps/v1`, … */
export function apiVersionOf({ group, version }: Pick<ServedKind, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`
}

/** The kinds of a CustomResourceDefinition in the versions that it serves; none while the API server has not established it. */
export function kindsOfDefinition(definition: unknown): ServedKind[] {
  const spec = valueAt(definition, 'spec')
  const names = valueAt(spec, 'names')
  const [group, kind, plural] = [textAt(spec, 'group'), textAt(names, 'kind'), textAt(names, 'plural')]
  if (group === '' || kind === '' || plural === '' || !isEstablished(definition)) return []
  const namespaced = textAt(spec, 'scope') === 'Namespaced'
  return listAt(spec, 'versions')
    .filter((version) => isMap(version) && memberOf(version, 'served') === true)
    .map((version) => ({ group, version: textAt(version, 'name'), kind, plural, namespaced }))
}

/** A definition from a file has no conditions; one from an API server has. */
function isEstablished(definition: unknown): boolean {
  const conditions = listAt(valueAt(definition, 'status'), 'conditions')
  const established = conditions.find((condition) => textAt(condition, 'type') === 'Established')
  return conditions.length === 0 || textAt(established, 'status') === 'True'
}

const valueAt = (value: unknown, key: string): unknown => (isMap(value) ? memberOf(value, key) : undefined)

function listAt(value: unknown, key: string): readonly unknown[] {
  const list = valueAt(value, key)
  return isList(list) ? list : []
}

function textAt(value: unknown, key: string): string {
  const text = valueAt(value, key)
  return typeof text === 'string' ? text : ''
}
