/** Problems and notices about a configuration, with the sources of values. */

/** Where a value came from. */
export type Source =
  | { readonly from: 'default' }
  | { readonly from: 'environment'; readonly variable: string }
  | { readonly from: 'flag'; readonly flag: string }
  | { readonly from: 'file'; readonly path: string; readonly line?: number }

/** A reason why the configuration is invalid. */
export interface Problem {
  /** The key, or the unknown name. */
  readonly key: string
  /** The given value, shortened and without secrets; undefined if there is none to show. */
  readonly value: string | undefined
  readonly source: Source
  /** What was expected. */
  readonly message: string
}

/** A hint about an accepted configuration, for the operator. */
export interface Notice {
  readonly message: string
}

/** A short description of a source: `flag --shard`, `config.yml:3`. */
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

/** One line with key, source, value and expectation. */
export function formatProblem({ key, value, source, message }: Problem): string {
  const given = value === undefined ? '' : `, got ${value}`
  // An unknown name is itself what was given, with its source.
  const where = source.from === 'flag' && source.flag === key ? '' : ` (${describeSource(source)})`
  return `${key}${where}: ${message}${given}`.replaceAll(/\s*\n\s*/g, ' ')
}

const longestShown = 100

/** The user information of a URL, which must not be logged. */
const login = /(:\/\/)[^/@\s"]+@/g

/** A value in messages: one line of JSON, shortened, and without the user information of a URL. */
export function show(value: unknown): string {
  const shown = (JSON.stringify(value) ?? String(value)).replaceAll(login, '$1(hidden)@')
  return shown.length > longestShown ? `${shown.slice(0, longestShown)}…` : shown
}
