/** The identity of object state on the wire: its OTLP resource. */

import type { OtlpEncoder } from '../encoding/otlp-encoder.ts'
import { createOtlpEncoder } from '../encoding/otlp-encoder.ts'
import type { Store } from '../store/store.ts'

/** Becomes `job`, which dashboards and alerts select on. */
const serviceName = 'kube-state-metrics'

export interface PushEncoderOptions extends Pick<Store, 'registry'> {
  readonly serviceNamespace?: string | undefined
  /** Names the cluster: the same for all replicas and shards, so that a failover forks no series. */
  readonly instanceId: string
  /** On every data point, behind its own labels. */
  readonly constantLabels: ReadonlyMap<string, string>
  readonly maxBytes: number
  /** By its number in the registry; all by default. */
  readonly includesFamily?: ((family: number) => boolean) | undefined
}

/**
 * An encoder of requests. The resource has `service.*` attributes only: any other would make Prometheus write a shared
 * `target_info`, by which requests that overtake each other are lost.
 */
export function createPushEncoder(options: PushEncoderOptions): OtlpEncoder {
  const { serviceNamespace, instanceId } = options
  const resourceAttributes: [string, string][] = [['service.name', serviceName]]
  if (serviceNamespace !== undefined) resourceAttributes.push(['service.namespace', serviceNamespace])
  resourceAttributes.push(['service.instance.id', instanceId])
  return createOtlpEncoder({ ...options, resourceAttributes })
}
