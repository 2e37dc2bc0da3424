/** Loads the configuration from environment, flags and file: default < environment < flags < file. Starts nothing. */
import { readdirSync } from 'node:fs'
import { resources as builtInResources } from '../families/built-in-resources.ts'
import type { KnownResources } from './checks.ts'
import { checkTogether } from './checks.ts'
import type { Config } from './config.ts'
import { configOf } from './config.ts'
import type { ListFolder } from './custom-resource-texts.ts'
import { openCustomResources } from './custom-resource-texts.ts'
import { openDestinations } from './destinations.ts'
import { readEnvironment } from './layers/environment.ts'
import { readConfigFile } from './layers/file.ts'
import { readFlags } from './layers/flags.ts'
import type { Layer } from './layers/layer.ts'
import { createLayer } from './layers/layer.ts'
import type { Merge } from './merge.ts'
import { createMerge } from './merge.ts'
import type { Notice, Problem, Source } from './problem.ts'
import { show } from './problem.ts'
import type { Key, Values } from './schema.ts'

/** Where configuration is read from; nothing is taken from the process itself. */
export interface ConfigInputs {
  /** Flags of the configuration; anything else is a problem. */
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** Gives the text of a file, or throws as `readFileSync` does. */
  readonly readFile: (path: string) => string
  /** Gives the names in a folder, or throws as `readdirSync` does, which is the default. */
  readonly listFolder?: ListFolder
  /** All resources that may be selected; the built-in ones by default. */
  readonly resources?: KnownResources
  /** False: the objects come from files, so there is no other instance beside this one. True by default. */
  readonly readsCluster?: boolean
}

const readNames: ListFolder = (path) => readdirSync(path)

/** A usable configuration, and all that is known of how it came about. */
export interface LoadedConfig {
  readonly ok: true
  readonly config: Config
  readonly values: Values
  /** Of the keys that are not at their default. */
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

/** Everything that is wrong, at once. */
export interface RefusedConfig {
  readonly ok: false
  readonly problems: readonly Problem[]
}

/** Reads and checks a configuration. It may be called again: for a file that changed, everything is read anew. */
export function loadConfig(inputs: ConfigInputs): LoadedConfig | RefusedConfig {
  const { argv, env, readFile, listFolder = readNames, resources = builtInResources, readsCluster = true } = inputs
  const environment = readEnvironment(env)
  const flags = readFlags(argv)
  const merge = createMerge(environment)
  const ofFlags = merge.apply(flags.assignments)
  const { layer: fileLayer, file } = openFile(merge, readFile)
  const ofFile = merge.apply(fileLayer.assignments)
  const { sources } = merge
  const values = merge.values()
  const together = checkTogether(values, (key) => sources.get(key) ?? { from: 'default' }, { resources, readsCluster })
  const rules = openCustomResources(values, sources, readFile, listFolder)
  const opened = openDestinations(values, sources, resources)
  const problems = [
    ...[...merge.problems, ...ofFlags, ...flags.problems, ...ofFile, ...fileLayer.problems],
    ...[...together.problems, ...opened.problems, ...rules.problems],
  ]
  if (problems.length > 0) return { ok: false, problems }
  const notices = [environment, flags, fileLayer, together, rules].flatMap((from) => from.notices)
  return { ok: true, config: configOf(values, opened.destinations, rules.texts), values, sources, notices, file }
}

interface OpenedFile {
  readonly layer: Layer
  readonly file: ConfigFile | undefined
}

function openFile(merge: Merge, readFile: ConfigInputs['readFile']): OpenedFile {
  const { config: path, continue_without_config: continues } = merge.values()
  if (path === undefined) return { layer: createLayer(), file: undefined }
  try {
    const text = readFile(path)
    return { layer: readConfigFile(path, text), file: { path, text } }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    const source = merge.sources.get('config') ?? { from: 'default' }
    return { layer: layerWithout(path, code, continues, source), file: undefined }
  }
}

function layerWithout(path: string, code: string, continues: boolean, source: Source): Layer {
  const layer = createLayer()
  if (code === 'ENOENT' && continues) {
    layer.notices.push({ message: `the configuration file ${path} does not exist; continuing without it` })
  } else {
    layer.problems.push({ key: 'config', value: show(path), source, message: `expected a readable file (${code})` })
  }
  return layer
}
