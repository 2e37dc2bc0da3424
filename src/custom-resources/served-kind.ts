/** Kinds that an API server serves, and their CustomResourceDefinitions. */

import type { CustomResourceDefinition } from '../schemas/custom-resource-definition.ts'

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

/** The kind of a definition in the versions that are served; none while the API server has not established it. */
export function kindsOfDefinition({ spec, status }: CustomResourceDefinition): ServedKind[] {
  const { group, names, scope, versions } = spec
  // A definition from a file has no conditions; one from an API server has.
  const established = status.conditions.find(({ type }) => type === 'Established')
  if (status.conditions.length > 0 && established?.status !== 'True') return []
  const { kind, plural } = names
  const served = versions.filter((version) => version.served)
  return served.map(({ name }) => ({ group, version: name, kind, plural, namespaced: scope === 'Namespaced' }))
}
