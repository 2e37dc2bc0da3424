/** Validation rules that concern more than one key, or names that only the caller knows. */

import type { resources as builtInResources } from '../families/built-in-resources.ts'
import { labelNamesOf } from '../families/label-sets.ts'
import { contradictionsOf } from './otlp-checks.ts'
import type { Notice, Problem, Source } from './problem.ts'
import { show } from './problem.ts'
import type { Key, Values } from './schema.ts'
import { didYouMean } from './suggestion.ts'

interface Findings {
  readonly problems: readonly Problem[]
  readonly notices: readonly Notice[]
}

type SourceOf = (key: Key) => Source

/** The resources that can be selected. */
export type KnownResources = typeof builtInResources

/** The context of the validation. */
export interface CheckContext {
  readonly resources: KnownResources
  /** False if the objects come from files, where no other instances exist. */
  readonly readsCluster: boolean
}

/** Checks effective values against each other, and selected resources against the known names. */
export function checkTogether(values: Values, sourceOf: SourceOf, { resources, readsCluster }: CheckContext): Findings {
  const found = [
    ...(readsCluster ? sharedNodes(values) : []),
    ...unknownResources(values, resources),
    ...unknownLimits(values, resources),
    ...repeatedLabels(values, resources),
    ...shardOutside(values),
    ...contradictions(values),
  ]
  return {
    problems: found.map(({ key, value, message }) => ({ key, value, message, source: sourceOf(key) })),
    notices: warnings(values).map((message) => ({ message })),
  }
}

interface Found {
  readonly key: Key
  readonly value?: string | undefined
  readonly message: string
}

function unknownResources(values: Values, resources: KnownResources): Found[] {
  const known = new Set(resources.map(({ plural }) => plural))
  const wildcard = new Set(['*', ...known])
  return [
    ...values.resources.filter((name) => !known.has(name)).map((name) => ['resources', name] as const),
    ...[...values.labels_allow_list.keys()]
      .filter((name) => !wildcard.has(name))
      .map((name) => ['labels_allow_list', name] as const),
    ...[...values.annotations_allow_list.keys()]
      .filter((name) => !wildcard.has(name))
      .map((name) => ['annotations_allow_list', name] as const),
  ].map(([key, name]) => ({
    key,
    value: show(name),
    message: `expected plural names of resources that are supported${didYouMean(name, known)}`,
  }))
}

/** Names that no rule for custom resources can have brought. */
function unknownLimits(values: Values, resources: KnownResources): Found[] {
  if (hasRules(values)) return []
  const plurals = new Set(resources.map(({ plural }) => plural))
  const families = new Set(resources.flatMap((resource) => resource.families.map(({ name }) => name)))
  const unknown = (
    key: 'limits.series_per_resource' | 'limits.series_per_family',
    known: ReadonlySet<string>,
    what: string,
  ) =>
    [...values[key].keys()]
      .filter((name) => name !== '*' && !known.has(name))
      .map((name) => ({
        key,
        value: show(name),
        message: `expected ${what} or *${didYouMean(name, known)}`,
      }))
  return [
    ...unknown('limits.series_per_resource', plurals, 'plural names of resources that are supported'),
    ...unknown('limits.series_per_family', families, 'names of metrics that are supported'),
  ]
}

/** Labels that Prometheus derives from the OTLP resource. */
const targetLabels = ['job', 'instance']
/** On every series of a rule for custom resources. */
const customResourceLabels = ['customresource_group', 'customresource_version', 'customresource_kind']

/** Receivers replace characters that are invalid in Prometheus label names with underscores: `host.ip` becomes `host_ip`. */
const labelNameOf = (attribute: string) => attribute.replaceAll(/[^A-Za-z0-9_]/g, '_')

/** Some receivers reject a series with two labels of the same name, others drop one of them. Returns names that series have already. */
export function repeatedLabelNames(names: readonly string[], resources: KnownResources): readonly string[] {
  if (names.length === 0) return []
  const ofSeries = [...labelNamesOf(resources), ...targetLabels, ...customResourceLabels]
  const taken = new Set(ofSeries)
  const prefixes = ofSeries.filter((name) => name.endsWith('_*')).map((name) => name.slice(0, -1))
  const labels = names.map(labelNameOf)
  return names.filter((_, i) => {
    const label = labels[i] as string
    return taken.has(label) || prefixes.some((prefix) => label.startsWith(prefix)) || labels.indexOf(label) < i
  })
}

