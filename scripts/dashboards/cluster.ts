/** The dashboard of a cluster on metric names of kube-state-metrics, from which every panel can be drawn without a join. */
import type { Dashboard, Row } from './dashboard.ts'
import type { Panel } from './panel.ts'
import { line, stat, table } from './panel.ts'

const all = 'cluster=~"$cluster",job=~"$job"'
const chosen = `${all},namespace=~"$namespace"`

/** Of a selection that is empty while everything is well. */
const countOf = (condition: string) => `count(${condition}) or vector(0)`
const inPhase = (phase: string) => `sum(kube_pod_status_phase{${chosen},phase="${phase}"})`

const overview: Row = {
  title: 'Overview',
  panels: [
    stat({
      title: 'Nodes',
      description: 'Nodes of the cluster.',
      unit: 'none',
      targets: [{ expr: `count(kube_node_info{${all}})` }],
    }),
    stat({
      title: 'Nodes not ready',
      description: 'Nodes whose condition Ready is not true.',
      unit: 'none',
      thresholds: [1, 2],
      targets: [{ expr: countOf(`kube_node_status_condition{${all},condition="Ready",status="true"} == 0`) }],
    }),
    stat({
      title: 'Namespaces',
      description: 'Namespaces of the cluster.',
      unit: 'none',
      targets: [{ expr: `count(kube_namespace_created{${all}})` }],
    }),
    stat({
      title: 'Running pods',
      description: 'Pods in the phase Running.',
      unit: 'none',
      targets: [{ expr: inPhase('Running') }],
    }),
    stat({
      title: 'Pending pods',
      description: 'Pods in the phase Pending.',
      unit: 'none',
      thresholds: [1, 10],
      targets: [{ expr: inPhase('Pending') }],
    }),
    stat({
      title: 'Failed pods',
      description: 'Pods in the phase Failed.',
      unit: 'none',
      thresholds: [1, 10],
      targets: [{ expr: inPhase('Failed') }],
    }),
  ],
}

const resourceLine = (resource: 'cpu' | 'memory', title: string, unit: Panel['unit']): Panel =>
  line({
    title,
    description:
      'Requests and limits of containers beside what nodes can allocate. Completed pods count until they are deleted.',
    unit,
    targets: [
      { expr: `sum(kube_node_status_allocatable{${all},resource="${resource}"})`, legend: 'allocatable' },
      { expr: `sum(kube_pod_container_resource_requests{${all},resource="${resource}"})`, legend: 'requests' },
      { expr: `sum(kube_pod_container_resource_limits{${all},resource="${resource}"})`, legend: 'limits' },
    ],
  })

const perNamespace = (resource: 'cpu' | 'memory', title: string, unit: Panel['unit']): Panel =>
  line({
    title,
    description: 'The ten namespaces that request most.',
    unit,
    targets: [
      {
        expr: `topk(10, sum by (namespace) (kube_pod_container_resource_requests{${chosen},resource="${resource}"}))`,
        legend: '{{namespace}}',
      },
    ],
  })

const capacity: Row = {
  title: 'Capacity',
  panels: [
    resourceLine('cpu', 'CPU cores', 'none'),
    resourceLine('memory', 'Memory', 'bytes'),
    perNamespace('cpu', 'CPU requests by namespace', 'none'),
    perNamespace('memory', 'Memory requests by namespace', 'bytes'),
    line({
      title: 'Requests of a node',
      description: 'Requested share of the allocatable CPU, of the ten fullest nodes.',
      unit: 'percentunit',
      targets: [
        {
          expr:
            `topk(10, sum by (node) (kube_pod_container_resource_requests{${all},resource="cpu",node!=""})` +
            ` / sum by (node) (kube_node_status_allocatable{${all},resource="cpu"}))`,
          legend: '{{node}}',
        },
      ],
    }),
    line({
      title: 'Quota used',
      description: 'Share of each resource quota that is used, of the ten fullest.',
      unit: 'percentunit',
      thresholds: [0.8, 0.95],
      targets: [
        {
          expr:
            `topk(10, sum by (namespace, resourcequota, resource) (kube_resourcequota{${chosen},type="used"})` +
            ` / (sum by (namespace, resourcequota, resource) (kube_resourcequota{${chosen},type="hard"}) > 0))`,
          legend: '{{namespace}} {{resourcequota}} {{resource}}',
        },
      ],
    }),
  ],
}

