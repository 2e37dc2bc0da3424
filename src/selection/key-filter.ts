/** Owns which label and annotation keys are copied: the entries of an allowlist as a test of one key. */

import type { KeyFilter } from './plan.ts'

/**
 * The keys that an allowlist names. A lone `*` in first place takes all; elsewhere it is ignored. A star within a key
 * stands for any text. No entry at all takes no key, but is not the same as no list.
 */
export function createKeyFilter(entries: readonly string[]): KeyFilter {
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
