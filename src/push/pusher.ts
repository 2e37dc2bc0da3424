/**
 * Owns the periodic reader: at each tick it claims what is due, encodes it and sends it, with a bounded number of
 * requests under way. It holds no queue of data; what is due is the store's to know.
 */

import type { EncodedRequest, OtlpEncoder } from '../encoding/otlp-encoder.ts'
import type { Claim } from '../store/claim.ts'
import type { ClaimRequest, Delivery } from '../store/delivery.ts'
import type { Departures } from '../store/departures.ts'
import type { Store } from '../store/store.ts'
import type { LogGate } from '../telemetry/log.ts'
import type { SelfMetrics } from '../telemetry/self-metrics.ts'
import type { Agenda } from './agenda.ts'
import { createFinalAgenda, createRoundAgenda, createStreamAgenda } from './agenda.ts'
import { createBackoff } from './backoff.ts'
import type { Clock } from './clock.ts'
import { createTimestamps, systemClock } from './clock.ts'
import { classify } from './outcome.ts'
import { observePush } from './push-gauges.ts'
import { createPushReports } from './push-reports.ts'
import { createRefreshPace } from './refresh-pace.ts'
import { createRequestSize } from './request-size.ts'
import type { Transport } from './transport.ts'
import { statusCode } from './transport.ts'
import { createVerdicts } from './verdicts.ts'

/** When what is sent. */
export interface PushSchedule {
  /** Every live series is sent at least this often. */
  readonly intervalMs: number
  /** How often changes are sent; 0 means everything at each interval, and nothing between. */
  readonly flushIntervalMs: number
}

/** What bounds requests. */
export interface RequestLimits {
  readonly maxRequestBytes: number
  readonly maxInFlight: number
  readonly timeoutMs: number
  readonly retryResourceExhausted: boolean
}

export interface PusherOptions {
  /** A store with push state, on the clock's monotonic time. */
  readonly store: Store
  readonly encoder: OtlpEncoder
  readonly transport: Transport
  readonly schedule: PushSchedule
  readonly limits: RequestLimits
  /** For the log. */
  readonly endpoint: string
  readonly metrics: SelfMetrics
  readonly log: LogGate
  readonly clock?: Clock
  /** Numbers from 0 to below 1. */
  readonly random?: () => number
}

export interface PushStats {
  /** Unix milliseconds; undefined before the first success. */
  readonly lastSuccessMs: number | undefined
  readonly inFlight: number
  /** Failures in a row; 0 while all is well. */
  readonly failures: number
}

export interface Pusher {
  /** Begins to tick; ends when the signal aborts. Requests under way go on until `flush`. */
  start(signal: AbortSignal): void
  /**
   * Once at shutdown: sends what is owed, gives up after the grace period, and closes the transport. True when nothing
   * is owed any more.
   */
  flush(graceMs: number): Promise<boolean>
  stats(): PushStats
}

