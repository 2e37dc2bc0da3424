/** What changes between two configurations: which keys, and which of them without a restart. */
import { expect, it } from 'vitest'
import { compareConfigs } from '../../src/config/differences.ts'
import { allSettings, sections, settingOf } from '../../src/config/schema.ts'
import { accepted } from './inputs.ts'

const valuesOf = (...argv: string[]) => accepted({ argv }).values
const compare = (before: readonly string[], after: readonly string[]) =>
  compareConfigs(valuesOf(...before), valuesOf(...after))

it('is empty for equal values, whatever their source', () => {
  const flags = accepted({ argv: ['--resources=pods', '--metric-labels-allowlist=pods=[a]', '--push-interval=60s'] })
  const file = accepted({ file: 'resources: [pods]\nlabels_allow_list: {pods: [a]}\npush: {interval: 1m}' })
  const { config: _, ...ofFile } = file.values
  expect(compareConfigs(flags.values, { ...ofFile, config: undefined })).toEqual({
    reloaded: [],
    needsRestart: [],
    values: flags.values,
  })
})

it('separates the changes, and keeps the former value of keys that need a restart', () => {
  const before = ['--resources=pods', '--port=1', '--metric-labels-allowlist=pods=[a]']
  const after = ['--resources=pods,nodes', '--port=2', '--metric-labels-allowlist=pods=[a,b]', '--object-limit=5']
  const { reloaded, needsRestart, values } = compare(before, after)
  expect(reloaded).toEqual(['resources', 'labels_allow_list'])
  expect(needsRestart).toEqual(['object_limit', 'port'])
  expect(values).toEqual(valuesOf('--resources=pods,nodes', '--port=1', '--metric-labels-allowlist=pods=[a,b]'))
})

it('reloads the shard, but with leader election only what leaves the Lease the same', () => {
  const shards = (shard: number, total: number, ...flags: readonly string[]) => [
    `--shard=${shard}`,
    `--total-shards=${total}`,
    ...flags,
  ]
  expect(compare(shards(0, 1), shards(1, 2))).toMatchObject({ reloaded: ['shard', 'total_shards'], needsRestart: [] })
  const elected = (from: readonly string[], to: readonly string[]) =>
    compare([...from, '--leader-election'], [...to, '--leader-election', '--resources=pods'])
  expect(elected(shards(0, 2), shards(0, 3))).toMatchObject({
    reloaded: ['resources', 'total_shards'],
    needsRestart: [],
  })
  expect(elected(shards(0, 2), shards(1, 2))).toMatchObject({ reloaded: ['resources'], needsRestart: ['shard'] })
  expect(elected(shards(0, 1), shards(0, 2))).toMatchObject({ reloaded: ['resources'], needsRestart: ['total_shards'] })
})

it('includes a list in another order, since the order is significant in allow lists', () => {
  expect(compare(['--metric-labels-allowlist=pods=[*,a]'], ['--metric-labels-allowlist=pods=[a,*]']).reloaded).toEqual([
    'labels_allow_list',
  ])
})

it('is undone by the reverse', () => {
  const [before, after] = [valuesOf('--resources=pods'), valuesOf('--resources=nodes', '--metric-denylist=a')]
  const there = compareConfigs(before, after)
  const back = compareConfigs(there.values, before)
  expect(back.values).toEqual(before)
  expect(back.reloaded).toEqual(there.reloaded)
})

it('reloads the node, but with leader election only what leaves the Lease the same', () => {
  const before = ['--resources=pods', '--node=a']
  expect(compare(before, ['--resources=pods', '--node=b'])).toMatchObject({ reloaded: ['node'], needsRestart: [] })
  expect(compare(before, ['--resources=pods,nodes']).reloaded).toEqual(['resources', 'node'])
  const elected = compare([...before, '--leader-election'], ['--resources=pods', '--node=b', '--leader-election'])
  expect(elected).toMatchObject({ reloaded: [], needsRestart: ['node'] })
})

it('reloads no value that contradicts one that needs a restart', () => {
  const before = ['--resources=pods', '--node=a', '--leader-election']
  const { reloaded, needsRestart, values } = compare(before, ['--resources=pods,nodes', '--leader-election'])
  expect([reloaded, needsRestart]).toEqual([[], ['resources', 'node']])
  expect(values).toEqual(valuesOf(...before))
})

it('reloads only rules for custom resources, shards, the log level, and the selection of objects, metrics and labels', () => {
  const reloads = [...allSettings].filter(([, setting]) => setting.reloads).map(([key]) => key)
  expect(reloads).toEqual([
    ...['resources', 'namespaces', 'namespaces_denylist', 'metric_allowlist', 'metric_denylist', 'metric_opt_in_list'],
    ...['labels_allow_list', 'annotations_allow_list', 'node', 'track_unscheduled_pods', 'shard', 'total_shards'],
    ...['custom_resource_config', 'custom_resource_state_config_file'],
    ...['continue_without_custom_resource_state_config_file', 'custom_resource_state_config_map_selector'],
    ...['custom_resource_state_config_map_namespaces', 'resource_metrics_monitors'],
    ...['resource_metrics_monitor_namespaces', 'custom_resources_only', 'telemetry.log_level'],
  ])
})

it('says for each section why some of its keys need a restart', () => {
  for (const { title, keys, restart } of sections) {
    const needsRestart = keys.filter((key) => !settingOf(key).reloads && !settingOf(key).notInFile)
    expect([title, restart === undefined]).toEqual([title, needsRestart.length === 0])
  }
})
