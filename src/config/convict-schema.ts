/**
 * The convict schema, created from the list of keys. It is not in the same file as the list, because embedders would need
 * the types of convict.
 */
import convict from 'convict'
import type { AnySetting } from './schema.ts'
import { allSettings } from './schema.ts'

/** A convict configuration that only has defaults. convict reads no arguments and no environment itself. */
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

/** convict validates values, not notations: a value is valid if its written form can be parsed. */
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
