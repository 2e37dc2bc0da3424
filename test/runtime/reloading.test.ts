/** Reloading: of the configuration by itself, and of the whole program over a simulated cluster. */
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { builtInKinds } from '../../simulator/api/built-in-kinds.ts'
import type { LiveConfig, SelectionConfig } from '../../src/config/config.ts'
import type { NamedText } from '../../src/config/custom-resources-config.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Reloadable } from '../../src/runtime/reloading.ts'
import { startReloading } from '../../src/runtime/reloading.ts'
import { createWatchedFiles } from '../../src/runtime/watched-files.ts'
import type { LogLevel } from '../../src/telemetry/log.ts'
import { createLog } from '../../src/telemetry/log.ts'
import type { ConfigReport } from '../../src/telemetry/self-metrics.ts'
import { endWorld, startFromFile, startWorld, until } from './world.ts'

afterEach(endWorld)

/** A reloading over files in memory. */
function start(text: string, { env = {}, argv = [] as string[], apply = () => {} } = {}) {
  const texts = new Map([['config.yaml', text]])
  const readFile = (path: string) => {
    const content = texts.get(path)
    if (content === undefined) throw Object.assign(new Error('none'), { code: 'ENOENT' })
    return content
  }
  const load: Reloadable['load'] = (read) =>
    loadConfig({ argv: ['--config=config.yaml', ...argv], env, readFile: read })
  const loaded = load(readFile)
  if (!loaded.ok) throw new Error('not valid')
  const records: Record<string, unknown>[] = []
  const selected: SelectionConfig[] = []
  const rules: (readonly NamedText[])[] = []
  const levels: LogLevel[] = []
  const reports: ConfigReport[] = []
  const { reload, stop } = startReloading({
    loaded,
    load,
    setLogLevel: (level) => void levels.push(level),
    apply({ selection, customResources }: LiveConfig) {
      selected.push(selection)
      rules.push(customResources.texts)
      apply()
    },
    log: createLog({
      level: 'info',
      format: 'json',
      destination: { write: (line) => void records.push(JSON.parse(line)) },
    }),
    metrics: { configReload: (report) => void reports.push(report) },
    files: createWatchedFiles(readFile),
    pollMs: 5,
  })
  onTestFinished(stop)
  return { texts, records, selected, rules, levels, reports, reload }
}

