/** Renders a case: flags to configuration, objects to store, store to each of the three encodings. */
import { readFileSync } from 'node:fs'
import type { LoadedConfig, RefusedConfig } from '../../src/config/load.ts'
import { loadConfig } from '../../src/config/load.ts'
import { compileExpression } from '../../src/custom-resources/cel.ts'
import type { TextFormat } from '../../src/encoding/family-text.ts'
import { createOtlpEncoder } from '../../src/encoding/otlp-encoder.ts'
import { readCustomResources } from '../../src/inspect/custom-resources.ts'
import { parseManifests } from '../../src/inspect/manifests.ts'
import { observeManifests } from '../../src/inspect/render.ts'
import type { Engine } from '../../src/runtime/engine.ts'
import { createExposition } from '../../src/server/exposition.ts'
import type { Case } from './cases.ts'

/** The configuration that the flags of a case make, or why they do not. */
export function configureCase({ args }: Case): LoadedConfig | RefusedConfig {
  return loadConfig({ argv: args, env: {}, readFile: (path) => readFileSync(path, 'utf8'), readsCluster: false })
}

/** The engine after the objects of a case. Throws when its flags are refused, or when an object or a family fails. */
export function observeCase(observed: Case): Engine {
  const loaded = configureCase(observed)
  if (!loaded.ok) throw new Error(`${observed.name}: ${loaded.problems.map(({ message }) => message).join('; ')}`)
  const manifests = parseManifests(readFileSync(`${observed.path}.yaml`, 'utf8'), observed.name)
  const onProblem = (message: string) => {
    throw new Error(message)
  }
  // A configuration with an error is reported, and leaves built-in resources alone.
  const customResources = readCustomResources(loaded.config.customResources, () => {}, compileExpression)
  return observeManifests({ selection: loaded.config.selection, customResources, manifests, onProblem })
}

/** A whole page of the store. */
export function writePage({ store }: Engine, format: TextFormat): string {
  const openPage = createExposition(store, { sliceBytes: 64 * 1024 })
  return Buffer.concat([...openPage({ format, includes: () => true })]).toString()
}

/** One request with everything in the store. */
export function writeRequest({ store }: Engine, timestampMs: number): Uint8Array {
  const { registry } = store
  const encoder = createOtlpEncoder({
    registry,
    resourceAttributes: [],
    constantLabels: [],
    maxBytes: Number.MAX_SAFE_INTEGER,
  })
  for (const { id } of registry.layouts) {
    const reader = store.reader(id)
    for (const slot of reader.slots()) encoder.add(reader.bytes(slot), reader.offset(slot), false)
  }
  return encoder.finish(timestampMs).bytes
}
