/** The differences between two configurations, and which of them take effect while the program runs. Pure. */
import { isDeepStrictEqual } from 'node:util'
import { resources } from '../families/built-in-resources.ts'
import { checkTogether } from './checks.ts'
import type { Key, Values } from './schema.ts'
import { allSettings } from './schema.ts'
import { leaseNameOf } from './shard-names.ts'

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
 * a restart, such as more resources beside a node that is still set, all of them need a restart. So do the keys that name the
 * Lease of leader election, which is chosen at the start.
 */
export function compareConfigs(before: Values, after: Values): ConfigDifference {
  const changed = [...allSettings].filter(([key]) => !isDeepStrictEqual(before[key], after[key]))
  const reload = (isAllowed: (key: Key) => boolean): ConfigDifference => {
    const reloaded = changed.filter(([key, { reloads }]) => reloads === true && isAllowed(key)).map(([key]) => key)
    const values = { ...before, ...Object.fromEntries(reloaded.map((key) => [key, after[key]])) }
    return { reloaded, needsRestart: changed.map(([key]) => key).filter((key) => !reloaded.includes(key)), values }
  }
  const all = reload(() => true)
  const possible = hasSameLease(before, all.values) ? all : reload((key) => !leaseKeys.has(key))
  return isConsistent(possible.values)
    ? possible
    : { reloaded: [], needsRestart: changed.map(([key]) => key), values: before }
}

const leaseKeys: ReadonlySet<Key> = new Set<Key>(['node', 'shard', 'total_shards'])

function hasSameLease(before: Values, after: Values): boolean {
  return !before['leader_election.enabled'] || leaseNameOf(before) === leaseNameOf(after)
}

function isConsistent(values: Values): boolean {
  return checkTogether(values, () => ({ from: 'default' }), { resources, readsCluster: true }).problems.length === 0
}
