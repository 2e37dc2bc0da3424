/** The label names of families, for the catalogue and for the validation of the configuration. */

import type { AnyFamily, AnyResource } from './family.ts'

/** The label names of a family after those of the identity: one list per possible set. `label_*` stands for copied keys. */
export function labelSetsOf(family: AnyFamily): readonly (readonly string[])[] {
  switch (family.kind) {
    case 'fixed':
      return [family.labels]
    case 'stateSet':
      return [[family.label]]
    case 'copy':
      return [[`${family.prefix}_*`]]
    case 'free':
      return family.labelSets
  }
}

/** Every label name that a series of these resources can have. */
export function labelNamesOf(resources: readonly AnyResource[]): ReadonlySet<string> {
  return new Set(
    resources.flatMap(({ identity, families }) => [
      ...Object.keys(identity),
      ...families.flatMap((family: AnyFamily) => labelSetsOf(family).flat()),
    ]),
  )
}
