/** Autoscalers, PodDisruptionBudgets, quotas, LimitRanges and NetworkPolicies. */

import type { ClusterState, Workload } from './cluster-state.ts'
import { create, existing, timestampNow } from './cluster-state.ts'

/** Creates a HorizontalPodAutoscaler for a Deployment by CPU. */
export function createAutoscaler(cluster: ClusterState, { namespace, name, replicas }: Workload): void {
  const utilization = cluster.random.int(20, 90)
  const { name: deployment } = existing(cluster, 'deployments', namespace, name).metadata
  const condition = (type: string, status: string, reason: string) => ({
    type,
    status,
    reason,
    message: `the autoscaler says: ${reason}`,
    lastTransitionTime: timestampNow(cluster),
  })
  create(cluster, 'horizontalpodautoscalers', {
    metadata: { name, namespace, labels: { 'app.kubernetes.io/name': name } },
    spec: {
      scaleTargetRef: { kind: 'Deployment', name: deployment, apiVersion: 'apps/v1' },
      minReplicas: 1,
      maxReplicas: replicas * 2 + 2,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
        {
          type: 'Pods',
          pods: { metric: { name: 'requests_per_second' }, target: { type: 'AverageValue', averageValue: '100' } },
        },
      ],
      behavior: { scaleUp: { tolerance: '100m' } },
    },
    status: {
      lastScaleTime: timestampNow(cluster),
      currentReplicas: replicas,
      desiredReplicas: replicas,
      currentMetrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', current: { averageUtilization: utilization, averageValue: `${utilization * 5}m` } },
        },
      ],
      conditions: [
        condition('AbleToScale', 'True', 'ReadyForNewScale'),
        condition('ScalingActive', 'True', 'ValidMetricFound'),
        condition('ScalingLimited', 'False', 'DesiredWithinRange'),
      ],
    },
  })
}

/** Creates a PodDisruptionBudget for the pods of a workload. */
export function createDisruptionBudget(cluster: ClusterState, { namespace, name, replicas }: Workload): void {
  const desiredHealthy = Math.max(1, replicas - 1)
  create(cluster, 'poddisruptionbudgets', {
    metadata: { name, namespace, generation: 1 },
    spec: { minAvailable: desiredHealthy, selector: { matchLabels: { 'app.kubernetes.io/name': name } } },
    status: {
      observedGeneration: 1,
      disruptionsAllowed: replicas - desiredHealthy,
      currentHealthy: replicas,
      desiredHealthy,
      expectedPods: replicas,
      conditions: [
        {
          type: 'DisruptionAllowed',
          status: 'True',
          reason: 'SufficientPods',
          lastTransitionTime: timestampNow(cluster),
        },
      ],
    },
  })
}

/** Creates the quota, the LimitRange and the NetworkPolicy of a namespace. */
export function createNamespacePolicies(cluster: ClusterState, namespace: string): void {
  const { random } = cluster
  const hard = { pods: '500', 'requests.cpu': '200', 'requests.memory': '400Gi', 'count/deployments.apps': '100' }
  const used = {
    pods: `${random.int(1, 100)}`,
    'requests.cpu': `${random.int(100, 50_000)}m`,
    'requests.memory': `${random.int(1, 100)}Gi`,
    'count/deployments.apps': `${random.int(1, 20)}`,
  }
  create(cluster, 'resourcequotas', { metadata: { name: 'quota', namespace }, spec: { hard }, status: { hard, used } })
  create(cluster, 'limitranges', {
    metadata: { name: 'defaults', namespace },
    spec: {
      limits: [
        {
          type: 'Container',
          default: { memory: '256Mi' },
          defaultRequest: { cpu: '100m', memory: '128Mi' },
          max: { cpu: '8', memory: '32Gi' },
        },
      ],
    },
  })
  create(cluster, 'networkpolicies', {
    metadata: { name: 'same-namespace', namespace, generation: 1 },
    spec: {
      podSelector: {},
      ingress: [{ from: [{ podSelector: {} }] }],
      egress: [{ to: [{ podSelector: {} }] }, { ports: [{ port: 53, protocol: 'UDP' }] }],
      policyTypes: ['Ingress', 'Egress'],
    },
  })
}
