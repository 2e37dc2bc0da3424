/** Describes a loaded configuration: each key with its value and source. Secrets are hidden. */
import type { LoadedConfig } from './load.ts'
import { describeSource } from './problem.ts'
import type { AnySetting, Key } from './schema.ts'
import { sections, settingOf } from './schema.ts'

/** One line of the description. */
export interface DescribedSetting {
  readonly key: Key
  /** As in a configuration file; null if unset, `(hidden)` for a secret. */
  readonly value: unknown
  /** `default`, `flag --port`, `variable …`, `config.yml:3`. */
  readonly source: string
}

/** All supported keys, by section. */
export function describeConfig({
  values,
  sources,
}: Pick<LoadedConfig, 'values' | 'sources'>): readonly DescribedSetting[] {
  return sections
    .flatMap(({ keys }) => keys)
    .map((key) => ({
      key,
      value: shownValue(values[key], settingOf(key), sources.has(key)),
      source: describeSource(sources.get(key) ?? { from: 'default' }),
    }))
}

/** The value in one line: texts as they are, everything else as JSON. */
export function valueText({ value }: DescribedSetting): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function shownValue(value: unknown, { format, secret }: AnySetting, isSet: boolean): unknown {
  if (value === undefined) return null
  if (format.show !== undefined) return format.show(value)
  return secret && isSet ? '(hidden)' : format.write(value)
}
