/** The label and the units with which amounts of a compute resource are reported, computed once per resource name. */

import type { ResourceUnit } from './compute-resource-names.ts'
import { resourceUnits, sanitizeResourceName } from './compute-resource-names.ts'

/** The `resource` label of a name, and its `unit` labels: one sample for each, none for names that are not reported. */
export interface PrintedResource {
  readonly label: string
  readonly units: readonly ResourceUnit[]
}

/** Clusters have a few dozen names; the bound limits memory if names are generated. */
const maxRemembered = 1000
const remembered = new Map<string, PrintedResource>()

/** The label and units of the resource with this name. */
export function printedResource(name: string): PrintedResource {
  const known = remembered.get(name)
  if (known !== undefined) return known
  if (remembered.size === maxRemembered) remembered.clear()
  const printed = { label: sanitizeResourceName(name), units: resourceUnits(name) }
  remembered.set(name, printed)
  return printed
}
