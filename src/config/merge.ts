/** Merges the layers of the configuration in convict: default < environment < flags < file, and reports what cannot be read. */
import type convict from 'convict'
import { createConvict, UnreadableValue } from './convict-schema.ts'
import type { EnvironmentLayer } from './layers/environment.ts'
import type { Assignment } from './layers/layer.ts'
import type { Problem, Source } from './problem.ts'
import { show } from './problem.ts'
import type { Key, Values } from './schema.ts'
import { allSettings, settingOf } from './schema.ts'

/** Takes one layer after the other. */
export interface Merge {
  /** Sets what a layer names; maps and lists are replaced as a whole. Yields a problem for each value that cannot be read, which then has its default. */
  apply(assignments: readonly Assignment[]): readonly Problem[]
  values(): Values
  /** Of the keys that a layer has set. */
  readonly sources: ReadonlyMap<Key, Source>
  /** What of the environment cannot be read. */
  readonly problems: readonly Problem[]
}

/** Begins with the defaults and the environment. */
export function createMerge({ variables, sources: ofEnvironment }: EnvironmentLayer): Merge {
  const config = createConvict(variables)
  const sources = new Map(ofEnvironment)
  return {
    sources,
    problems: takeUnreadable(config, sources),
    apply(assignments) {
      for (const { key, raw, source } of assignments) {
        config.set(key, raw)
        sources.set(key, source)
      }
      return takeUnreadable(config, sources)
    },
    values() {
      const properties = config.getProperties()
      return Object.fromEntries([...allSettings.keys()].map((key) => [key, valueAt(properties, key)])) as never
    },
  }
}

/** The problems of convict's validation. It has one text for all of them, so they are collected by key. */
function takeUnreadable(config: convict.Config<object>, sources: Map<Key, Source>): Problem[] {
  try {
    config.validate({ allowed: 'strict' })
    return []
  } catch (error) {
    const properties = config.getProperties()
    const problems = [...sources.keys()].flatMap((key) => {
      const value = valueAt(properties, key)
      if (!(value instanceof UnreadableValue)) return []
      config.reset(key as never)
      return [problemOf(key, value, sources.get(key) ?? { from: 'default' })]
    })
    if (problems.length === 0) throw error
    return problems
  }
}

function problemOf(key: Key, { message, cause }: UnreadableValue, source: Source): Problem {
  return { key, value: settingOf(key).secret ? '(hidden)' : show(cause), source, message }
}

function valueAt(properties: unknown, key: Key): unknown {
  return key.split('.').reduce((node, step) => (node as Record<string, unknown>)[step], properties)
}