describe('a configuration file that changes', () => {
  test('is logged, and ends nothing, when applying it throws', async () => {
    const apply = () => {
      throw new Error('a fault of the program')
    }
    const { texts, records, reload } = start('resources: {pods: {}}', { apply })
    texts.set('config.yaml', 'resources: {nodes: {}}')
    await vi.waitFor(() => expect(records).toHaveLength(1))
    expect(records).toMatchObject([{ level: 'error', message: expect.stringContaining('could not be reloaded') }])
    texts.set('config.yaml', 'resources: {services: {}}')
    expect(reload).not.toThrow()
  })

  test('changes the selection', async () => {
    const { texts, records, selected, reports } = start('resources: {pods: {}}')
    expect([selected, records]).toEqual([[], []])
    texts.set('config.yaml', 'resources: {pods: {}, nodes: {}}\nmetric_denylist: {kube_pod_info: {}}')
    await vi.waitFor(() => expect(selected).toHaveLength(1))
    expect(selected[0]).toMatchObject({ resources: ['pods', 'nodes'], metricDenylist: ['kube_pod_info'] })
    expect(records).toMatchObject([
      { level: 'info', message: 'configuration reloaded', changed: ['resources', 'metric_denylist'] },
    ])
    expect(reports.at(-1)).toEqual({
      type: 'config',
      filename: 'config.yaml',
      content: Buffer.from(texts.get('config.yaml') ?? ''),
    })
  })

  test('and is invalid then changes nothing; all its problems are logged once', async () => {
    const { texts, records, selected, reports } = start('resources: {pods: {}}')
    texts.set('config.yaml', 'resources: {podz: {}}\nport: eighty\nnonsense: 1')
    await vi.waitFor(() => expect(records).toHaveLength(1))
    expect(records[0]).toMatchObject({ level: 'error', path: 'config.yaml' })
    const lines = records[0]?.problems as string[]
    for (const word of ['podz', 'port', 'nonsense']) expect(lines.some((line) => line.includes(word))).toBe(true)
    expect(reports.at(-1)).toEqual({ type: 'config', filename: 'config.yaml' })
    expect(selected).toEqual([])
    texts.set('config.yaml', 'resources: {nodes: {}}')
    await vi.waitFor(() => expect(selected).toMatchObject([{ resources: ['nodes'] }]))
    expect(reports.at(-1)?.content).toBeDefined()
    expect(records.map(({ level }) => level)).toEqual(['error', 'info'])
  })

  test('and disappears is not valid either', async () => {
    const { texts, records, selected } = start('resources: {pods: {}}')
    texts.delete('config.yaml')
    await vi.waitFor(() =>
      expect(records).toMatchObject([{ level: 'error', problems: [/ENOENT/].map((p) => expect.stringMatching(p)) }]),
    )
    expect(selected).toEqual([])
  })

  test('and needs a restart logs that, each time, and applies the rest', async () => {
    const { texts, records, selected, reload } = start('port: 8080')
    texts.set('config.yaml', 'port: 9090\nobject_limit: 2\nnamespaces: [a]\nresources: {nodes: {}}')
    await vi.waitFor(() => expect(selected).toMatchObject([{ resources: ['nodes'], namespaces: ['a'] }]))
    expect(records[1]).toMatchObject({ level: 'warn', changed: ['object_limit', 'port'] })
    texts.set('config.yaml', 'port: 9090\nnamespaces: [a]\nresources: {nodes: {}}')
    await vi.waitFor(() => expect(records[2]).toMatchObject({ level: 'warn', changed: ['port'] }))
    texts.set('config.yaml', 'namespaces: [a]\nresources: {nodes: {}} # as it started')
    reload()
    expect(records).toHaveLength(3)
  })

  test('changes the level of the log', async () => {
    const { texts, levels, records } = start('telemetry: {log_level: info}')
    texts.set('config.yaml', 'telemetry: {log_level: debug}')
    await vi.waitFor(() => expect(levels).toEqual(['debug']))
    expect(records).toMatchObject([{ message: 'configuration reloaded', changed: ['telemetry.log_level'] }])
  })

  test('of rules for custom resources changes them', async () => {
    const { texts, rules, records } = start('custom_resource_state_config_file: rules.yaml', {
      argv: ['--continue-without-custom-resource-state-config-file'],
    })
    texts.set('rules.yaml', 'spec: {resources: []}')
    await vi.waitFor(() => expect(rules).toEqual([[{ source: 'rules.yaml', text: 'spec: {resources: []}' }]]))
    expect(records).toMatchObject([{ level: 'info', message: 'rules for custom resources reloaded' }])
    texts.delete('rules.yaml')
    await vi.waitFor(() => expect(rules.at(-1)).toEqual([]))
  })

  test('on demand it is read though no file has changed', () => {
    const { reload, records, reports } = start('port: 8080')
    const before = reports.length
    reload()
    expect(reports.length).toBe(before + 1)
    expect(records).toEqual([])
  })
})

test('the program follows: unchanged resources are not listed again, new ones are read, removed ones end', async () => {
  const world = await startWorld(builtInKinds)
  const { api, receiver } = world
  api.objects.create('nodes', { metadata: { name: 'n1' } })
  api.objects.create('namespaces', { metadata: { name: 'a' } })
  api.objects.create('services', { metadata: { name: 's1', namespace: 'a' }, spec: { type: 'ClusterIP' } })
  const { product, reload } = await startFromFile(world, 'resources: {nodes: {}, namespaces: {}}')
  const live = () => [...receiver.liveSet.live().keys()].map((series) => series.replace(/\{.*/, ''))
  await until(() => live().includes('kube_node_created') && live().includes('kube_namespace_created'))
  const listed = (plural: string) =>
    api.requests.filter(({ resource, verb }) => resource?.plural === plural && (verb === 'list' || verb === 'watch'))
      .length
  const before = listed('namespaces')

  reload('resources: {namespaces: {}, services: {}}\nmetric_denylist: {kube_namespace_status_phase: {}}')
  await until(() => live().includes('kube_service_created'))
  await until(() => !live().some((name) => name.startsWith('kube_node_') || name === 'kube_namespace_status_phase'))
  expect(live()).toContain('kube_namespace_created')
  expect(listed('namespaces')).toBe(before)
  expect([...receiver.liveSet.problems]).toEqual([])
  const page = await (await fetch(`http://127.0.0.1:${product.addresses?.metricsAddress.port}/metrics`)).text()
  expect(page).toMatch(/^kube_service_created/m)
  expect(page).not.toMatch(/^kube_node_/m)

  reload('resources: [garbage')
  expect(await (await fetch(`http://127.0.0.1:${product.addresses?.telemetryAddress.port}/metrics`)).text()).toMatch(
    /kube_state_metrics_last_config_reload_successful\{type="config",filename="[^"]*config\.yaml"\} 0/,
  )
  expect(live()).toContain('kube_service_created')
})
