/** The push to one destination: its ledger, encoder, transport and pusher, from the first request to the last. */

import { createHash } from 'node:crypto'
import type { DestinationConfig } from '../config/destination-config.ts'
import { createPushEncoder } from '../push/push-encoder.ts'
import type { Pusher } from '../push/pusher.ts'
import { createPusher } from '../push/pusher.ts'
import type { Answer, Transport } from '../push/transport.ts'
import type { Registry } from '../rows/registry.ts'
import type { SeriesSelection } from '../selection/series-selection.ts'
import { createSeriesSelection } from '../selection/series-selection.ts'
import type { Ledger, LedgerSelection } from '../store/ledger.ts'
import type { Log } from '../telemetry/log.ts'
import { createLogGate } from '../telemetry/log.ts'
import type { SelfMetrics } from '../telemetry/self-metrics.ts'
import type { Clock } from '../time/clock.ts'
import type { Engine } from './engine.ts'
import type { Leadership } from './leadership.ts'
import { openTransport } from './otlp-transport.ts'

/** What the pushes to all destinations have in common. */
export interface PushSurroundings {
  readonly engine: Engine
  readonly log: Log
  readonly metrics: SelfMetrics
  /** That of the engine. */
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly leadership: Leadership
}

/** A request that was not accepted; `atMs` in Unix milliseconds. */
export interface Failure {
  readonly message: string
  readonly atMs: number
}

/** A destination that is pushed to. */
export interface DestinationPush {
  /**
   * The name, and a digest of what is sent where: the same in every process of the installation. With another receiver,
   * identity or selection it is another destination, whose deliveries begin anew.
   */
  readonly name: string
  /** The name in the configuration, for those who look, and the protocol with the URL. */
  readonly title: string
  readonly endpoint: string
  readonly ledger: Ledger
  /** The latest answer that was not a success; undefined before the first. */
  lastFailure(): Failure | undefined
  /** Unix milliseconds of the last request; 0 before the first. */
  lastTimestampMs(): number
  /** Puts the ledger into the mode of the leadership; who begins to lead sends at once. Timestamps are above `floorMs` from now on. */
  follow(floorMs: number): void
  /** Resolves when the requests that are in flight now have ended. */
  drained(): Promise<void>
  /** After the signal aborted: sends what is pending within the grace period, and logs whether all was delivered. */
  finish(graceMs: number): Promise<void>
}

const repeatAfterMs = 60_000
/** How long a stale marker is pending at most: no receiver looks back further. */
const markerMaxAgeMs = 300_000

/** `instanceId` identifies the cluster. */
export function startDestinationPush(
  destination: DestinationConfig,
  instanceId: string,
  surroundings: PushSurroundings,
): DestinationPush {
  const { leadership, log, signal } = surroundings
  const { name, endpoint, intervalMs, flushIntervalMs } = destination
  const fields = { destination: name, endpoint: endpoint.url }
  const answers = createAnswerRecord(surroundings.clock, () =>
    log.info(fields, 'the receiver acknowledged the first request'),
  )
  const { ledger, pusher } = openPusher(destination, instanceId, surroundings, answers)
  pusher.start(signal)
  log.info({ ...fields, instance: instanceId, intervalMs, flushIntervalMs }, 'pushing object state over OTLP')
  return {
    name: `${name}-${digestOf(destination)}`,
    title: name,
    endpoint: `${destination.protocol} ${endpoint.url}`,
    lastFailure: answers.lastFailure,
    ledger,
    lastTimestampMs: pusher.lastTimestampMs,
    follow(floorMs) {
      pusher.raiseTimestamps(floorMs)
      const mode = leadership.mode()
      if (mode === ledger.mode) return
      ledger.setMode(mode)
      if (mode === 'leading') pusher.resume()
    },
    drained: pusher.drained,
    finish: (graceMs) => finish({ fields, ledger, pusher, log }, graceMs),
  }
}

function digestOf({ endpoint, serviceNamespace, instanceId, constantLabels, selection }: DestinationConfig): string {
  const identity = [endpoint.url, serviceNamespace, instanceId, [...constantLabels], selection]
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 12)
}

