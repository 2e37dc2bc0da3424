/** The text of custom resource rules, from a flag, a key or a file. */
import type { NamedText } from './config.ts'
import type { Notice, Problem, Source } from './problem.ts'
import { describeSource, show } from './problem.ts'
import type { Key, Values } from './schema.ts'

interface OpenedTexts {
  readonly texts: readonly NamedText[]
  readonly problems: readonly Problem[]
  readonly notices: readonly Notice[]
}

type ReadFile = (path: string) => string

/** Reads the configured text or file; the text takes precedence. */
export function openCustomResources(
  values: Values,
  sources: ReadonlyMap<Key, Source>,
  readFile: ReadFile,
): OpenedTexts {
  const sourceOf = (key: Key): Source => sources.get(key) ?? { from: 'default' }
  const { custom_resource_config: text, custom_resource_state_config_file: path } = values
  if (text !== undefined) {
    const source = describeSource(sourceOf('custom_resource_config'))
    return { texts: [{ source, text }], problems: [], notices: [] }
  }
  if (path === undefined) return { texts: [], problems: [], notices: [] }
  try {
    return { texts: [{ source: path, text: readFile(path) }], problems: [], notices: [] }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    if (code === 'ENOENT' && values.continue_without_custom_resource_state_config_file) {
      const message = `the custom resource configuration file ${path} does not exist: continuing without it`
      return { texts: [], problems: [], notices: [{ message }] }
    }
    const key = 'custom_resource_state_config_file'
    const message = `expected a readable file (${code})`
    return { texts: [], problems: [{ key, value: show(path), source: sourceOf(key), message }], notices: [] }
  }
}
