/** Loads the configuration from environment, flags and file, in increasing precedence. */
import { resources as builtInResources } from '../families/built-in-resources.ts'
import type { KnownResources } from './checks.ts'
import { checkTogether } from './checks.ts'
import type { Config } from './config.ts'
import { configOf } from './config.ts'
import { createConvict } from './convict-schema.ts'
import { openCustomResources } from './custom-resource-texts.ts'
import { readEnvironment } from './layers/environment.ts'
import { readConfigFile } from './layers/file.ts'
import { readFlags } from './layers/flags.ts'
import type { Layer } from './layers/layer.ts'
import { createLayer } from './layers/layer.ts'
import type { Notice, Problem, Source } from './problem.ts'
import { show } from './problem.ts'
import type { Key, Values } from './schema.ts'
import { allSettings } from './schema.ts'

/** The sources of the configuration. Nothing is read from the process itself. */
export interface ConfigInputs {
  /** Only configuration flags (see `splitArguments`); other arguments are problems. */
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** Gives the text of a file, or throws as `readFileSync` does. */
  readonly readFile: (path: string) => string
  /** All resources that may be selected; the built-in ones by default. */
  readonly resources?: KnownResources
  /** False if the objects come from files, where no other instances exist. True by default. */
  readonly readsCluster?: boolean
}

/** A valid configuration, and the sources of its values. */
export interface LoadedConfig {
  readonly ok: true
  readonly config: Config
  readonly values: Values
  /** The sources of keys that differ from their default. */
  readonly sources: ReadonlyMap<Key, Source>
  readonly notices: readonly Notice[]
  /** The file that was read, as it was. */
  readonly file: ConfigFile | undefined
}

/** A configuration file as it was read. */
export interface ConfigFile {
  readonly path: string
  readonly text: string
}

/** All problems of an invalid configuration. */
export interface RefusedConfig {
  readonly ok: false
  readonly problems: readonly Problem[]
}

/** Loads and validates a configuration. It can be called again, for example after a change of the file. */
export function loadConfig({
  argv,
  env,
  readFile,
  resources = builtInResources,
  readsCluster = true,
}: ConfigInputs): LoadedConfig | RefusedConfig {
  const given = [readEnvironment(env), readFlags(argv)]
  const { layer: fileLayer, file } = openFile(given, readFile)
  const layers = [...given, fileLayer]
  const { values, sources } = merge(layers)
  const together = checkTogether(values, (key) => sources.get(key) ?? { from: 'default' }, { resources, readsCluster })
  const rules = openCustomResources(values, sources, readFile)
  const problems = [...layers.flatMap((layer) => layer.problems), ...together.problems, ...rules.problems]
  if (problems.length > 0) return { ok: false, problems }
  const notices = [...layers.flatMap((layer) => layer.notices), ...together.notices, ...rules.notices]
  return { ok: true, config: configOf(values, rules.texts), values, sources, notices, file }
}

interface OpenedFile {
  readonly layer: Layer
  readonly file: ConfigFile | undefined
}

function openFile(layers: readonly Layer[], readFile: ConfigInputs['readFile']): OpenedFile {
  const { values, sources } = merge(layers)
  const path = values.config
  if (path === undefined) return { layer: createLayer(), file: undefined }
  try {
    const text = readFile(path)
    return { layer: readConfigFile(path, text), file: { path, text } }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    const source = sources.get('config') ?? { from: 'default' }
    return { layer: layerWithout(path, code, values.continue_without_config, source), file: undefined }
  }
}

function layerWithout(path: string, code: string, goOn: boolean, source: Source): Layer {
  const layer = createLayer()
  if (code === 'ENOENT' && goOn) {
    layer.notices.push({ message: `the configuration file ${path} does not exist; continuing without it` })
  } else {
    layer.problems.push({ key: 'config', value: show(path), source, message: `expected a readable file (${code})` })
  }
  return layer
}

/** Applies the layers in order. Each layer replaces the values that it has, including whole maps and lists. */
function merge(layers: readonly Layer[]): { values: Values; sources: ReadonlyMap<Key, Source> } {
  const convict = createConvict()
  const sources = new Map<Key, Source>()
  for (const layer of layers) {
    for (const [key, { value, source }] of layer.values) {
      convict.set(key, value)
      sources.set(key, source)
    }
  }
  convict.validate({ allowed: 'strict' })
  const values = Object.fromEntries([...allSettings.keys()].map((key) => [key, convict.get(key as never)]))
  return { values: values as unknown as Values, sources }
}
