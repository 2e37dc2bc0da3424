/** The declaration of an option: schema, documentation, flag, variable and file key are derived from it. The options are in sections/. */
import type { Format } from './formats/format.ts'

/** An environment variable for the key. */
export interface EnvironmentVariable {
  readonly name: string
  /** Turns its notation into that of the flag, where they differ. */
  readonly normalize?: (text: string) => string
}

/** One key: description, default and names. `Unset` is undefined for keys that may have no value. */
export interface Setting<T, Unset = never, Written = unknown> {
  /** The description in help and in the annotated file. */
  readonly doc: string
  /** The default; undefined if there is none, and then an empty text removes a value. */
  readonly default: NoInfer<T> | Unset
  readonly format: Format<T, Written>
  /** An example, if the notation is not obvious. */
  readonly example?: NoInfer<T>
  /** The flag without dashes; derived from the key by default. */
  readonly flag?: string
  /** In order of precedence; by default `KUBE_STATE_OTLP_` and the key. */
  readonly environment?: readonly EnvironmentVariable[]
  /** Former names of the key in configuration files of kube-state-metrics. */
  readonly fileAliases?: readonly string[]
  /** The value is never printed. */
  readonly secret?: true
  /** A change of the value takes effect while the program runs. */
  readonly reloads?: true
  /** The key cannot be used in a configuration file. */
  readonly notInFile?: true
  /** How the flag differs from that of kube-state-metrics with the same name; unset if it does not, or if there is none. */
  readonly deviation?: string
}

/** Declares a key that always has a value. */
export function setting<T, Written>(declaration: Setting<T, never, Written>): Setting<T, never, Written> {
  return declaration
}

/** Declares a key that has no value unless it is set. */
export function optional<T, Written>(
  declaration: Omit<Setting<T, never, Written>, 'default'>,
): Setting<T, undefined, Written> {
  return { ...declaration, default: undefined }
}

/** The flag of a key, without dashes: `push.flush_interval` is `push-flush-interval`. */
export function flagOf(key: string, { flag }: Pick<Setting<unknown>, 'flag'>): string {
  return flag ?? key.replaceAll(/[._]/g, '-')
}

/** The variables of a key, the strongest first: `push.interval` is `KUBE_STATE_OTLP_PUSH_INTERVAL`. */
export function variablesOf(
  key: string,
  { environment }: Pick<Setting<unknown>, 'environment'>,
): readonly EnvironmentVariable[] {
  return environment ?? [{ name: `${variablePrefix}${key.replaceAll('.', '_').toUpperCase()}` }]
}

/** The prefix of environment variables. */
export const variablePrefix = 'KUBE_STATE_OTLP_'
