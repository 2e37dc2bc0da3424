/** Owns the keys that select resources, objects and metrics, all of them kube-state-metrics' own. */
import { boolean, integer, text } from '../formats/format.ts'
import type { LabelKeys } from '../formats/label-keys.ts'
import { labelKeys } from '../formats/label-keys.ts'
import { ecmaPatterns, list, re2Patterns } from '../formats/list.ts'
import { optional, setting } from '../setting.ts'

const none: readonly string[] = []
const noKeys: LabelKeys = new Map()

/** The largest index that kube-state-metrics' 32-bit flag takes. */
const maxShard = 2 ** 31 - 1

/** Keys of what is selected. */
export const selectionSettings = {
  resources: setting({
    doc: 'Resources to watch, by plural name. Unless set: those that kube-state-metrics enables by default.',
    default: none,
    format: list('names', { file: 'map' }),
    example: ['pods', 'nodes'],
  }),
  namespaces: setting({
    example: ['web', 'db'],
    doc: 'Namespaces to watch; all unless set. Cluster-scoped resources are not affected.',
    default: none,
    format: list('names', { file: 'list' }),
  }),
  namespaces_denylist: setting({
    doc: 'Namespaces to leave out, also of those that are named above.',
    default: none,
    format: list('names', { file: 'list' }),
  }),
  metric_allowlist: setting({
    doc: 'Only metrics that one of these names or ECMAScript patterns occurs in. Excludes a deny list.',
    default: none,
    format: ecmaPatterns,
  }),
  metric_denylist: setting({
    example: ['kube_secret_created', '^kube_.*_annotations$'],
    doc: 'No metrics that one of these names or ECMAScript patterns occurs in. Excludes an allow list.',
    default: none,
    format: ecmaPatterns,
  }),
  metric_opt_in_list: setting({
    doc: 'Opt-in metrics to enable, by name or RE2 pattern. The allow and deny lists still apply.',
    default: none,
    format: re2Patterns,
  }),
  labels_allow_list: setting({
    example: new Map([['pods', ['app', 'team-*']]]),
    doc: 'Label keys to copy to the labels metric of a resource, such as pods=[app,team-*]; * stands for every resource or every key.',
    default: noKeys,
    format: labelKeys,
    flag: 'metric-labels-allowlist',
  }),
  annotations_allow_list: setting({
    example: new Map([['namespaces', ['*']]]),
    doc: 'Annotation keys to copy to the annotations metric of a resource, in the notation of the labels.',
    default: noKeys,
    format: labelKeys,
    flag: 'metric-annotations-allowlist',
  }),
  node: optional({
    doc: 'Only pods of this node, for one instance on every node. Needs resources: pods.',
    format: text('name'),
  }),
  track_unscheduled_pods: setting({
    doc: 'Only pods that have no node yet; wins over a node.',
    default: false,
    format: boolean,
  }),
  shard: setting({
    doc: 'Ordinal of this shard, counted from 0; must be below total_shards.',
    default: 0,
    format: integer(0, maxShard),
  }),
  total_shards: setting({
    doc: 'Number of shards that the objects are divided among; 1 (or 0) means no sharding.',
    default: 1,
    format: integer(0, maxShard),
  }),
}
