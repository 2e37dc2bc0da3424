/** Owns what is said about a configuration: where a value came from, what is wrong with it, what is worth noting. */

/** Where a value came from. */
export type Source =
  | { readonly from: 'default' }
  | { readonly from: 'environment'; readonly variable: string }
  | { readonly from: 'flag'; readonly flag: string }
  | { readonly from: 'file'; readonly path: string; readonly line?: number }

/** One thing that keeps the configuration from being used. */
export interface Problem {
  /** The key, or the name that is no key. */
  readonly key: string
  /** What was given, shortened and without secrets; undefined where there is nothing to show. */
  readonly value: string | undefined
  readonly source: Source
  /** What would be right. */
  readonly message: string
}

/** Something accepted that the operator should hear of once. */
export interface Notice {
  readonly message: string
}

/** A source in a few words: `flag --shard`, `config.yml:3`. */
export function describeSource(source: Source): string {
  switch (source.from) {
    case 'default':
      return 'default'
    case 'environment':
      return `variable ${source.variable}`
    case 'flag':
      return `flag ${source.flag}`
    case 'file':
      return source.line === undefined ? source.path : `${source.path}:${source.line}`
  }
}

/** One line that names key, source, value and what would be right. */
export function formatProblem({ key, value, source, message }: Problem): string {
  const given = value === undefined ? '' : `, got ${value}`
  // A name that is no key is what was given: it says where it came from.
  const where = source.from === 'flag' && source.flag === key ? '' : ` (${describeSource(source)})`
  return `${key}${where}: ${message}${given}`.replaceAll(/\s*\n\s*/g, ' ')
}

const longestShown = 100

/** What stands between the scheme and the host of a URL: a login that has no place in a log. */
const login = /(:\/\/)[^/@\s"]+@/g

/** A value as problems show it: one line of JSON, shortened, and without the login of a URL. */
export function show(value: unknown): string {
  const shown = (JSON.stringify(value) ?? String(value)).replaceAll(login, '$1(hidden)@')
  return shown.length > longestShown ? `${shown.slice(0, longestShown)}…` : shown
}
