/** The names of the built-in resources in flags and files. */

import { resources } from '../families/built-in-resources.ts'

/** Plural names, in the order of the output. */
export const resourceNames: readonly string[] = resources.map(({ plural }) => plural)
