/** The layer of environment variables: which variable sets which key, and which only look as if they did. */
import type { Notice, Source } from '../problem.ts'
import type { Key } from '../schema.ts'
import { allSettings } from '../schema.ts'
import { variablePrefix, variablesOf } from '../setting.ts'
import { didYouMean } from '../suggestion.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The variables that are set, under the first name of their key. */
export interface EnvironmentLayer {
  readonly variables: Readonly<Record<string, string>>
  readonly sources: ReadonlyMap<Key, Source>
  readonly notices: readonly Notice[]
}

/** Selects the variables of all keys; of several names for one key the first that is set counts. An empty variable is unset. */
export function readEnvironment(env: Environment): EnvironmentLayer {
  const variables: Record<string, string> = {}
  const sources = new Map<Key, Source>()
  for (const [key, setting] of allSettings) {
    const names = variablesOf(key, setting)
    const variable = names.find(({ name }) => isSet(name, env[name]))
    const text = variable && env[variable.name]
    if (variable === undefined || text === undefined) continue
    variables[names[0]?.name ?? variable.name] = variable.normalize?.(text) ?? text
    sources.set(key, { from: 'environment', variable: variable.name })
  }
  return { variables, sources, notices: unknownVariables(env) }
}

function isSet(name: string, value: string | undefined): boolean {
  return value !== undefined && value !== '' && !isServiceLink(name, value)
}

/** Kubernetes gives every pod variables for the services of its namespace; those of a service of our name look like ours. */
function isServiceLink(name: string, value: string): boolean {
  return /_SERVICE_(HOST|PORT)|_PORT_\d+_/.test(name) || (name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value))
}

function unknownVariables(env: Environment): Notice[] {
  const known = new Set([...allSettings].flatMap(([key, setting]) => variablesOf(key, setting).map(({ name }) => name)))
  return Object.entries(env)
    .filter(([name, value]) => name.startsWith(variablePrefix) && !known.has(name) && isSet(name, value))
    .map(([name]) => ({ message: `the variable ${name} is unknown${didYouMean(name, known)}` }))
}
