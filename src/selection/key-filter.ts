/** The entries of a labels or annotations allowlist, as a predicate on one key. */

import type { KeyFilter } from './plan.ts'

/**
 * Tests whether an allowlist includes a key. A lone `*` as the first entry includes all keys; elsewhere it is ignored. A
 * star within an entry matches any text.
 */
export function createKeyFilter(entries: readonly string[]): KeyFilter {
  return Object.assign(createTest(entries), { fingerprint: JSON.stringify(entries) })
}

function createTest(entries: readonly string[]): (key: string) => boolean {
  if (entries[0] === '*') return () => true
  const exact = new Set(entries.filter((entry) => !entry.includes('*')))
  const patterns = entries.filter((entry) => entry.includes('*') && entry !== '*').map(patternOf)
  return (key) => exact.has(key) || patterns.some((pattern) => pattern.test(key))
}

const patternOf = (entry: string) =>
  new RegExp(
    `^${entry
      .split('*')
      .map((part) => RegExp.escape(part))
      .join('.*')}$`,
    's',
  )
