/** Owns what limits and steers workloads: autoscalers, disruption budgets, quotas, limit ranges, network policies. */

import type { Workload, World } from './world.ts'
import { create, existing, present } from './world.ts'

/** An autoscaler on the CPU of a Deployment. */
export function createAutoscaler(world: World, { namespace, name, replicas }: Workload): void {
  const utilization = world.random.int(20, 90)
  const { name: deployment } = existing(world, 'deployments', namespace, name).metadata
  const condition = (type: string, status: string, reason: string) => ({
    type,
    status,
    reason,
    message: `the autoscaler says: ${reason}`,
    lastTransitionTime: present(world),
  })
  create(world, 'horizontalpodautoscalers', {
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
      lastScaleTime: present(world),
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

/** A budget for the pods of a workload. */
export function createDisruptionBudget(world: World, { namespace, name, replicas }: Workload): void {
  const desiredHealthy = Math.max(1, replicas - 1)
  create(world, 'poddisruptionbudgets', {
    metadata: { name, namespace, generation: 1 },
    spec: { minAvailable: desiredHealthy, selector: { matchLabels: { 'app.kubernetes.io/name': name } } },
    status: {
      observedGeneration: 1,
      disruptionsAllowed: replicas - desiredHealthy,
      currentHealthy: replicas,
      desiredHealthy,
      expectedPods: replicas,
      conditions: [
        { type: 'DisruptionAllowed', status: 'True', reason: 'SufficientPods', lastTransitionTime: present(world) },
      ],
    },
  })
}

/** The quota, the limit range and the network policy of a namespace. */
export function createNamespacePolicies(world: World, namespace: string): void {
  const { random } = world
  const hard = { pods: '500', 'requests.cpu': '200', 'requests.memory': '400Gi', 'count/deployments.apps': '100' }
  const used = {
    pods: `${random.int(1, 100)}`,
    'requests.cpu': `${random.int(100, 50_000)}m`,
    'requests.memory': `${random.int(1, 100)}Gi`,
    'count/deployments.apps': `${random.int(1, 20)}`,
  }
  create(world, 'resourcequotas', { metadata: { name: 'quota', namespace }, spec: { hard }, status: { hard, used } })
  create(world, 'limitranges', {
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
  create(world, 'networkpolicies', {
    metadata: { name: 'same-namespace', namespace, generation: 1 },
    spec: {
      podSelector: {},
      ingress: [{ from: [{ podSelector: {} }] }],
      egress: [{ to: [{ podSelector: {} }] }, { ports: [{ port: 53, protocol: 'UDP' }] }],
      policyTypes: ['Ingress', 'Egress'],
    },
  })
}
