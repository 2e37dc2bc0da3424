/** The push, from before the identity of the cluster is known until the last request: encoder, transport, scheduler. */

import type { OtlpConfig, PushConfig } from '../config/config.ts'
import type { ResolvedEndpoint } from '../config/formats/address.ts'
import type { ApiClient } from '../kubernetes/api-client.ts'
import { createPushEncoder } from '../push/push-encoder.ts'
import type { Pusher } from '../push/pusher.ts'
import { createPusher } from '../push/pusher.ts'
import type { Transport } from '../push/transport.ts'
import type { Ledger } from '../store/ledger.ts'
import type { Log } from '../telemetry/log.ts'
import { createLogGate } from '../telemetry/log.ts'
import type { SelfMetrics } from '../telemetry/self-metrics.ts'
import type { Clock } from '../time/clock.ts'
import { delay } from '../time/clock.ts'
import { readClusterIdentity } from './cluster-identity.ts'
import type { Engine } from './engine.ts'
import type { Leadership } from './leadership.ts'
import { openTransport } from './otlp-transport.ts'
import type { Destination } from './progress-publishing.ts'

export interface PushingOptions {
  readonly otlp: OtlpConfig
  readonly push: PushConfig
  readonly engine: Engine
  readonly client: ApiClient
  readonly log: Log
  readonly metrics: SelfMetrics
  /** That of the engine. */
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly leadership: Leadership
  /** The identity of the cluster in OTLP, if it is known already. */
  readonly cluster?: string | undefined
  /** What `waits` returns has changed. */
  readonly onChange: () => void
}

export interface Pushing {
  /** What keeps the push from beginning, a line each. */
  waits(): readonly string[]
  /** The mode of the leadership may have changed; `floorMs` is the timestamp that ours have to exceed. */
  changeMode(floorMs: number): void
  /** The identity of the cluster in OTLP; undefined before it is known, and when nothing is pushed. */
  cluster(): string | undefined
  /** Where series are pushed to; empty before the push begins. */
  destinations(): readonly Destination[]
  /** Resolves when the requests that are in flight now have ended. */
  drained(): Promise<void>
  /** After the signal aborted: sends what is pending within the grace period, and logs whether all was delivered. */
  finish(): Promise<void>
}

type PushOptions = PushingOptions & { readonly otlp: OtlpConfig & { endpoint: NonNullable<OtlpConfig['endpoint']> } }

interface RunningPush {
  readonly instanceId: string
  readonly pusher: Pusher
  readonly ledger: Ledger
}

const repeatAfterMs = 60_000
/** How long a stale marker is pending at most: no receiver looks back further. */
const markerMaxAgeMs = 300_000

/** Starts the push as soon as the cluster has an identity. Without an endpoint nothing is pushed. */
export function startPushing(options: PushingOptions): Pushing {
  const { otlp, log, onChange } = options
  const { endpoint } = otlp
  if (endpoint === undefined) {
    log.info('no OTLP endpoint is set: series are served on /metrics and not pushed')
    return {
      waits: () => [],
      changeMode() {},
      cluster: () => undefined,
      destinations: () => [],
      drained: async () => undefined,
      finish: async () => undefined,
    }
  }
  const push: PushOptions = { ...options, otlp: { ...otlp, endpoint } }
  let waits: string[] = []
  const waitFor = (...reasons: string[]) => {
    waits = reasons.map((reason) => `push: ${reason}`)
    onChange()
  }
  let running: RunningPush | undefined
  let floorMs = 0
  const opened = (opening: RunningPush) => {
    running = opening
    follow(push, opening, floorMs)
  }
  const starting = start(push, waitFor, opened).catch((err: unknown) => {
    log.error({ err }, 'object state cannot be pushed; please report it')
    waitFor('failed to start; see the log')
    return undefined
  })
  return {
    waits: () => waits,
    changeMode(ms) {
      floorMs = Math.max(floorMs, ms)
      if (running !== undefined) follow(push, running, floorMs)
    },
    cluster: () => running?.instanceId,
    destinations: () => (running === undefined ? [] : [destinationOf(endpoint, running)]),
    drained: async () => running?.pusher.drained(),
    finish: async () => finish(push, await starting),
  }
}

function destinationOf({ url: name }: ResolvedEndpoint, { pusher, ledger }: RunningPush): Destination {
  return { name, ledger, lastTimestampMs: pusher.lastTimestampMs }
}

