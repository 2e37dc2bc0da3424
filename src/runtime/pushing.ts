/** Owns the putting together of the push: cluster identity, encoder, transport and reader. */

import type { OtlpConfig, PushConfig } from '../config/config.ts'
import type { ApiClient } from '../kubernetes/api-client.ts'
import { createGrpcTransport } from '../push/grpc-transport.ts'
import { createPushEncoder } from '../push/push-encoder.ts'
import type { Pusher } from '../push/pusher.ts'
import { createPusher } from '../push/pusher.ts'
import type { Store } from '../store/store.ts'
import type { Log } from '../telemetry/log.ts'
import { createLogGate } from '../telemetry/log.ts'
import type { SelfMetrics } from '../telemetry/self-metrics.ts'
import { readClusterIdentity } from './cluster-identity.ts'

export interface PushingOptions {
  readonly otlp: OtlpConfig
  readonly push: PushConfig
  readonly store: Store
  readonly client: ApiClient
  readonly log: Log
  readonly metrics: SelfMetrics
  readonly signal: AbortSignal
  readonly wait: (ms: number) => Promise<void>
}

const tellEveryMs = 60_000

/** Starts the push once the cluster has a name; undefined when the signal aborted before. */
export async function startPushing(options: PushingOptions): Promise<Pusher | undefined> {
  const { otlp, push, store, client, log, metrics, signal, wait } = options
  const { endpoint } = otlp
  if (endpoint === undefined) return undefined
  const gate = createLogGate(log, tellEveryMs)
  const trouble = 'push/cluster-identity'
  const instanceId =
    otlp.instanceId ??
    (await readClusterIdentity({
      read: (path, until) => client.sendJson({ path, signal: until }),
      signal,
      wait,
      onTrouble: (message, error) => gate.warn(trouble, { err: error }, message),
    }))
  if (instanceId === undefined) return undefined
  gate.recovered(trouble, 'the cluster has its name: pushing')
  const pusher = createPusher({
    store,
    encoder: createPushEncoder({
      registry: store.registry,
      serviceNamespace: otlp.serviceNamespace,
      instanceId,
      constantLabels: otlp.constantLabels,
      maxBytes: otlp.maxRequestBytes,
    }),
    transport: createGrpcTransport({ ...otlp, endpoint, environment: process.env, log: gate }),
    schedule: push,
    limits: otlp,
    endpoint: endpoint.url,
    metrics,
    log: gate,
  })
  pusher.start(signal)
  log.info({ endpoint: endpoint.url, instance: instanceId }, 'pushing object state over OTLP')
  return pusher
}
