/** The push, from before the identity of the cluster is known until the last request: encoder, transport, scheduler. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { OtlpConfig, PushConfig } from '../config/config.ts'
import type { ApiClient } from '../kubernetes/api-client.ts'
import { withEndpointHints } from '../push/endpoint-hint.ts'
import { createGrpcTransport } from '../push/grpc-transport.ts'
import { createPushEncoder } from '../push/push-encoder.ts'
import type { Pusher } from '../push/pusher.ts'
import { createPusher } from '../push/pusher.ts'
import type { Transport } from '../push/transport.ts'
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
  /** What `waits` returns has changed. */
  readonly onChange: () => void
}

export interface Pushing {
  /** What keeps the push from beginning, a line each. */
  waits(): readonly string[]
  /** After the signal aborted: sends what is pending within the grace period, and logs whether all was delivered. */
  finish(): Promise<void>
}

type PushOptions = PushingOptions & { readonly otlp: OtlpConfig & { endpoint: NonNullable<OtlpConfig['endpoint']> } }

const repeatAfterMs = 60_000

/** Starts the push as soon as the cluster has an identity. Without an endpoint nothing is pushed. */
export function startPushing(options: PushingOptions): Pushing {
  const { otlp, log, onChange } = options
  const { endpoint } = otlp
  if (endpoint === undefined) {
    log.info('no OTLP endpoint is set: series are served on /metrics and not pushed')
    return { waits: () => [], finish: async () => undefined }
  }
  const push: PushOptions = { ...options, otlp: { ...otlp, endpoint } }
  let waits: string[] = []
  const waitFor = (...reasons: string[]) => {
    waits = reasons.map((reason) => `push: ${reason}`)
    onChange()
  }
  const starting = start(push, waitFor).catch((err: unknown) => {
    log.error({ err }, 'object state cannot be pushed; please report it')
    waitFor('failed to start; see the log')
    return undefined
  })
  return {
    waits: () => waits,
    finish: async () => finish(push, await starting),
  }
}

/** Undefined when the signal aborted before the cluster had an identity. */
async function start(options: PushOptions, waitFor: (...reasons: string[]) => void): Promise<Pusher | undefined> {
  const { otlp, log, signal, push } = options
  const instanceId = otlp.instanceId ?? (await identify(options, waitFor))
  if (instanceId === undefined) return undefined
  const pusher = openPusher(options, instanceId)
  pusher.start(signal)
  const { intervalMs, flushIntervalMs } = push
  log.info({ endpoint: otlp.endpoint.url, instance: instanceId, intervalMs, flushIntervalMs }, 'pushing object state')
  return pusher
}

async function identify(
  { client, signal, log }: PushOptions,
  waitFor: (...reasons: string[]) => void,
): Promise<string | undefined> {
  const gate = createLogGate(log, repeatAfterMs)
  const fault = 'push/cluster-identity'
  waitFor('waiting for the UID of the namespace kube-system')
  const instanceId = await readClusterIdentity({
    read: (path, until) => client.sendJson({ path, signal: until }),
    signal,
    wait: (ms) => sleep(ms, undefined, { signal }).catch(() => undefined),
    onFailure(message, error) {
      gate.warn(fault, { err: error }, message)
      waitFor(message)
    },
  })
  gate.recovered(fault, 'the identity of the cluster is known')
  waitFor()
  return instanceId
}

function openPusher({ otlp, push, store, metrics, log }: PushOptions, instanceId: string): Pusher {
  const { endpoint } = otlp
  const gate = createLogGate(log, repeatAfterMs)
  const transport = createGrpcTransport({ ...otlp, environment: process.env, log: gate })
  const onFirst = () => log.info({ endpoint: endpoint.url }, 'the receiver acknowledged the first request')
  return createPusher({
    store,
    encoder: createPushEncoder({
      registry: store.registry,
      serviceNamespace: otlp.serviceNamespace,
      instanceId,
      constantLabels: otlp.constantLabels,
      maxBytes: otlp.maxRequestBytes,
    }),
    transport: reportFirst(withEndpointHints(transport, endpoint.tls), onFirst),
    schedule: push,
    limits: otlp,
    endpoint: endpoint.url,
    metrics,
    log: gate,
  })
}

/** Calls back once, when the receiver has taken a request. */
function reportFirst(transport: Transport, onFirst: () => void): Transport {
  let isFirst = true
  return {
    ...transport,
    async send(bytes, timeoutMs, signal) {
      const answer = await transport.send(bytes, timeoutMs, signal)
      if (isFirst && (answer.kind === 'accepted' || answer.kind === 'partial')) {
        isFirst = false
        onFirst()
      }
      return answer
    },
  }
}

async function finish({ otlp, push, store, log }: PushOptions, pusher: Pusher | undefined): Promise<void> {
  const endpoint = otlp.endpoint.url
  if (pusher === undefined) return log.warn({ endpoint }, 'stopped before pushing began: nothing was delivered')
  const graceMs = push.shutdownGraceMs
  log.info(
    { endpoint, graceMs, ...pendingIn(store) },
    `stopping: waiting at most ${graceMs / 1000}s for the receiver to acknowledge what is pending`,
  )
  const isDone = await pusher.flush(graceMs)
  if (isDone) log.info({ endpoint }, 'stopped: everything was delivered')
  else log.warn({ endpoint, ...pendingIn(store) }, 'stopped: not everything was delivered in time')
}

function pendingIn({ delivery, departures }: Store): { objects: number; staleMarkers: number } {
  // What is in flight at the end was not acknowledged either.
  const objects = (delivery?.dirty ?? 0) + (delivery?.inFlight ?? 0)
  return { objects, staleMarkers: departures?.series ?? 0 }
}
