/** Owns the words for manifests that yield nothing because nobody reads their kind. */

import { resources } from '../families/built-in-resources.ts'
import type { FamilySelection } from '../selection/create-plan.ts'
import { createPlan } from '../selection/create-plan.ts'
import type { Manifest } from './manifests.ts'

/** A line for each kind that the selection does not read: how many objects, and why. Empty when all are read. */
export function describeUnread(manifests: readonly Manifest[], selection: FamilySelection): string[] {
  const read = new Set(createPlan(resources, selection).map(({ resource }) => keyOf(resource)))
  const byKind = Map.groupBy(manifests, keyOf)
  return [...byKind].flatMap(([key, [first, ...more]]) =>
    read.has(key) || first === undefined ? [] : [`${key}: ${countOf(1 + more.length)} left out, ${reason(first)}`],
  )
}

const keyOf = ({ apiVersion, kind }: Pick<Manifest, 'apiVersion' | 'kind'>) => `${apiVersion} ${kind}`
const countOf = (count: number) => (count === 1 ? '1 object' : `${count} objects`)

function reason({ apiVersion, kind }: Manifest): string {
  const sameKind = resources.filter((resource) => resource.kind === kind)
  const same = sameKind.find((resource) => resource.apiVersion === apiVersion)
  if (same !== undefined) return `since resources does not select ${same.plural}`
  const [other] = sameKind
  return other === undefined
    ? 'since no resource reads this kind'
    : `since ${other.plural} are read as ${other.apiVersion}`
}
