/**
 * Expressions of kubernetes-mixin as kube-prometheus publishes them, of which all metrics are those of kube-state-metrics or recorded
 * from them: variables and panels of its dashboards, recording rules, and alerts.
 */

const job = 'job="kube-state-metrics"'
const cluster = 'cluster="$cluster"'
const namespace = 'namespace="$namespace"'

/** The selector of each variable, and the label whose values it offers, in the order in which they depend on each other. */
export const variables: readonly (readonly [name: string, selector: string])[] = [
  ['cluster', `up{${job}}`],
  ['namespace', `kube_namespace_status_phase{${job}, ${cluster}}`],
  ['pod', `kube_pod_info{${job}, ${cluster}, ${namespace}}`],
  ['node', `kube_node_info{${cluster}}`],
  ['workload_type', `namespace_workload_pod:kube_pod_owner:relabel{${cluster}, ${namespace}, workload=~".+"}`],
]

const kinds = ['requests', 'limits'] as const
const resources = ['cpu', 'memory'] as const
type Kind = (typeof kinds)[number]
type Resource = (typeof resources)[number]
const forEach = (write: (kind: Kind, resource: Resource) => readonly string[]) =>
  kinds.flatMap((kind) => resources.flatMap((resource) => write(kind, resource)))

const ofContainers = (kind: Kind) => `kube_pod_container_resource_${kind}`
const active = (kind: Kind, resource: Resource) =>
  `cluster:namespace:pod_${resource}:active:kube_pod_container_resource_${kind}`
const summed = (kind: Kind, resource: Resource) => `namespace_${resource}:kube_pod_container_resource_${kind}:sum`
const allocatable = (resource: Resource, more = '') =>
  `kube_node_status_allocatable{${job},resource="${resource}"${more}}`
const maxOf = (vector: string) => `max by (cluster, namespace, pod, container)(${vector})`
const workloads = `namespace_workload_pod:kube_pod_owner:relabel{${cluster}, ${namespace}, workload_type=~"$workload_type"}`

/** Panels by dashboard. */
export const panels: Readonly<Record<string, readonly string[]>> = {
  'Multi-Cluster': forEach((kind, resource) => {
    const vector = `sum(${ofContainers(kind)}{${job}, resource="${resource}"})`
    return [`${vector} / sum(${allocatable(resource)})`, `${vector} by (cluster)`]
  }),
  Cluster: [
    ...forEach((kind, resource) => {
      const vector = `sum(${summed(kind, resource)}{${cluster}})`
      return [`${vector} / sum(${allocatable(resource, `,${cluster}`)})`, `${vector} by (namespace)`]
    }),
    `sum(kube_pod_owner{${job}, ${cluster}}) by (namespace)`,
    `count(avg(namespace_workload_pod:kube_pod_owner:relabel{${cluster}}) by (workload, namespace)) by (namespace)`,
  ],
  'Namespace (Pods)': forEach((kind, resource) => [
    `sum(${ofContainers(kind)}{${job}, ${cluster}, ${namespace}, resource="${resource}"})`,
    `sum(${maxOf(`${active(kind, resource)}{${cluster}, ${namespace}}`)}) by (pod)`,
    `scalar(max(kube_resourcequota{${cluster}, ${namespace}, type="hard",resource="${kind}.${resource}"}))`,
  ]),
  'Namespace (Workloads)': [
    `count(${workloads}) by (workload, workload_type)`,
    ...forEach((kind, resource) => [
      `sum(${maxOf(`${ofContainers(kind)}{${job}, ${cluster}, ${namespace}, resource="${resource}"}`)}` +
        ` * on(cluster, namespace, pod) group_left(workload, workload_type) ${workloads}) by (workload, workload_type)`,
    ]),
  ],
  'Node (Pods)': [
    ...resources.map(
      (resource) => `sum(kube_node_status_capacity{${cluster}, ${job}, node=~"$node", resource="${resource}"})`,
    ),
    ...resources.map((resource) => `sum(${allocatable(resource, `,${cluster},node=~"$node"`)})`),
    ...forEach((kind, resource) => [`sum(${maxOf(`${active(kind, resource)}{${cluster}, node=~"$node"}`)}) by (pod)`]),
  ],
  'Nodes Overview': [
    `count(kube_node_info{${cluster}, ${job}})`,
    ...resources.map((resource) => `sum(${active('requests', resource)}{${cluster}})`),
    ...resources.map((resource) => `sum by (node) (${allocatable(resource, `,${cluster}`)})`),
  ],
  Pod: forEach((kind, resource) => [
    `sum(${ofContainers(kind)}{${job}, ${cluster}, ${namespace}, pod="$pod", resource="${resource}"})`,
    `sum(${maxOf(`${active(kind, resource)}{${cluster}, ${namespace}, pod="$pod", container!=""}`)}) by (container)`,
  ]),
}

