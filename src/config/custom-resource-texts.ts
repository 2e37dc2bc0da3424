/** The text of custom resource rules, from a flag, a key or a file. */
import { join } from 'node:path'
import type { NamedText } from './custom-resources-config.ts'
import type { Notice, Problem, Source } from './problem.ts'
import { describeSource, show } from './problem.ts'
import type { Key, Values } from './schema.ts'

interface OpenedTexts {
  readonly texts: readonly NamedText[]
  readonly problems: readonly Problem[]
  readonly notices: readonly Notice[]
}

type ReadFile = (path: string) => string
/** The names of what a folder holds, as `readdirSync` gives them. */
export type ListFolder = (path: string) => readonly string[]

/** Reads the configured text, file or folder; the text takes precedence. */
export function openCustomResources(
  values: Values,
  sources: ReadonlyMap<Key, Source>,
  readFile: ReadFile,
  listFolder: ListFolder,
): OpenedTexts {
  const sourceOf = (key: Key): Source => sources.get(key) ?? { from: 'default' }
  const { custom_resource_config: text, custom_resource_state_config_file: path } = values
  if (text !== undefined) {
    const source = describeSource(sourceOf('custom_resource_config'))
    return { texts: [{ source, text }], problems: [], notices: [] }
  }
  if (path === undefined) return { texts: [], problems: [], notices: [] }
  try {
    const texts = filesAt(path, readFile, listFolder)
    return { texts, problems: [], notices: [] }
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

/** A folder is its YAML and JSON files, by name; of a mounted ConfigMap these are links, beside folders with a dot. */
function filesAt(path: string, readFile: ReadFile, listFolder: ListFolder): NamedText[] {
  try {
    return [{ source: path, text: readFile(path) }]
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EISDIR')) throw error
    const names = listFolder(path).filter((name) => /^[^.].*\.(ya?ml|json)$/i.test(name))
    return names.toSorted().map((name) => ({ source: join(path, name), text: readFile(join(path, name)) }))
  }
}