const pods: Row = {
  title: 'Pods',
  panels: [
    line({
      title: 'Pods by phase',
      description: 'Pods of the chosen namespaces.',
      unit: 'none',
      stacked: true,
      targets: [{ expr: `sum by (phase) (kube_pod_status_phase{${chosen}})`, legend: '{{phase}}' }],
    }),
    line({
      title: 'Containers waiting, by reason',
      description: 'Containers that wait for anything, such as an image or the end of a back-off.',
      unit: 'none',
      targets: [
        { expr: `sum by (reason) (kube_pod_container_status_waiting_reason{${chosen}})`, legend: '{{reason}}' },
      ],
    }),
    line({
      title: 'Container restarts in the last hour',
      description: 'The ten pods that restarted most.',
      unit: 'none',
      targets: [
        {
          expr: `topk(10, sum by (namespace, pod) (increase(kube_pod_container_status_restarts_total{${chosen}}[1h])) > 0)`,
          legend: '{{namespace}}/{{pod}}',
        },
      ],
    }),
    line({
      title: 'Last terminations, by reason',
      description: 'Why the previous run of a container terminated.',
      unit: 'none',
      targets: [
        {
          expr: `sum by (reason) (kube_pod_container_status_last_terminated_reason{${chosen}})`,
          legend: '{{reason}}',
        },
      ],
    }),
    line({
      title: 'Pods by node',
      description: 'The twenty nodes with the most pods.',
      unit: 'none',
      targets: [{ expr: `topk(20, count by (node) (kube_pod_info{${chosen},node!=""}))`, legend: '{{node}}' }],
    }),
    line({
      title: 'Unschedulable pods',
      description: 'Pods that the scheduler found no node for.',
      unit: 'none',
      targets: [{ expr: `sum by (namespace) (kube_pod_status_unschedulable{${chosen}})`, legend: '{{namespace}}' }],
    }),
  ],
}

/** A table with one line for each object that is not as it should be. */
const unhealthy = (title: string, description: string, labels: string, condition: string): Panel =>
  table({ title, description, targets: [{ expr: `sum by (${labels}) (${condition})` }] })

const workloads: Row = {
  title: 'Workloads',
  panels: [
    unhealthy(
      'Deployments with unavailable replicas',
      'Number of replicas that are not available.',
      'namespace, deployment',
      `kube_deployment_status_replicas_unavailable{${chosen}} > 0`,
    ),
    unhealthy(
      'StatefulSets with replicas that are not ready',
      'Number of replicas that are not ready.',
      'namespace, statefulset',
      `kube_statefulset_replicas{${chosen}} - kube_statefulset_status_replicas_ready{${chosen}} > 0`,
    ),
    unhealthy(
      'DaemonSets with unavailable pods',
      'Number of nodes whose pod is not available.',
      'namespace, daemonset',
      `kube_daemonset_status_number_unavailable{${chosen}} > 0`,
    ),
    unhealthy(
      'Failed jobs',
      'Jobs with the condition Failed, until they are deleted.',
      'namespace, job_name',
      `kube_job_failed{${chosen},condition="true"} > 0`,
    ),
    unhealthy(
      'Autoscalers at their maximum',
      'Current replicas of autoscalers that cannot add any.',
      'namespace, horizontalpodautoscaler',
      `kube_horizontalpodautoscaler_status_current_replicas{${chosen}} >= kube_horizontalpodautoscaler_spec_max_replicas{${chosen}}`,
    ),
    unhealthy(
      'Suspended cron jobs',
      'Cron jobs that start no jobs.',
      'namespace, cronjob',
      `kube_cronjob_spec_suspend{${chosen}} > 0`,
    ),
  ],
}

const nodesAndStorage: Row = {
  title: 'Nodes and storage',
  panels: [
    line({
      title: 'Node conditions',
      description: 'Nodes with a condition that should not be true.',
      unit: 'none',
      targets: [
        {
          expr: `sum by (condition) (kube_node_status_condition{${all},condition!="Ready",status="true"})`,
          legend: '{{condition}}',
        },
      ],
    }),
    line({
      title: 'Kubelet versions',
      description: 'Nodes by the version of their kubelet.',
      unit: 'none',
      stacked: true,
      targets: [{ expr: `count by (kubelet_version) (kube_node_info{${all}})`, legend: '{{kubelet_version}}' }],
    }),
    line({
      title: 'Persistent volume claims by phase',
      description: 'Claims of the chosen namespaces.',
      unit: 'none',
      stacked: true,
      targets: [{ expr: `sum by (phase) (kube_persistentvolumeclaim_status_phase{${chosen}})`, legend: '{{phase}}' }],
    }),
    line({
      title: 'Requested storage by namespace',
      description: 'The ten namespaces whose claims request most.',
      unit: 'bytes',
      targets: [
        {
          expr: `topk(10, sum by (namespace) (kube_persistentvolumeclaim_resource_requests_storage_bytes{${chosen}}))`,
          legend: '{{namespace}}',
        },
      ],
    }),
  ],
}

export const clusterDashboard: Dashboard = {
  uid: 'kube-state-cluster',
  title: 'Kubernetes / Cluster state',
  description: 'Nodes, capacity, pods, workloads and storage of a cluster, on metric names of kube-state-metrics.',
  tags: ['kubernetes', 'kube-state-metrics'],
  variables: [
    { name: 'cluster', label: 'Cluster', selector: 'kube_pod_info', of: 'cluster', multi: true, allValue: '.*' },
    { name: 'job', label: 'Job', selector: 'kube_pod_info{cluster=~"$cluster"}', of: 'job', multi: false },
    {
      name: 'namespace',
      label: 'Namespace',
      selector: 'kube_pod_info{cluster=~"$cluster",job=~"$job"}',
      of: 'namespace',
      multi: true,
      allValue: '.*',
    },
  ],
  rows: [overview, capacity, pods, workloads, nodesAndStorage],
}
