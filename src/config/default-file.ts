/** The annotated reference file: all keys with description, default, flag and variables. */
import { stringify } from 'yaml'
import type { AnySetting, Key } from './schema.ts'
import { sections, settingOf } from './schema.ts'
import { flagOf, variablesOf } from './setting.ts'

const preamble = `# yaml-language-server: $schema=schema.json
# The configuration of kube-state-otlp, all keys with their defaults. Generated; do not edit.
#
# Keys are commented out, because the file takes precedence over flags and variables: uncomment what you change.
# A configuration file of kube-state-metrics can be used unchanged; the sections after its keys are additions.
`

/** The text of the file. Removing the \`#\` before a key (there is no blank behind it) leaves its value as it is. */
export function renderDefaultFile(): string {
  const parts = sections.flatMap(({ title, keys }) => {
    const inFile = keys.filter((key) => !settingOf(key).notInFile)
    return inFile.length === 0 ? [] : [`# ---- ${title}`, ...renderKeys(inFile)]
  })
  return `${[preamble.trimEnd(), ...parts].join('\n\n')}\n`
}

function renderKeys(keys: readonly Key[]): string[] {
  const parts: string[] = []
  let section = ''
  for (const key of keys) {
    const [name, of = ''] = key.split('.').reverse()
    const opening = of === section ? '' : `${of}:\n`
    section = of
    parts.push(opening + indent(renderKey(key, name ?? key), of === '' ? '' : '  '))
  }
  return parts
}

function renderKey(key: Key, name: string): string {
  const setting = settingOf(key)
  const variables = variablesOf(key, setting).map((variable) => variable.name)
  const value = stringify({ [name]: writtenDefault(setting) }).trimEnd()
  return [
    ...wrap(setting.doc),
    exampleOf(name, setting),
    `# Flag --${flagOf(key, setting)}, variable ${variables.join(' or ')}.${setting.reloads ? ' A change needs no restart.' : ''}`,
    `#${value}`,
  ]
    .filter((line) => line !== '')
    .join('\n')
}

function exampleOf(name: string, { example, format }: AnySetting): string {
  if (example === undefined) return ''
  return `# For example ${stringify({ [name]: format.write(example) }, { collectionStyle: 'flow', lineWidth: 0 })}`.replace(
    /\{ (.*) \}\n$/,
    '$1',
  )
}

function writtenDefault({ default: value, format }: AnySetting): unknown {
  return value === undefined ? null : format.write(value)
}

const lineWidth = 110

function wrap(doc: string): string[] {
  const lines = ['#']
  for (const word of doc.split(' ')) {
    const last = lines.at(-1) ?? ''
    if (last.length + word.length < lineWidth) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(`# ${word}`)
  }
  return lines
}

function indent(block: string, by: string): string {
  return block.replaceAll(/^/gm, by)
}
