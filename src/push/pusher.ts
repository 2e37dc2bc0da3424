/**
 * The push to one destination: what is due → encode → send → settle, with a bounded number of requests in flight. It has no
 * queue of data: the store knows what is due, and every attempt encodes the state as it is now.
 */

import type { EncodedRequest, OtlpEncoder } from '../encoding/otlp-encoder.ts'
import type { Ledger } from '../store/ledger.ts'
import type { Store } from '../store/store.ts'
import type { TakenBatch } from '../store/take-batch.ts'
import type { LogGate } from '../telemetry/log.ts'
import type { SelfMetrics } from '../telemetry/self-metrics.ts'
import type { Clock } from '../time/clock.ts'
import type { Ticks } from '../time/ticks.ts'
import { startTicks } from '../time/ticks.ts'
import { createClockDoubt } from './clock-doubt.ts'
import { createEndpointHealth } from './endpoint-health.ts'
import { observePush } from './push-gauges.ts'
import type { Destination } from './push-reports.ts'
import { createPushReports } from './push-reports.ts'
import type { PushRequest } from './push-request.ts'
import { createRetries, newRequest, suspectRequest } from './push-request.ts'
import { createRefreshPace } from './refresh-pace.ts'
import { createRequestSize } from './request-size.ts'
import { createResponseHandling } from './response-handling.ts'
import type { SendSchedule } from './send-schedule.ts'
import { createSendSchedule, finalSchedule } from './send-schedule.ts'
import { createTimestamps } from './timestamps.ts'
import type { Answer, Transport } from './transport.ts'

/** When what is sent. */
export interface PushSchedule {
  /** Every live series is sent at least this often. */
  readonly intervalMs: number
  /** How often changes are sent; 0: everything at each interval, and nothing between. */
  readonly flushIntervalMs: number
}

/** What bounds requests. */
export interface RequestLimits {
  readonly maxRequestBytes: number
  readonly maxInFlight: number
  readonly timeoutMs: number
}

export interface PusherOptions {
  /** On the same clock. */
  readonly store: Pick<Store, 'registry'>
  /** A ledger of the store, for this destination alone. */
  readonly ledger: Ledger
  readonly encoder: OtlpEncoder
  readonly transport: Transport
  readonly schedule: PushSchedule
  readonly limits: RequestLimits
  /** For the log and the self-metrics. */
  readonly destination: Destination
  readonly metrics: SelfMetrics
  readonly log: LogGate
  readonly clock: Clock
  /** Numbers from 0 to below 1. */
  readonly random?: () => number
  /** Whether a request may begin: asked before each one. Always by default. */
  readonly mayPush?: () => boolean
}

export interface PushStats {
  /** Unix milliseconds; undefined before the first success. */
  readonly lastSuccessMs: number | undefined
  readonly inFlight: number
  /** Failures in a row; 0 while all is well. */
  readonly failures: number
}

export interface Pusher {
  /** Starts the ticks; they end when the signal aborts. Requests in flight continue until `flush`. */
  start(signal: AbortSignal): void
  /**
   * Requests may begin again: what is pending is sent now. The refresh begins with the next tick, since another process may just have
   * sent the same; without ticks between refreshes it begins now.
   */
  resume(): void
  /** Timestamps of requests are greater than this from now on, in Unix milliseconds. */
  raiseTimestamps(ms: number): void
  /** Unix milliseconds of the last request; 0 before the first. */
  lastTimestampMs(): number
  /** Resolves when the requests that are in flight now have ended; later ones have only what the store has by then. */
  drained(): Promise<void>
  /**
   * Once at shutdown: sends what is pending, gives up after the grace period, and closes the transport. True when nothing
   * is pending any more.
   */
  flush(graceMs: number): Promise<boolean>
  stats(): PushStats
}

/** Requests that may wait for a retry while changes are still tried. */
const maxWaiting = 64

