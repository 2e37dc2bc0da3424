/** A pusher over a small cluster in fake time, for tests; its log lines, self-metrics and requests are recorded. */

import { createRandomSource } from '../../simulator/random-source.ts'
import { createPushEncoder } from '../../src/push/push-encoder.ts'
import type { PusherOptions } from '../../src/push/pusher.ts'
import { createPusher } from '../../src/push/pusher.ts'
import type { Transport } from '../../src/push/transport.ts'
import type { Engine } from '../../src/runtime/engine.ts'
import type { LedgerSelection } from '../../src/store/ledger.ts'
import type { MarkerLimits } from '../../src/store/stale-markers.ts'
import { createLog, createLogGate } from '../../src/telemetry/log.ts'
import type { PushMetrics, PushRequestReport } from '../../src/telemetry/push-metrics.ts'
import type { SelfMetrics } from '../../src/telemetry/self-metrics.ts'
import { createSilentSelfMetrics } from '../../src/telemetry/self-metrics.ts'
import type { FakeClock } from '../time/fake-clock.ts'
import { createFakeClock } from '../time/fake-clock.ts'
import { createWidgetEngine, gadgetResource, widgetResource } from './widgets.ts'

export interface PushingOptions {
  intervalMs?: number
  flushIntervalMs?: number
  maxRequestBytes?: number
  maxInFlight?: number
  timeoutMs?: number
  constantLabels?: ReadonlyMap<string, string>
  markers?: MarkerLimits
  seed?: number
  synced?: boolean
  /** The engine of another pusher, for a second destination. */
  engine?: Engine
  mayPush?: () => boolean
  /** What the destination gets; families are known by their numbers. */
  selection?: LedgerSelection
}

export interface LogLine {
  level: string
  message: string
  [field: string]: unknown
}

/** A pusher that has been started, with all that it works on. */
export const startPushing = (
  transport: Transport,
  options: PushingOptions = {},
  clock: FakeClock = createFakeClock(),
) => {
  const { maxRequestBytes = 100_000 } = options
  const engine = options.engine ?? createWidgetEngine(clock.now)
  const ledger = engine.openLedger(options.markers ?? { maxSeries: 10_000, maxAgeMs: 300_000 }, options.selection)
  if (options.synced !== false) {
    engine.markSynced(widgetResource)
    engine.markSynced(gadgetResource)
  }
  const lines: LogLine[] = []
  const log = createLog({
    level: 'info',
    format: 'json',
    destination: { write: (line) => void lines.push(JSON.parse(line)) },
  })
  const reports: PushRequestReport[] = []
  const counts = { rejected: 0, setAside: 0, dropped: 0 }
  const gauges = new Map<string, () => unknown>()
  const pushMetrics: PushMetrics = {
    pushRequest: (report) => void reports.push(report),
    pointsRejected(points) {
      counts.rejected += points
    },
    objectSetAside() {
      counts.setAside++
    },
    observeGauge(name, _description, observe) {
      gauges.set(name, observe)
    },
    staleMarkersDropped(markers) {
      counts.dropped += markers
    },
  }
  const metrics: SelfMetrics = { ...createSilentSelfMetrics(), destination: () => pushMetrics }
  const settings: PusherOptions = {
    store: engine.store,
    ledger,
    encoder: createPushEncoder({
      registry: engine.store.registry,
      instanceId: 'cluster-1',
      constantLabels: options.constantLabels ?? new Map(),
      maxBytes: maxRequestBytes,
      includesFamily: options.selection?.includesFamily,
    }),
    transport,
    schedule: { intervalMs: options.intervalMs ?? 60_000, flushIntervalMs: options.flushIntervalMs ?? 1000 },
    limits: {
      maxRequestBytes,
      maxInFlight: options.maxInFlight ?? 4,
      timeoutMs: options.timeoutMs ?? 10_000,
    },
    destination: { name: 'default', endpoint: 'receiver:4317' },
    metrics,
    log: createLogGate(log, 60_000, clock.now),
    clock,
    random: createRandomSource(options.seed ?? 1),
    ...(options.mayPush && { mayPush: options.mayPush }),
  }
  const pusher = createPusher(settings)
  const stopping = new AbortController()
  pusher.start(stopping.signal)
  return {
    engine,
    store: engine.store,
    ledger,
    pusher,
    clock,
    lines,
    reports,
    counts,
    gauges,
    stop: () => stopping.abort(),
  }
}
