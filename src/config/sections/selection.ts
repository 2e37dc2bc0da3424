import { boolean, integer, text } from '../formats/format.ts'
import type { LabelKeys } from '../formats/label-keys.ts'
import { labelKeys } from '../formats/label-keys.ts'
import { ecmaPatterns, list, re2Patterns } from '../formats/list.ts'
import { optional, setting } from '../setting.ts'

const none: readonly string[] = []
const noKeys: LabelKeys = new Map()

/** The maximum of the 32-bit flag in kube-state-metrics. */
const maxShard = 2 ** 31 - 1

/** Pods of a StatefulSet are named after it, with their ordinal. */
const statefulSetPod = text('name', (input) =>
  /^[a-z0-9][-a-z0-9.]*-\d{1,9}$/.test(input)
    ? undefined
    : 'the name of a pod of a StatefulSet, such as kube-state-otlp-0',
)

/** The selection of resources, objects and metrics; all keys are from kube-state-metrics. */
export const selectionSettings = {
  resources: setting({
    reloads: true,
    doc: 'Resources to watch, by plural name. Default: the same as in kube-state-metrics.',
    default: none,
    format: list('names', { file: 'map' }),
    example: ['pods', 'nodes'],
  }),
  namespaces: setting({
    reloads: true,
    example: ['web', 'db'],
    doc: 'Namespaces to watch. Default: all. Cluster-scoped resources are not affected.',
    default: none,
    format: list('names', { file: 'list' }),
  }),
  namespaces_denylist: setting({
    reloads: true,
    doc: 'Namespaces to exclude, even if they are listed in namespaces.',
    default: none,
    format: list('names', { file: 'list' }),
  }),
  metric_allowlist: setting({
    reloads: true,
    doc: 'Only metrics that match one of these names or ECMAScript patterns anywhere in their name. Cannot be combined with a deny list.',
    deviation: 'Escapes and character classes that JavaScript reads otherwise (`\\p{L}`, `[[:alpha:]]`) are rejected.',
    default: none,
    format: ecmaPatterns,
  }),
  metric_denylist: setting({
    reloads: true,
    example: ['kube_secret_created', '^kube_.*_annotations$'],
    doc: 'Exclude metrics that match one of these names or ECMAScript patterns anywhere in their name. Cannot be combined with an allow list.',
    deviation: 'As for `--metric-allowlist`.',
    default: none,
    format: ecmaPatterns,
  }),
  metric_opt_in_list: setting({
    reloads: true,
    doc: 'Opt-in metrics to enable, by name or RE2 pattern. The allow and deny lists still apply.',
    default: none,
    format: re2Patterns,
  }),
  labels_allow_list: setting({
    reloads: true,
    example: new Map([['pods', ['app', 'team-*']]]),
    doc: 'Label keys to copy to the labels metric of a resource, such as pods=[app,team-*]; * matches every resource or every key.',
    deviation: 'Empty entries (`pods`, `pods=[,a]`) are rejected; there they are ignored.',
    default: noKeys,
    format: labelKeys,
    flag: 'metric-labels-allowlist',
  }),
  annotations_allow_list: setting({
    reloads: true,
    example: new Map([['namespaces', ['*']]]),
    doc: 'Annotation keys to copy to the annotations metric of a resource, in the same notation.',
    deviation: 'As for `--metric-labels-allowlist`.',
    default: noKeys,
    format: labelKeys,
    flag: 'metric-annotations-allowlist',
  }),
  node: optional({
    reloads: true,
    doc: 'Only pods of this node, for one instance per node. Requires resources: pods.',
    deviation: 'Custom resource rules are rejected beside it, as are other resources than pods.',
    format: text('name'),
  }),
  track_unscheduled_pods: setting({
    reloads: true,
    doc: 'Only pods without a node; takes precedence over node.',
    default: false,
    format: boolean,
  }),
  shard: setting({
    doc: 'Ordinal of this shard, counted from 0; must be below total_shards.',
    deviation: 'Rejected unless it is below `--total-shards`; there such a shard is empty.',
    default: 0,
    format: integer(0, maxShard),
    reloads: true,
  }),
  total_shards: setting({
    reloads: true,
    doc: 'Number of shards that the objects are divided among; 1 (or 0) means no sharding.',
    deviation: '0 means no sharding, also in `kube_state_metrics_total_shards`; v2.20 exports nothing then.',
    default: 1,
    format: integer(0, maxShard),
  }),
  pod: optional({
    doc: 'Name of this pod of a StatefulSet, for automatic sharding: the shard is the ordinal in the name, and the number of shards is spec.replicas of the StatefulSet, which is watched. Takes precedence over shard and total_shards.',
    format: statefulSetPod,
    deviation: 'The StatefulSet is found by the name of the pod, without a right to read pods.',
    example: 'kube-state-otlp-0',
  }),
  pod_namespace: optional({
    doc: 'Namespace of this pod. Default: leader_election.namespace, which is POD_NAMESPACE, then the namespace of the service account.',
    format: text('name'),
    fileAliases: ['namespace'],
    deviation: 'Has a default, so `--pod` alone is enough.',
  }),
}
