/** What a check of the installation has found. */

/** `skipped`: the check does not apply, or another one failed that it needs. */
export type FindingState = 'ok' | 'warning' | 'failed' | 'skipped'

export interface Finding {
  /** What was checked, in one or two words. */
  readonly check: string
  readonly state: FindingState
  /** One line: what is so. */
  readonly found: string
  /** One line: what to do about it. */
  readonly fix?: string
}

const namedAtMost = 8

/** The first names, and how many more there are. */
export function listNames(names: readonly string[], separator = ', '): string {
  const rest = names.length - namedAtMost
  return [...names.slice(0, namedAtMost), ...(rest > 0 ? [`${rest} more`] : [])].join(separator)
}
