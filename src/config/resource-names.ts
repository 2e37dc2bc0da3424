/** Owns the names of the built-in resources, as flags and files may name them. */

import { resources } from '../families/built-in-resources.ts'

/** Plural names, in the order in which they are printed. */
export const resourceNames: readonly string[] = resources.map(({ plural }) => plural)
