import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { int, list, message, pointer, quantity, schema, string } from './schema.ts'

const MetricIdentifier = schema({ name: string(1) })

const MetricTarget = schema({
  value: pointer(quantity(2)),
  averageValue: pointer(quantity(3)),
  averageUtilization: pointer(int(4)),
})

const MetricValueStatus = schema({
  value: pointer(quantity(1)),
  averageValue: pointer(quantity(2)),
  averageUtilization: pointer(int(3)),
})

const MetricSpec = schema({
  type: string(1),
  object: pointer(message(2, schema({ target: message(2, MetricTarget), metric: message(3, MetricIdentifier) }))),
  pods: pointer(message(3, schema({ metric: message(1, MetricIdentifier), target: message(2, MetricTarget) }))),
  resource: pointer(message(4, schema({ name: string(1), target: message(2, MetricTarget) }))),
  external: pointer(message(5, schema({ metric: message(1, MetricIdentifier), target: message(2, MetricTarget) }))),
  containerResource: pointer(
    message(7, schema({ name: string(1), target: message(2, MetricTarget), container: string(3) })),
  ),
})

const NamedMetricStatus = schema({ metric: message(1, MetricIdentifier), current: message(2, MetricValueStatus) })

const MetricStatus = schema({
  type: string(1),
  object: pointer(message(2, NamedMetricStatus)),
  pods: pointer(message(3, NamedMetricStatus)),
  resource: pointer(message(4, schema({ name: string(1), current: message(2, MetricValueStatus) }))),
  external: pointer(message(5, NamedMetricStatus)),
  containerResource: pointer(
    message(7, schema({ name: string(1), current: message(2, MetricValueStatus), container: string(3) })),
  ),
})

const HPAScalingRules = schema({ tolerance: pointer(quantity(4)) })

const HorizontalPodAutoscalerSpec = schema({
  scaleTargetRef: message(1, schema({ kind: string(1), name: string(2), apiVersion: string(3) })),
  minReplicas: pointer(int(2)),
  maxReplicas: int(3),
  metrics: list(message(4, MetricSpec)),
  behavior: pointer(
    message(
      5,
      schema({
        scaleUp: pointer(message(1, HPAScalingRules)),
        scaleDown: pointer(message(2, HPAScalingRules)),
      }),
    ),
  ),
})

const HorizontalPodAutoscalerStatus = schema({
  currentReplicas: int(3),
  desiredReplicas: int(4),
  currentMetrics: list(message(5, MetricStatus)),
  conditions: list(message(6, schema({ type: string(1), status: string(2) }))),
})

export const HorizontalPodAutoscaler = schema({
  metadata: message(1, ObjectMeta),
  spec: message(2, HorizontalPodAutoscalerSpec),
  status: message(3, HorizontalPodAutoscalerStatus),
})
export type HorizontalPodAutoscaler = ObjectOf<typeof HorizontalPodAutoscaler>
