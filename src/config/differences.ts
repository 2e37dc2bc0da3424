/** The differences between two configurations, and which of them take effect while the program runs. Pure. */
import { isDeepStrictEqual } from 'node:util'
import { resources } from '../families/built-in-resources.ts'
import { checkTogether } from './checks.ts'
import type { Key, Values } from './schema.ts'
import { allSettings } from './schema.ts'

export interface ConfigDifference {
  /** Keys whose new value takes effect at once, in the order of the declarations. */
  readonly reloaded: readonly Key[]
  /** Keys whose new value takes effect with the next start. */
  readonly needsRestart: readonly Key[]
  /** The values after the reload: those before, with the new values of `reloaded`. */
  readonly values: Values
}

/**
 * Compares effective values; where they come from makes no difference. If the reloaded values contradict those that need
 * a restart, such as more resources beside a node that is still set, all of them need a restart.
 */
export function compareConfigs(before: Values, after: Values): ConfigDifference {
  const changed = [...allSettings].filter(([key]) => !isDeepStrictEqual(before[key], after[key]))
  const reloaded = changed.filter(([, { reloads }]) => reloads === true).map(([key]) => key)
  const values = { ...before, ...Object.fromEntries(reloaded.map((key) => [key, after[key]])) }
  if (!isConsistent(values)) return { reloaded: [], needsRestart: changed.map(([key]) => key), values: before }
  const needsRestart = changed.filter(([, { reloads }]) => reloads !== true).map(([key]) => key)
  return { reloaded, needsRestart, values }
}

function isConsistent(values: Values): boolean {
  return checkTogether(values, () => ({ from: 'default' }), { resources, readsCluster: true }).problems.length === 0
}
