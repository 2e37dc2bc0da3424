/**
 * Owns convict's view of the list of keys. Apart from the list, since the library's types reach that one: they would ask
 * every embedder for convict's types.
 */
import convict from 'convict'
import type { AnySetting } from './schema.ts'
import { allSettings } from './schema.ts'

/** A convict configuration with nothing but defaults in it, and no arguments or environment of its own. */
export function createConvict(): convict.Config<object> {
  const tree: Record<string, unknown> = {}
  for (const [key, setting] of allSettings) {
    const path = key.split('.')
    const leaf = path.pop() ?? key
    let node = tree
    for (const step of path) {
      node[step] ??= {}
      node = node[step] as Record<string, unknown>
    }
    node[leaf] = convictSetting(setting)
  }
  return convict(tree as convict.Schema<object>, { args: [], env: {} })
}

/** convict checks values, not notations: a value is right when its own written form reads back. */
function convictSetting({ doc, default: fallback, format, secret }: AnySetting): convict.SchemaObj {
  return {
    doc,
    default: fallback,
    sensitive: secret === true,
    format: (value: unknown) => {
      const reading = format.read(format.write(value))
      if ('expected' in reading) throw new Error(`expected ${reading.expected}`)
    },
  }
}
