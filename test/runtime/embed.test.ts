/** The public API of the library: typed settings, and no internals in the returned object. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { builtInKinds } from '../../simulator/api/built-in-kinds.ts'
import type { Settings } from '../../src/index.ts'
import { SettingsError, startStateMetrics } from '../../src/index.ts'
import { endWorld, startProgram, startWorld } from './world.ts'

afterEach(endWorld)

test('a running engine gives no access to the store or the self-metrics', async () => {
  const program = await startProgram(await startWorld(builtInKinds), { resources: ['namespaces'] })
  expect(Object.keys(program).sort()).toEqual(['addresses', 'metricProducer', 'readiness', 'stop'])
  expect(Object.keys(program.addresses ?? {}).sort()).toEqual(['metricsAddress', 'telemetryAddress'])
})

test('settings are typed as a configuration file is written', async () => {
  const settings: Settings = {
    resources: { pods: {} },
    namespaces: ['shop'],
    labels_allow_list: { pods: ['app'] },
    port: 0,
    track_unscheduled_pods: true,
    otlp: { endpoint: 'http://collector:4317', compression: 'gzip', constant_labels: { cluster: 'prod' } },
    push: { interval: '30s' },
  }
  expect(Object.keys(settings)).toHaveLength(7)
  // @ts-expect-error an unknown key of a section
  const unknownKey: Settings = { otlp: { endpont: 'http://collector:4317' } }
  // @ts-expect-error a duration without its unit
  const bareNumber: Settings = { push: { interval: 30 } }
  // @ts-expect-error not one of the choices
  const wrongChoice: Settings = { otlp: { compression: 'brotli' } }
  // @ts-expect-error a key of the command line alone
  const ofFlags: Settings = { config: 'file.yaml' }
  for (const wrong of [unknownKey, bareNumber, wrongChoice, ofFlags])
    await expect(startStateMetrics({ settings: wrong })).rejects.toThrow(SettingsError)
})

test('a file that settings name is read from the disk', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'embed-'))
  try {
    const path = join(folder, 'rules.yaml')
    writeFileSync(path, 'kind: [\n')
    const settings = { custom_resource_state_config_file: join(folder, 'none.yaml') }
    await expect(startStateMetrics({ settings })).rejects.toThrow(/none\.yaml/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
