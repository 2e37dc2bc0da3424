import { HorizontalPodAutoscaler } from '../../schemas/horizontal-pod-autoscaler.ts'
import { quantityAsApproximateFloat, quantityMilliValue } from '../../schemas/quantity.ts'
import { familiesOf } from '../builders.ts'
import type { Observe } from '../family.ts'
import { resource } from '../family.ts'
import { nameOf, namespaceOf } from '../identity.ts'

const { annotations, conditions, created, deletionTimestamp, freeGauge, generation, labels, observableGauge, value } =
  familiesOf<HorizontalPodAutoscaler>()

const targetLabels = ['scaletargetref_kind', 'scaletargetref_name']
const versionedTargetLabels = ['scaletargetref_api_version', ...targetLabels]

type MetricLabels = ['metric_name', 'metric_target_type', 'container']
const metricLabels: MetricLabels = ['metric_name', 'metric_target_type', 'container']

/** The quantities of a metric, as target or as current value. */
interface Quantities {
  readonly value: string | undefined
  readonly averageValue: string | undefined
  readonly averageUtilization: number | undefined
}

/** Which field a metric's type refers to. Other types are skipped, and so is a metric whose field is not set. */
const sourceFields = new Map<string, 'object' | 'pods' | 'resource' | 'containerResource' | 'external'>([
  ['Object', 'object'],
  ['Pods', 'pods'],
  ['Resource', 'resource'],
  ['ContainerResource', 'containerResource'],
  ['External', 'external'],
])

/** The labels of a metric: some sources have a name of their own, others refer to a metric by name. */
interface Source {
  readonly name?: string
  readonly metric?: { readonly name: string }
  readonly container?: string
}

/** One row each for value, average and utilization, if set. */
function observeMetric(source: Source, quantities: Quantities, observe: Observe<MetricLabels>): void {
  const name = source.metric?.name ?? source.name ?? ''
  const container = source.container ?? ''
  const { value: total, averageValue, averageUtilization } = quantities
  if (total !== undefined) observe(quantityMilliValue(total), name, 'value', container)
  if (averageValue !== undefined) observe(quantityMilliValue(averageValue), name, 'average', container)
  if (averageUtilization !== undefined) observe(averageUtilization, name, 'utilization', container)
}

const approximate = (quantity: string | undefined) =>
  quantity === undefined ? undefined : quantityAsApproximateFloat(quantity)

export const horizontalpodautoscalers = resource<HorizontalPodAutoscaler>({
  plural: 'horizontalpodautoscalers',
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  namespaced: true,
  enabledByDefault: true,
  schema: HorizontalPodAutoscaler,
  identity: { namespace: namespaceOf, horizontalpodautoscaler: nameOf },
  families: [
    freeGauge({
      name: 'kube_horizontalpodautoscaler_info',
      help: 'Scale target of the HorizontalPodAutoscaler, as labels (without the API version when it is unset); always 1.',
      stability: 'alpha',
      labelSets: [versionedTargetLabels, targetLabels],
      callback({ spec }, observe) {
        const { apiVersion, kind, name } = spec.scaleTargetRef
        if (apiVersion === '') observe(1, targetLabels, [kind, name])
        else observe(1, versionedTargetLabels, [apiVersion, kind, name])
      },
    }),
    generation('kube_horizontalpodautoscaler_metadata_generation', 'HorizontalPodAutoscaler'),
    value({
      name: 'kube_horizontalpodautoscaler_spec_max_replicas',
      help: 'Maximum number of replicas that the HorizontalPodAutoscaler may set.',
      stability: 'stable',
      of: ({ spec }) => spec.maxReplicas,
    }),
    value({
      name: 'kube_horizontalpodautoscaler_spec_min_replicas',
      help: 'Minimum number of replicas that the HorizontalPodAutoscaler may set; 1 when unset.',
      stability: 'stable',
      of: ({ spec }) => spec.minReplicas ?? 1,
    }),
    observableGauge({
      name: 'kube_horizontalpodautoscaler_spec_target_metric',
      help: 'Target of each scaling metric, by type of target (value, average or utilization in percent).',
      stability: 'alpha',
      labels: metricLabels,
      callback({ spec }, observe) {
        for (const metric of spec.metrics) {
          const field = sourceFields.get(metric.type)
          const source = field && metric[field]
          if (source !== undefined) observeMetric(source, source.target, observe)
        }
      },
    }),
    value({
      name: 'kube_horizontalpodautoscaler_spec_behavior_scale_down_tolerance',
      help: 'Deviation below the target that does not cause a scale-down, as a ratio.',
      stability: 'alpha',
      of: ({ spec }) => approximate(spec.behavior?.scaleDown?.tolerance),
    }),
    value({
      name: 'kube_horizontalpodautoscaler_spec_behavior_scale_up_tolerance',
      help: 'Deviation above the target that does not cause a scale-up, as a ratio.',
      stability: 'alpha',
      of: ({ spec }) => approximate(spec.behavior?.scaleUp?.tolerance),
    }),
    observableGauge({
      name: 'kube_horizontalpodautoscaler_status_target_metric',
      help: 'Last measured value of each scaling metric, by type of target (value, average or utilization in percent).',
      stability: 'stable',
      labels: metricLabels,
      callback({ status }, observe) {
        for (const metric of status.currentMetrics) {
          const field = sourceFields.get(metric.type)
          const source = field && metric[field]
          if (source !== undefined) observeMetric(source, source.current, observe)
        }
      },
    }),
    value({
      name: 'kube_horizontalpodautoscaler_status_current_replicas',
      help: 'Number of replicas last observed by the HorizontalPodAutoscaler.',
      stability: 'stable',
      of: ({ status }) => status.currentReplicas,
    }),
    value({
      name: 'kube_horizontalpodautoscaler_status_desired_replicas',
      help: 'Number of replicas last requested by the HorizontalPodAutoscaler.',
      stability: 'stable',
      of: ({ status }) => status.desiredReplicas,
    }),
    annotations('kube_horizontalpodautoscaler_annotations', 'HorizontalPodAutoscaler'),
    labels('kube_horizontalpodautoscaler_labels', 'HorizontalPodAutoscaler'),
    conditions({
      name: 'kube_horizontalpodautoscaler_status_condition',
      help: 'Each condition of the autoscaler: 1 for its current status.',
      stability: 'stable',
      of: ({ status }) => status.conditions,
    }),
    created('kube_horizontalpodautoscaler_created', 'HorizontalPodAutoscaler', 'alpha'),
    deletionTimestamp('kube_horizontalpodautoscaler_deletion_timestamp', 'HorizontalPodAutoscaler'),
  ],
})
