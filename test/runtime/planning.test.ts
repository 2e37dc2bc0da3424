import { expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { readRules } from '../../src/custom-resources/read-rules.ts'
import type { ServedKind } from '../../src/custom-resources/served-kind.ts'
import { createEngine } from '../../src/runtime/engine.ts'
import { startPlanning } from '../../src/runtime/planning.ts'
import type { Reading } from '../../src/runtime/reading.ts'
import type { Log } from '../../src/telemetry/log.ts'
import { createSilentSelfMetrics } from '../../src/telemetry/self-metrics.ts'

const text =
  'spec: {resources: [{groupVersionKind: {group: wood.example, version: v1, kind: Tree}, metrics: [{name: m, each: {type: Gauge, gauge: {path: [n]}}}]}]}'

test('what the API server does not serve is not logged before it has answered', () => {
  const lines: string[] = []
  const log = { info: () => {}, warn: (line: string) => lines.push(line) } as unknown as Log
  const loaded = loadConfig({ argv: [], env: {}, readFile: () => '' })
  if (!loaded.ok) throw new Error('the defaults are valid')
  let onKinds = (_kinds: readonly ServedKind[]) => {}
  let look = () => {}
  const reading = {
    apply: () => {},
    discover: (_groups: unknown, listener: typeof onKinds) => {
      onKinds = listener
    },
    every: (_ms: number, callback: () => void) => {
      look = callback
    },
  } as unknown as Reading
  const engine = createEngine({ now: () => 0, onFamilyError: () => {}, onDuplicates: () => {} })
  const { rules } = readRules([{ source: 'rules.yaml', text }])
  const metrics = createSilentSelfMetrics()
  startPlanning({ config: loaded.config, resources: [], rules, engine, reading, log, metrics })
  look()
  expect(lines).toEqual([])
  onKinds([])
  look()
  expect(lines).toEqual([
    'the rule Tree/kube_customresource_m (rules.yaml:1) has no samples: the API serves no wood.example/v1 Tree',
  ])
})
