/** Messages about manifests of kinds that are not read. */

import { resources } from '../families/built-in-resources.ts'
import type { FamilySelection } from '../selection/create-plan.ts'
import { createPlan } from '../selection/create-plan.ts'
import type { CustomResources } from './custom-resources.ts'
import { installedKinds, isDefinition } from './installed-kinds.ts'
import type { Manifest } from './manifests.ts'

/** One line for each kind that is not read, with the number of objects and the reason. */
export function describeUnread(
  manifests: readonly Manifest[],
  selection: FamilySelection,
  customResources?: CustomResources,
): string[] {
  const installed = installedKinds(manifests)
  const custom = customResources?.rules.resolve(installed.kinds) ?? []
  const builtIn = customResources?.only ? [] : createPlan(resources, selection).map(({ resource }) => resource)
  const read = new Set([...builtIn, ...custom].map(keyOf))
  const isRead = (manifest: Manifest) =>
    read.has(keyOf(manifest)) ||
    custom.some(({ kind, apiVersion }) => kind === manifest.kind && installed.isServedAs(manifest, apiVersion))
  const isUsed = (manifest: Manifest) =>
    isRead(manifest) ||
    (customResources !== undefined && (isDefinition(manifest) || customResources.isRuleSource(manifest)))
  const unread = Map.groupBy(
    manifests.filter((manifest) => !isUsed(manifest)),
    keyOf,
  )
  return [...unread].map(([key, [first, ...more]]) => {
    return `${key}: ${countOf(1 + more.length)} ignored: ${reason(first as Manifest, customResources?.only ?? false)}`
  })
}

const keyOf = ({ apiVersion, kind }: Pick<Manifest, 'apiVersion' | 'kind'>) => `${apiVersion} ${kind}`
const countOf = (count: number) => (count === 1 ? '1 object' : `${count} objects`)

function reason({ apiVersion, kind }: Manifest, only: boolean): string {
  if (only) return 'only custom resources are read, and there is no rule for this kind'
  const sameKind = resources.filter((resource) => resource.kind === kind)
  const same = sameKind.find((resource) => resource.apiVersion === apiVersion)
  if (same !== undefined) return `resources does not select ${same.plural}`
  const [other] = sameKind
  return other === undefined ? 'no resource reads this kind' : `${other.plural} are read as ${other.apiVersion}`
}