const running = 'kube_pod_status_phase{phase=~"Pending|Running"} == 1'

/** Workloads by the kind of the owner of their pods. */
const owned = (ownerKind: string) =>
  'max by (cluster, namespace, workload, pod) (label_replace(' +
  `kube_pod_owner{${job}, owner_kind="${ownerKind}"}, "workload", "$1", "owner_name", "(.*)"))`
const ownedByDeployment =
  'max by (cluster, namespace, workload, pod) (label_replace(label_replace(' +
  `kube_pod_owner{${job}, owner_kind="ReplicaSet"}, "replicaset", "$1", "owner_name", "(.*)")` +
  ' * on(replicaset, namespace) group_left(owner_name) topk by(replicaset, namespace) (' +
  `1, max by (replicaset, namespace, owner_name) (kube_replicaset_owner{${job}})), "workload", "$1", "owner_name", "(.*)"))`

const workload = (workload_type: string, expr: string) => ({
  record: 'namespace_workload_pod:kube_pod_owner:relabel',
  expr,
  labels: { workload_type },
})

/** Rules as in a rule file. */
export const recordingRules: readonly object[] = [
  ...kinds.flatMap((kind) =>
    resources.flatMap((resource) => {
      const vector = `${ofContainers(kind)}{resource="${resource}",${job}}`
      const join = '* on (namespace, pod, cluster) group_left() max by (namespace, pod, cluster)'
      const inner = `max by (namespace, pod, container, cluster) (${vector}) ${join} (${running})`
      return [
        { record: active(kind, resource), expr: `${vector} ${join} ((${running}))` },
        {
          record: summed(kind, resource),
          expr: `sum by (namespace, cluster) (sum by (namespace, pod, cluster) (${inner}))`,
        },
      ]
    }),
  ),
  workload('deployment', ownedByDeployment),
  ...['DaemonSet', 'StatefulSet', 'Job'].map((kind) => workload(kind.toLowerCase(), owned(kind))),
]

const unequal = (a: string, b: string) => `${a}{${job}} != ${b}{${job}}`
const unchanged = (metric: string, range: string) => `(changes(${metric}{${job}}[${range}]) == 0)`
const hpa = (name: string) => `kube_horizontalpodautoscaler_${name}{${job}}`
const quota = (condition: string) =>
  `kube_resourcequota{${job}, type="used"} / ignoring(instance, job, type)` +
  ` (kube_resourcequota{${job}, type="hard"} > 0) ${condition}`
const daemonSet = (name: string) => `kube_daemonset_status_${name}{${job}}`
const desired = daemonSet('desired_number_scheduled')
const taint = (matchers: string) => `kube_node_spec_taint{${job},${matchers}}`

interface PublishedAlert {
  readonly expr: string
  readonly for: string
}

