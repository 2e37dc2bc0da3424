/** Owns how the amounts of a compute resource are printed: its label and units, found once per name. */

import type { ResourceUnit } from './compute-resource-names.ts'
import { resourceUnits, sanitizeResourceName } from './compute-resource-names.ts'

/** The `resource` label of a name, and its `unit` labels: one sample for each, none for names that are left out. */
export interface PrintedResource {
  readonly label: string
  readonly units: readonly ResourceUnit[]
}

/** Clusters have a few dozen names; the bound is against those who make them up. */
const maxRemembered = 1000
const remembered = new Map<string, PrintedResource>()

/** How a resource of this name is printed. */
export function printedResource(name: string): PrintedResource {
  const known = remembered.get(name)
  if (known !== undefined) return known
  if (remembered.size === maxRemembered) remembered.clear()
  const printed = { label: sanitizeResourceName(name), units: resourceUnits(name) }
  remembered.set(name, printed)
  return printed
}
