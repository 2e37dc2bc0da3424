/** The keys as options of commander, for help and completion. They are parsed by `readFlags`, like Go flags. */
import { Option } from 'commander'
import type { AnySetting, Key } from './schema.ts'
import { sections, settingOf } from './schema.ts'
import { flagOf, variablePrefix, variablesOf } from './setting.ts'

/** An option for each supported key, by section, with default and variables in the description. */
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
  const remarks = [...defaultOf(setting), ...variableRemark(key, setting)]
  return remarks.length === 0 ? setting.doc : `${setting.doc} (${remarks.join('; ')})`
}

/** The variables, unless they follow from the flag. */
function variableRemark(key: Key, setting: AnySetting): readonly string[] {
  const names = variablesOf(key, setting).map(({ name }) => name)
  const derived = `${variablePrefix}${flagOf(key, setting).replaceAll('-', '_').toUpperCase()}`
  return names.length === 1 && names[0] === derived ? [] : [`env: ${names.join(', ')}`]
}

function defaultOf({ default: value, format }: AnySetting): readonly string[] {
  if (value === undefined) return []
  const written = format.write(value)
  if (written === true) return ['default: true, disable with =false']
  return typeof written === 'object' ? [] : [`default: ${written}`]
}