export function createPusher(options: PusherOptions): Pusher {
  const {
    ledger,
    encoder,
    transport,
    schedule: times,
    limits,
    clock,
    random = Math.random,
    mayPush = () => true,
  } = options
  const { now } = clock
  const timestamps = createTimestamps(clock.wallMs)
  const lookAtClock = createClockDoubt(clock, ledger)
  const health = createEndpointHealth(random)
  const retries = createRetries()
  const size = createRequestSize(limits.maxRequestBytes)
  const metrics = options.metrics.destination(options.destination.name)
  const reports = createPushReports({ ...options, metrics })
  const onPutBack = () => schedule.renew()
  const settle = createResponseHandling({
    ...{ health, retries, size, reports, transport, onPutBack, now, random },
    intervalMs: times.intervalMs,
  })
  const inFlight = new Map<AbortController, { readonly request: PushRequest; readonly ended: Promise<void> }>()
  /** Half of the places, so that requests which fail or hang never take those of others. */
  const placesOfSuspects = Math.max(1, limits.maxInFlight >> 1)
  let schedule = createSchedule(ledger, times, now)
  let wasSuspect = false
  let lastSuccessMs: number | undefined
  let isClosed = false
  let cancelWake = () => {}
  let whenIdle = () => {}
  let ticks: Ticks | undefined

  const stats = () => ({ lastSuccessMs, inFlight: inFlight.size, failures: health.failures })
  observePush(metrics, { ledger, now, stats })

  // What is due.

  const fill = (take: (accept: OtlpEncoder['add']) => TakenBatch | undefined) => {
    encoder.limit(size.limitAt(now()))
    let isFull = false
    const taken = take((...block) => {
      const fits = encoder.add(...block)
      isFull ||= !fits
      return fits
    })
    return { taken, share: isFull ? ('full' as const) : ('all' as const) }
  }
  /**
   * While the endpoint fails, other content than that of the failed requests finds out whether it works: a refresh unless
   * enough requests wait already, and changes, which should be first when it returns.
   */
  const takeDue = (): PushRequest | undefined => {
    const isFailing = health.failures > 0
    if (isFailing && retries.size >= maxWaiting) return undefined
    const mayRefresh = !isFailing || retries.size < limits.maxInFlight
    const due = schedule.next(mayRefresh)
    if (due === undefined) return undefined
    const { taken, share } = fill((accept) => ledger.take(due, accept))
    schedule.taken(share, taken?.refreshedRows ?? 0, mayRefresh)
    return taken && newRequest(taken.batch)
  }
  const takeSuspect = (): PushRequest | undefined => {
    let places = placesOfSuspects
    for (const { request } of inFlight.values()) if (request.isSuspect) places--
    if (places <= 0) return undefined
    const retry = retries.take(now(), health.failures > 0)
    if (retry !== undefined) {
      encoder.limit(size.limitAt(now()))
      retry.batch.offer(encoder.add)
      return retry
    }
    const { taken } = fill(ledger.takeReadmitted)
    return taken && suspectRequest(taken.batch, health)
  }
  /**
   * Takes a request whose blocks are with the encoder. Suspects and others take turns, so that neither waits for long; when
   * an endpoint returns, changes go first.
   */
  const take = (): PushRequest | undefined => {
    const isDueFirst = wasSuspect || health.failures > 0
    const request = isDueFirst ? (takeDue() ?? takeSuspect()) : (takeSuspect() ?? takeDue())
    if (request !== undefined) wasSuspect = request.isSuspect
    return request
  }

  // Encode, send, settle.

  const send = async (request: PushRequest, encoded: EncodedRequest, controller: AbortController) => {
    const { bytes, points } = encoded
    const { epoch } = health
    const startedAt = now()
    const cancelTimeout = clock.after(limits.timeoutMs, () => controller.abort())
    const answer = await sendContained(transport, bytes, limits.timeoutMs, controller.signal)
    cancelTimeout()
    inFlight.delete(controller)
    reports.ended({ points, bytes: bytes.length, seconds: (now() - startedAt) / 1000 }, answer)
    if (answer.kind === 'accepted' || answer.kind === 'partial') {
      lastSuccessMs = clock.wallMs()
      // Of another request bytes may still be on their way to the socket.
      encoder.recycle(encoded)
    }
    settle({ request, bytes: bytes.length, epoch }, answer)
    pump()
  }
  const transmit = (request: PushRequest) => {
    const encoded = encoder.finish(timestamps.next())
    if (encoded.points === 0) {
      encoder.recycle(encoded)
      return request.batch.acknowledge(now())
    }
    const controller = new AbortController()
    const ended = send(request, encoded, controller).catch((err: unknown) =>
      options.log.warn('push/response', { err }, 'a response of the receiver could not be handled; please report it'),
    )
    inFlight.set(controller, { request, ended })
  }
  const hasPlace = () =>
    // After a failure one request at a time finds out whether the endpoint is back.
    !isClosed &&
    mayPush() &&
    now() >= health.pausedUntil &&
    inFlight.size < (health.failures > 0 ? 1 : limits.maxInFlight)
  const pump = () => {
    while (hasPlace()) {
      const request = take()
      if (request === undefined) {
        if (inFlight.size === 0 && retries.size === 0) whenIdle()
        break
      }
      transmit(request)
    }
    if (!mayPush() && inFlight.size === 0) whenIdle()
    wakeLater()
  }
  const wakeLater = () => {
    cancelWake()
    const wakeAt = now() < health.pausedUntil ? health.pausedUntil : retries.nextAt()
    if (!isClosed && wakeAt > now() && wakeAt < Number.POSITIVE_INFINITY) cancelWake = clock.after(wakeAt - now(), pump)
  }

  const begin = (beginSchedule: () => void) => {
    lookAtClock()
    ledger.tick(now())
    reports.dropped(ledger.droppedMarkers, ledger.expiredMarkers, ledger.mode === 'leading')
    beginSchedule()
    pump()
  }
  const tick = () => begin(schedule.begin)

  return {
    stats,
    start(signal) {
      if (signal.aborted) return
      ticks = startTicks(clock, times.flushIntervalMs || times.intervalMs, tick)
      signal.addEventListener('abort', ticks.stop, { once: true })
    },
    raiseTimestamps: timestamps.raise,
    resume() {
      ticks?.restart()
      begin(times.flushIntervalMs > 0 ? schedule.beginChanges : schedule.begin)
    },
    lastTimestampMs: timestamps.last,
    async drained() {
      await Promise.all([...inFlight.values()].map(({ ended }) => ended))
    },
    async flush(graceMs) {
      schedule = finalSchedule
      health.reset()
      retries.bringForward(now())
      await new Promise<void>((resolve) => {
        const cancelGrace = clock.after(graceMs, resolve)
        whenIdle = () => {
          cancelGrace()
          resolve()
        }
        pump()
      })
      isClosed = true
      cancelWake()
      for (const controller of inFlight.keys()) controller.abort()
      await Promise.all([...inFlight.values()].map(({ ended }) => ended))
      transport.close()
      return ledger.pending === 0 && ledger.pendingMarkers === 0 && retries.size === 0
    },
  }
}

/** A transport never rejects; if a fault of ours makes it, the request is retried like one without an answer. */
async function sendContained(
  transport: Transport,
  bytes: Buffer,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    return await transport.send(bytes, timeoutMs, signal)
  } catch (failure) {
    return { kind: 'unavailable', timedOut: false, message: `the transport failed; please report it: ${failure}` }
  }
}

function createSchedule(
  ledger: Ledger,
  { intervalMs, flushIntervalMs }: PushSchedule,
  now: () => number,
): SendSchedule {
  const pace = createRefreshPace(intervalMs, flushIntervalMs || intervalMs)
  return createSendSchedule({ now, pace, totalRows: () => ledger.rows })
}