export function createPusher(options: PusherOptions): Pusher {
  const { store, encoder, transport, schedule, limits, clock = systemClock, random = Math.random } = options
  const { delivery, departures } = pushState(store)
  const now = clock.monotonicMs
  const timestamps = createTimestamps(clock.wallMs)
  const backoff = createBackoff(random)
  const size = createRequestSize(limits.maxRequestBytes)
  const reports = createPushReports(options)
  const running = new Map<AbortController, Promise<void>>()
  let agenda = createAgenda(store, schedule, now, timestamps)
  const verdicts = createVerdicts({ ...schedule, backoff, size, reports, transport, agenda: () => agenda, now })
  let lastSuccessMs: number | undefined
  let isClosed = false
  let cancelWake = () => {}
  let whenIdle = () => {}

  const stats = () => ({ lastSuccessMs, inFlight: running.size, failures: backoff.failures })
  observePush(options.metrics, { delivery, departures, now, stats })

  /** Encodes what is claimed. Must follow the claim at once: blocks may move afterwards. */
  const encode = (claim: Claim): { claim: Claim; request: EncodedRequest } => ({
    claim,
    request: encoder.finish(agenda.timestamp()),
  })
  const takePart = (part: Claim) => {
    encoder.limit(size.limit)
    part.offer(encoder.add)
    const taken = encode(part)
    agenda.renew()
    return taken
  }
  const claim = (request: ClaimRequest) => {
    encoder.limit(size.limit)
    let full = false
    const claimed = delivery.claim(request, (...block) => {
      const fits = encoder.add(...block)
      full ||= !fits
      return fits
    })
    agenda.taken(claimed === undefined ? 'none' : full ? 'full' : 'all', claimed?.refreshedRows ?? 0)
    return claimed?.claim
  }
  const takeDue = () => {
    for (;;) {
      const request = agenda.next(running.size + verdicts.parts)
      if (request === undefined) return undefined
      const claimed = claim(request)
      if (claimed !== undefined) return encode(claimed)
    }
  }
  const take = () => {
    const part = verdicts.nextPart()
    return part === undefined ? takeDue() : takePart(part)
  }

  const send = async (claim: Claim, { bytes, points }: EncodedRequest, controller: AbortController) => {
    const { epoch } = backoff
    const startedAt = now()
    const cancelTimeout = clock.after(limits.timeoutMs, () => controller.abort())
    const answer = await transport.send(bytes, limits.timeoutMs, controller.signal)
    cancelTimeout()
    running.delete(controller)
    const outcome = classify(answer, limits)
    reports.ended({ points, bytes: bytes.length, seconds: (now() - startedAt) / 1000 }, outcome)
    if (answer.kind === 'accepted') lastSuccessMs = clock.wallMs()
    const timedOut =
      answer.kind === 'failed' && (controller.signal.aborted || answer.code === statusCode.deadlineExceeded)
    verdicts.carryOut({ claim, bytes: bytes.length, epoch, timedOut }, outcome)
    pump()
  }
  const maySend = () =>
    // After a failure one request finds out whether the endpoint is back.
    !isClosed && now() >= backoff.until && running.size < (backoff.failures > 0 ? 1 : limits.maxInFlight)
  const pump = () => {
    while (maySend()) {
      const taken = take()
      if (taken === undefined) {
        if (running.size === 0) whenIdle()
        break
      }
      if (taken.request.points === 0) taken.claim.acknowledge(now())
      else {
        const controller = new AbortController()
        running.set(controller, send(taken.claim, taken.request, controller))
      }
    }
    cancelWake()
    if (now() < backoff.until) cancelWake = clock.after(backoff.until - now(), pump)
  }

  const tick = () => {
    delivery.tick(now())
    departures.expire(now())
    reports.dropped(departures.dropped, departures.expired)
    agenda.begin()
    pump()
  }

  return {
    stats,
    start(signal) {
      const stopTicking = tickEvery(clock, schedule.flushIntervalMs || schedule.intervalMs, tick)
      if (signal.aborted) stopTicking()
      else signal.addEventListener('abort', stopTicking, { once: true })
    },
    async flush(graceMs) {
      agenda = createFinalAgenda({ timestamps })
      backoff.reset()
      await new Promise<void>((resolve) => {
        const cancelGrace = clock.after(graceMs, resolve)
        whenIdle = () => {
          cancelGrace()
          resolve()
        }
        agenda.begin()
        pump()
      })
      isClosed = true
      cancelWake()
      for (const controller of running.keys()) controller.abort()
      await Promise.all(running.values())
      transport.close()
      return delivery.dirty === 0 && departures.series === 0
    },
  }
}

function pushState({ delivery, departures }: Store): { delivery: Delivery; departures: Departures } {
  if (delivery === undefined || departures === undefined) throw new TypeError('the store keeps no state for a push')
  return { delivery, departures }
}

function createAgenda(store: Store, schedule: PushSchedule, now: () => number, timestamps: () => number): Agenda {
  const { intervalMs, flushIntervalMs } = schedule
  if (flushIntervalMs === 0) return createRoundAgenda({ timestamps, now })
  const pace = createRefreshPace(intervalMs, flushIntervalMs)
  const totalRows = () =>
    store.registry.layouts.reduce((rows, { id }) => rows + (store.isSynced(id) ? store.series(id) : 0), 0)
  return createStreamAgenda({ timestamps, now, pace, totalRows })
}

/** Calls at whole multiples of the period from now on; calls that were missed are left out. */
function tickEvery(clock: Clock, periodMs: number, callback: () => void): () => void {
  let due = clock.monotonicMs() + periodMs
  const next = () => clock.after(Math.max(0, due - clock.monotonicMs()), fire)
  const fire = () => {
    const missed = Math.max(0, Math.floor((clock.monotonicMs() - due) / periodMs))
    due += (missed + 1) * periodMs
    cancel = next()
    callback()
  }
  let cancel = next()
  return () => cancel()
}
