/** The flags of the configuration as help and completion show them, derived from the declarations. */
import type { AnySetting, Key } from './schema.ts'
import { sections, settingOf } from './schema.ts'
import { flagOf, variablePrefix, variablesOf } from './setting.ts'

/** A flag in words. */
export interface DescribedFlag {
  readonly key: Key
  /** With its dashes. */
  readonly flag: string
  /** What stands for the value; empty for a boolean. */
  readonly placeholder: string
  /** The documentation, with the default, and with variables whose names do not follow from the flag. */
  readonly description: string
}

/** The flag of one key. */
export function describeFlag(key: Key): DescribedFlag {
  const setting = settingOf(key)
  const remarks = [...defaultOf(setting), ...variableRemark(key, setting)]
  return {
    key,
    flag: `--${flagOf(key, setting)}`,
    placeholder: setting.format.placeholder,
    description: remarks.length === 0 ? setting.doc : `${setting.doc} (${remarks.join('; ')})`,
  }
}

/** The flags of all supported keys, by section. */
export function describeFlags(): readonly { readonly title: string; readonly flags: readonly DescribedFlag[] }[] {
  return sections.map(({ title, keys }) => ({ title, flags: keys.map(describeFlag) }))
}

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
