/** The environment layer: the variables of all keys, and hints about unknown ones. */
import { allSettings } from '../schema.ts'
import { variablePrefix, variablesOf } from '../setting.ts'
import { didYouMean } from '../suggestion.ts'
import type { Layer } from './layer.ts'
import { createLayer, put } from './layer.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Reads the variables of all keys. An empty variable counts as unset. */
export function readEnvironment(env: Environment): Layer {
  const layer = createLayer()
  for (const [key, setting] of allSettings) {
    const variable = variablesOf(key, setting).find(({ name }) => isSet(name, env[name]))
    if (variable === undefined) continue
    const read = variable.parse ?? setting.format.parse
    put(layer, key, env[variable.name], { from: 'environment', variable: variable.name }, read)
  }
  noteUnknown(env, layer)
  return layer
}

function isSet(name: string, value: string | undefined): boolean {
  return value !== undefined && value !== '' && !isServiceLink(name, value)
}

/** Kubernetes sets variables for the services of the namespace. Those of a service with our name have our prefix. */
function isServiceLink(name: string, value: string): boolean {
  return /_SERVICE_(HOST|PORT)|_PORT_\d+_/.test(name) || (name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value))
}

function noteUnknown(env: Environment, layer: Layer): void {
  const known = new Set([...allSettings].flatMap(([key, setting]) => variablesOf(key, setting).map(({ name }) => name)))
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith(variablePrefix) || known.has(name) || !isSet(name, value)) continue
    layer.notices.push({ message: `the variable ${name} is unknown${didYouMean(name, known)}` })
  }
}
