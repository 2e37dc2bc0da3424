/**
 * The keys as a schema of convict, which holds defaults, imports the environment, turns texts into values and validates.
 * Apart from the list of keys, since the library's types include that one: they would need the types of convict.
 */
import convict from 'convict'
import type { AnySetting, Key } from './schema.ts'
import { allSettings } from './schema.ts'
import { variablesOf } from './setting.ts'

/** A value that its format cannot read, in its place until it is reported; `cause` is the value as it was given. */
export class UnreadableValue extends Error {
  constructor(expected: string, raw: unknown) {
    super(`expected ${expected}`, { cause: raw })
  }
}

convict.addFormats(
  Object.fromEntries(
    [...allSettings].map(([key, setting]) => [
      formatName(key),
      { validate: (value: unknown) => validate(setting, value), coerce: (text: string) => readText(setting, text) },
    ]),
  ),
)

/** A configuration with the defaults and the values of variables. Each key reads the first of its variables alone. */
export function createConvict(variables: Readonly<Record<string, string>>): convict.Config<object> {
  const tree: Record<string, unknown> = {}
  for (const [key, setting] of allSettings) {
    const path = key.split('.')
    const leaf = path.pop() ?? key
    let node = tree
    for (const step of path) {
      node[step] ??= {}
      node = node[step] as Record<string, unknown>
    }
    node[leaf] = {
      doc: setting.doc,
      default: setting.default,
      format: formatName(key),
      env: variablesOf(key, setting)[0]?.name,
      sensitive: setting.secret === true,
    }
  }
  return convict(tree as convict.Schema<object>, { args: [], env: { ...variables } })
}

function formatName(key: Key): string {
  return `kube-state-otlp ${key}`
}

/** Empty text takes away a value that is optional. */
function readText({ default: fallback, format }: AnySetting, text: string): unknown {
  if (text === '' && fallback === undefined) return undefined
  const reading = format.parse(text)
  return 'value' in reading ? reading.value : new UnreadableValue(reading.expected, text)
}

/** A value is right when its own written form reads back. */
function validate({ format }: AnySetting, value: unknown): void {
  if (value instanceof UnreadableValue) throw new Error(value.message)
  const reading = format.read(format.write(value))
  if ('expected' in reading) throw new Error(`expected ${reading.expected}`)
}