export const alerts = {
  KubePodCrashLooping: {
    expr: `max_over_time(kube_pod_container_status_waiting_reason{reason="CrashLoopBackOff", ${job}}[5m]) >= 1`,
    for: '15m',
  },
  KubePodNotReady: {
    expr:
      `sum by (namespace, pod) (max by(namespace, pod) (kube_pod_status_phase{${job}, phase=~"Pending|Unknown"})` +
      ' * on(namespace, pod) group_left(owner_kind) topk by(namespace, pod) (' +
      '1, max by(namespace, pod, owner_kind) (kube_pod_owner{owner_kind!="Job"}))) > 0',
    for: '15m',
  },
  KubeDeploymentGenerationMismatch: {
    expr: unequal('kube_deployment_status_observed_generation', 'kube_deployment_metadata_generation'),
    for: '15m',
  },
  KubeDeploymentReplicasMismatch: {
    expr:
      `(kube_deployment_spec_replicas{${job}} > kube_deployment_status_replicas_available{${job}})` +
      ` and ${unchanged('kube_deployment_status_replicas_updated', '10m')}`,
    for: '15m',
  },
  KubeStatefulSetReplicasMismatch: {
    expr:
      `(${unequal('kube_statefulset_status_replicas_ready', 'kube_statefulset_status_replicas')})` +
      ` and ${unchanged('kube_statefulset_status_replicas_updated', '10m')}`,
    for: '15m',
  },
  KubeStatefulSetGenerationMismatch: {
    expr: unequal('kube_statefulset_status_observed_generation', 'kube_statefulset_metadata_generation'),
    for: '15m',
  },
  KubeDaemonSetRolloutStuck: {
    expr:
      `((${daemonSet('current_number_scheduled')} != ${desired}) or (${daemonSet('number_misscheduled')} != 0)` +
      ` or (${daemonSet('updated_number_scheduled')} != ${desired}) or (${daemonSet('number_available')} != ${desired}))` +
      ` and ${unchanged('kube_daemonset_status_updated_number_scheduled', '5m')}`,
    for: '15m',
  },
  KubeContainerWaiting: {
    expr: `sum by (namespace, pod, container) (kube_pod_container_status_waiting_reason{${job}}) > 0`,
    for: '1h',
  },
  KubeDaemonSetNotScheduled: { expr: `${desired} - ${daemonSet('current_number_scheduled')} > 0`, for: '10m' },
  KubeDaemonSetMisScheduled: { expr: `${daemonSet('number_misscheduled')} > 0`, for: '15m' },
  KubeJobFailed: { expr: `kube_job_failed{${job}}  > 0`, for: '15m' },
  KubeHpaReplicasMismatch: {
    expr:
      `(${hpa('status_desired_replicas')} != ${hpa('status_current_replicas')})` +
      ` and (${hpa('status_current_replicas')} > ${hpa('spec_min_replicas')})` +
      ` and (${hpa('status_current_replicas')} < ${hpa('spec_max_replicas')})` +
      ` and changes(kube_horizontalpodautoscaler_status_current_replicas{${job}}[15m]) == 0`,
    for: '15m',
  },
  KubeHpaMaxedOut: { expr: `${hpa('status_current_replicas')} == ${hpa('spec_max_replicas')}`, for: '15m' },
  KubeQuotaAlmostFull: { expr: quota('> 0.9 < 1'), for: '15m' },
  KubeQuotaFullyUsed: { expr: quota('== 1'), for: '15m' },
  KubeQuotaExceeded: { expr: quota('> 1'), for: '15m' },
  KubePersistentVolumeErrors: {
    expr: `kube_persistentvolume_status_phase{phase=~"Failed|Pending",${job}} > 0`,
    for: '5m',
  },
  KubeNodeNotReady: {
    expr: `kube_node_status_condition{${job},condition="Ready",status="true"} == 0`,
    for: '15m',
  },
  KubeNodeUnreachable: {
    expr:
      `(${taint('key="node.kubernetes.io/unreachable",effect="NoSchedule"')} unless ignoring(key,value)` +
      ` ${taint('key=~"ToBeDeletedByClusterAutoscaler|cloud.google.com/impending-node-termination|aws-node-termination-handler/spot-itn"')}) == 1`,
    for: '15m',
  },
  KubeletTooManyPods: {
    expr:
      `count by(cluster, node) ((kube_pod_status_phase{${job},phase="Running"} == 1)` +
      ' * on(instance,pod,namespace,cluster) group_left(node) topk by(instance,pod,namespace,cluster)' +
      ` (1, kube_pod_info{${job}})) / max by(cluster, node) (kube_node_status_capacity{${job},resource="pods"} != 1) > 0.95`,
    for: '15m',
  },
} as const satisfies Record<string, PublishedAlert>