function openPusher(
  destination: DestinationConfig,
  instanceId: string,
  { engine, leadership, metrics, clock, log }: PushSurroundings,
  answers: AnswerRecord,
): { readonly ledger: Ledger; readonly pusher: Pusher } {
  const { name, endpoint, maxStaleMarkers, maxRequestBytes } = destination
  const gate = createLogGate(log, repeatAfterMs)
  const { registry } = engine.store
  const selection = ledgerSelection(createSeriesSelection(destination.selection), registry)
  const ledger = engine.openLedger({ maxSeries: maxStaleMarkers, maxAgeMs: markerMaxAgeMs }, selection)
  // Whoever led before may have sent any series.
  if (leadership.isElected) ledger.setMode('standby')
  const includesFamily = selection?.includesFamily
  const pusher = createPusher({
    store: engine.store,
    ledger,
    encoder: createPushEncoder({ ...destination, registry, instanceId, includesFamily, maxBytes: maxRequestBytes }),
    transport: recording(openTransport(destination, gate), answers),
    schedule: destination,
    limits: destination,
    destination: { name, endpoint: endpoint.url },
    metrics,
    log: gate,
    clock,
    mayPush: leadership.mayPush,
  })
  return { pusher, ledger }
}

/** Families by their numbers in the registry, each looked up by name once. */
function ledgerSelection(selection: SeriesSelection | undefined, registry: Registry): LedgerSelection | undefined {
  if (selection === undefined) return undefined
  const known: boolean[] = []
  return {
    includesNamespace: selection.includesNamespace,
    includesFamily(family) {
      known[family] ??= selection.includesFamily(registry.family(family).name)
      return known[family]
    },
  }
}

/** What a destination answered. */
interface AnswerRecord {
  add(answer: Answer): void
  lastFailure(): Failure | undefined
}

/** `onFirst` is called once, when the receiver has taken a request. */
function createAnswerRecord(clock: Clock, onFirst: () => void): AnswerRecord {
  let isFirst = true
  let last: Failure | undefined
  return {
    add(answer) {
      if (answer.kind !== 'accepted') last = { message: answer.message, atMs: clock.wallMs() }
      if (!isFirst || (answer.kind !== 'accepted' && answer.kind !== 'partial')) return
      isFirst = false
      onFirst()
    },
    lastFailure: () => last,
  }
}

function recording(transport: Transport, answers: AnswerRecord): Transport {
  return {
    ...transport,
    async send(bytes, timeoutMs, signal) {
      const answer = await transport.send(bytes, timeoutMs, signal)
      answers.add(answer)
      return answer
    },
  }
}

interface Running {
  /** Of log messages. */
  readonly fields: { readonly destination: string; readonly endpoint: string }
  readonly ledger: Ledger
  readonly pusher: Pusher
  readonly log: Log
}

async function finish({ fields, ledger, pusher, log }: Running, graceMs: number): Promise<void> {
  if (ledger.mode !== 'leading') {
    await pusher.flush(0)
    return log.info(fields, 'stopped: another replica pushes')
  }
  log.info(
    { ...fields, graceMs, ...pendingIn(ledger) },
    `stopping: waiting at most ${graceMs / 1000}s for the receiver to acknowledge what is pending`,
  )
  const isDone = await pusher.flush(graceMs)
  const refused = ledger.setAside
  if (isDone && refused === 0) log.info(fields, 'stopped: everything was delivered')
  else if (isDone)
    log.warn(
      { ...fields, objects: refused },
      'stopped: everything was delivered except objects that the receiver rejects',
    )
  else log.warn({ ...fields, ...pendingIn(ledger) }, 'stopped: not everything was delivered in time')
}

function pendingIn({ pending, inFlight, pendingMarkers }: Ledger): { objects: number; staleMarkers: number } {
  // What is in flight at the end was not acknowledged either.
  return { objects: pending + inFlight, staleMarkers: pendingMarkers }
}
