/** Owns commander's view of the keys: flags for help and completion. Parses nothing; `readFlags` does, as Go would. */
import { Option } from 'commander'
import type { AnySetting, Key } from './schema.ts'
import { sections, settingOf } from './schema.ts'
import { flagOf, variablesOf } from './setting.ts'

/** An option for every honoured key, grouped by section, with its default and variables in the description. */
export function createOptions(): readonly Option[] {
  return sections.flatMap(({ title, keys }) =>
    keys.map((key) => {
      const setting = settingOf(key)
      return new Option(flagsOf(key, setting), descriptionOf(key, setting)).helpGroup(`${title}:`)
    }),
  )
}

function flagsOf(key: Key, setting: AnySetting): string {
  const { placeholder } = setting.format
  return placeholder === '' ? `--${flagOf(key, setting)}` : `--${flagOf(key, setting)} <${placeholder}>`
}

function descriptionOf(key: Key, setting: AnySetting): string {
  const variables = variablesOf(key, setting).map(({ name }) => name)
  return `${setting.doc} (${[...defaultOf(setting), `env: ${variables.join(', ')}`].join('; ')})`
}

function defaultOf({ default: value, format }: AnySetting): readonly string[] {
  if (value === undefined) return []
  const written = format.write(value)
  if (written === true) return ['default: true, =false turns it off']
  return typeof written === 'object' ? [] : [`default: ${written}`]
}
