/** The names whose stale markers are to be confirmed, over all ledgers. */

import type { LedgerInput } from './ledger.ts'

/** By resource, each `namespace/name` of which stale markers from before `before` are not confirmed. */
export function unconfirmedNames(
  ledgers: Iterable<Pick<LedgerInput, 'unconfirmed'>>,
  before: number,
): Map<number, Set<string>> {
  const names = new Map<number, Set<string>>()
  for (const ledger of ledgers) {
    for (const { resource, group } of ledger.unconfirmed(before)) {
      const known = names.get(resource)
      if (known === undefined) names.set(resource, new Set([group]))
      else known.add(group)
    }
  }
  return names
}