/** Puts the ledger into the mode of the leadership; who begins to lead sends at once. */
function follow({ leadership }: PushOptions, { ledger, pusher }: RunningPush, floorMs: number): void {
  const mode = leadership.mode()
  if (mode === ledger.mode) return
  ledger.setMode(mode)
  if (mode === 'leading') pusher.resume(floorMs)
}

/** Undefined when the signal aborted before the cluster had an identity. */
async function start(
  options: PushOptions,
  waitFor: (...reasons: string[]) => void,
  onOpened: (running: RunningPush) => void,
): Promise<RunningPush | undefined> {
  const { otlp, log, signal, push } = options
  const instanceId = otlp.instanceId ?? options.cluster ?? (await identify(options, waitFor))
  if (instanceId === undefined) return undefined
  const running = openPusher(options, instanceId)
  running.pusher.start(signal)
  onOpened(running)
  const { intervalMs, flushIntervalMs } = push
  const { url } = otlp.endpoint
  log.info({ endpoint: url, instance: instanceId, intervalMs, flushIntervalMs }, 'pushing object state over OTLP')
  return running
}

async function identify(
  { client, clock, signal, log }: PushOptions,
  waitFor: (...reasons: string[]) => void,
): Promise<string | undefined> {
  const gate = createLogGate(log, repeatAfterMs)
  const fault = 'push/cluster-identity'
  waitFor('waiting for the UID of the namespace kube-system')
  const instanceId = await readClusterIdentity({
    read: (path, until) => client.sendJson({ path, signal: until }),
    signal,
    wait: (ms) => delay(clock, ms, signal),
    onFailure(message, error) {
      gate.warn(fault, { err: error }, message)
      waitFor(message)
    },
  })
  if (instanceId === undefined) return undefined
  gate.recovered(fault, 'the identity of the cluster is known')
  waitFor()
  return instanceId
}

function openPusher(options: PushOptions, instanceId: string): RunningPush {
  const { otlp, push, engine, leadership, metrics, clock, log } = options
  const { endpoint } = otlp
  const gate = createLogGate(log, repeatAfterMs)
  const onFirst = () => log.info({ endpoint: endpoint.url }, 'the receiver acknowledged the first request')
  const { store } = engine
  const ledger = engine.openLedger({ maxSeries: push.maxStaleMarkers, maxAgeMs: markerMaxAgeMs })
  // Whoever led before may have sent any series.
  if (leadership.isElected) ledger.setMode('standby')
  const pusher = createPusher({
    store,
    ledger,
    encoder: createPushEncoder({
      registry: store.registry,
      serviceNamespace: otlp.serviceNamespace,
      instanceId,
      constantLabels: otlp.constantLabels,
      maxBytes: otlp.maxRequestBytes,
    }),
    transport: reportFirst(openTransport(otlp, gate), onFirst),
    schedule: push,
    limits: otlp,
    endpoint: endpoint.url,
    metrics,
    log: gate,
    clock,
    mayPush: leadership.mayPush,
  })
  return { instanceId, pusher, ledger }
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

async function finish({ otlp, push, log }: PushOptions, running: RunningPush | undefined): Promise<void> {
  const endpoint = otlp.endpoint.url
  if (running === undefined) return log.warn({ endpoint }, 'stopped before pushing began: nothing was delivered')
  const { pusher, ledger } = running
  if (ledger.mode !== 'leading') {
    await pusher.flush(0)
    return log.info({ endpoint }, 'stopped: another replica pushes')
  }
  const graceMs = push.shutdownGraceMs
  log.info(
    { endpoint, graceMs, ...pendingIn(ledger) },
    `stopping: waiting at most ${graceMs / 1000}s for the receiver to acknowledge what is pending`,
  )
  const isDone = await pusher.flush(graceMs)
  const refused = ledger.setAside
  if (isDone && refused === 0) log.info({ endpoint }, 'stopped: everything was delivered')
  else if (isDone)
    log.warn(
      { endpoint, objects: refused },
      'stopped: everything was delivered except objects that the receiver rejects',
    )
  else log.warn({ endpoint, ...pendingIn(ledger) }, 'stopped: not everything was delivered in time')
}

function pendingIn({ pending, inFlight, pendingMarkers }: Ledger): { objects: number; staleMarkers: number } {
  // What is in flight at the end was not acknowledged either.
  return { objects: pending + inFlight, staleMarkers: pendingMarkers }
}
