/** Owns what the declaration of one configuration key consists of. The keys themselves are in sections/. */
import type { Format, Reading } from './formats/format.ts'

/** A variable that sets the key, with a reading of its own where that differs from the flag's. */
export interface EnvironmentVariable<T> {
  readonly name: string
  readonly parse?: (text: string) => Reading<T>
}

/** One key: what it means, what it is unless set, and by which names it is set. `Unset` is undefined where no value is a choice. */
export interface Setting<T, Unset = never, Written = unknown> {
  /** One or two sentences in our own words; help and the annotated file print them. */
  readonly doc: string
  /** The value unless set; undefined means that there is none, and then empty text takes a value away again. */
  readonly default: NoInfer<T> | Unset
  readonly format: Format<T, Written>
  /** A value to show where the notation needs showing. */
  readonly example?: NoInfer<T>
  /** The flag without its dashes; derived from the key unless it has a name of its own. */
  readonly flag?: string
  /** In order of precedence; `KUBE_STATE_OTLP_` and the key unless it has names of its own. */
  readonly environment?: readonly EnvironmentVariable<T>[]
  /** Former names of the key in configuration files of kube-state-metrics. */
  readonly fileAliases?: readonly string[]
  /** The value is never printed. */
  readonly secret?: true
  /** The key makes no sense within a configuration file. */
  readonly notInFile?: true
  /** Why any value but the default is refused: a flag of kube-state-metrics that is known but not honoured yet. */
  readonly refused?: string
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
export function variablesOf<T>(
  key: string,
  { environment }: Pick<Setting<T>, 'environment'>,
): readonly EnvironmentVariable<T>[] {
  return environment ?? [{ name: `${variablePrefix}${key.replaceAll('.', '_').toUpperCase()}` }]
}

/** What the names of our own variables begin with. */
export const variablePrefix = 'KUBE_STATE_OTLP_'
