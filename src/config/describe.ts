/** Owns the account of a loaded configuration: each key, its value, where it came from. Shows no secret. */
import type { LoadedConfig } from './load.ts'
import { describeSource } from './problem.ts'
import type { AnySetting, Key } from './schema.ts'
import { sections, settingOf } from './schema.ts'

/** One line of the account. */
export interface DescribedSetting {
  readonly key: Key
  /** As a configuration file would hold it; null if there is none, `(hidden)` for a secret that is set. */
  readonly value: unknown
  /** `default`, `flag --port`, `variable …`, `config.yml:3`. */
  readonly source: string
}

/** The account of all honoured keys, by section. */
export function describeConfig({ values, sources }: LoadedConfig): readonly DescribedSetting[] {
  return sections
    .flatMap(({ keys }) => keys)
    .map((key) => ({
      key,
      value: shownValue(values[key], settingOf(key), sources.has(key)),
      source: describeSource(sources.get(key) ?? { from: 'default' }),
    }))
}

function shownValue(value: unknown, { format, secret }: AnySetting, isSet: boolean): unknown {
  if (value === undefined) return null
  return secret && isSet ? '(hidden)' : format.write(value)
}