function repeatedLabels(values: Values, resources: KnownResources): Found[] {
  return repeatedLabelNames([...values['otlp.constant_labels'].keys()], resources).map((name) => ({
    key: 'otlp.constant_labels',
    value: show(name),
    message: 'expected label names that no series has: choose another name, such as cluster',
  }))
}

function hasRules(values: Values): boolean {
  const { custom_resource_config: text, custom_resource_state_config_file: file } = values
  const configMaps = values.custom_resource_state_config_map_selector
  return (text ?? file ?? configMaps) !== undefined || values.resource_metrics_monitors
}

/** An instance per node only reads the pods of its node. Other resources would be pushed by all of them. */
function sharedNodes(values: Values): Found[] {
  const { node, resources } = values
  const isPodsAlone = resources.length > 0 && resources.every((name) => name === 'pods')
  if (node === undefined || (isPodsAlone && !hasRules(values))) return []
  const message = 'expected only with resources: pods, since other resources would be pushed once for every node'
  return [{ key: 'node', value: show(node), message }]
}

function shardOutside({ pod, shard, total_shards: totalShards }: Values): Found[] {
  if (pod !== undefined || shard < Math.max(1, totalShards)) return []
  const message =
    totalShards <= 1
      ? 'expected together with total_shards, the number of shards'
      : `expected a number below total_shards (${totalShards}): shards are counted from 0`
  return [{ key: 'shard', value: show(shard), message }]
}

function contradictions(values: Values): Found[] {
  const found: Found[] = []
  const expect = (right: boolean, key: Key, message: string) => right || found.push({ key, message })
  expect(
    values.metric_allowlist.length === 0 || values.metric_denylist.length === 0,
    'metric_denylist',
    'expected either metric_allowlist or metric_denylist: they exclude each other',
  )
  expect(
    values.custom_resource_state_config_map_namespaces.length === 0 ||
      values.custom_resource_state_config_map_selector !== undefined,
    'custom_resource_state_config_map_namespaces',
    'expected together with custom_resource_state_config_map_selector, which chooses the ConfigMaps',
  )
  expect(
    values.resource_metrics_monitor_namespaces.length === 0 || values.resource_metrics_monitors,
    'resource_metrics_monitor_namespaces',
    'expected together with resource_metrics_monitors, which reads the objects',
  )
  expect(
    values.port === 0 || values.port !== values.telemetry_port || values.host !== values.telemetry_host,
    'telemetry_port',
    'expected a port other than that of the object metrics',
  )
  expect(
    values['push.flush_interval'] <= values['push.interval'],
    'push.flush_interval',
    'expected at most push.interval; 0s sends everything at each interval',
  )
  const ofSection = {
    endpoint: values['otlp.endpoint'],
    insecure: values['otlp.insecure'],
    protocol: values['otlp.protocol'],
    compression: values['otlp.compression'],
    client_certificate: values['otlp.client_certificate'],
    client_key: values['otlp.client_key'],
  }
  for (const { name, message } of contradictionsOf(ofSection, 'otlp.')) found.push({ key: `otlp.${name}`, message })
  expect(
    values['leader_election.lease_duration'] % 1000 === 0,
    'leader_election.lease_duration',
    'expected whole seconds, as a Lease has them',
  )
  expect(
    values['leader_election.renew_deadline'] < values['leader_election.lease_duration'],
    'leader_election.renew_deadline',
    'expected less than leader_election.lease_duration: two replicas would push at the same time',
  )
  expect(
    values['leader_election.retry_period'] * 2 <= values['leader_election.renew_deadline'],
    'leader_election.retry_period',
    'expected at most half of leader_election.renew_deadline, so that one renewal may fail',
  )
  return found
}

/** The lookback of Prometheus: how long a series is visible after its last sample. */
const prometheusLookbackMs = 300_000

function warnings(values: Values): string[] {
  return values['push.interval'] < prometheusLookbackMs
    ? []
    : ['push.interval is 5m or more: series of objects that do not change disappear from Prometheus between two pushes']
}
