/**
 * Owns the weather between a pusher and a real receiver over gRPC: each request meets the next trouble of a list. It
 * knows which requests are left hanging on purpose, so that a test can wait for all others without looking at a clock.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { status } from '@grpc/grpc-js'
import * as fc from 'fast-check'
import { retryableCodes } from '../../simulator/otlp/random-faults.ts'
import type { OtlpReceiver } from '../../simulator/otlp/receiver.ts'
import type { Fault, IncomingRequest } from '../../simulator/otlp/receiver-faults.ts'
import { cutConnection, limitMessages, refuseWith } from '../../simulator/otlp/receiver-faults.ts'
import { createGrpcTransport } from '../../src/push/grpc-transport.ts'
import type { Transport } from '../../src/push/transport.ts'
import { createLog, createLogGate } from '../../src/telemetry/log.ts'

/** Troubles of one request, by what the client comes to know. */
const toldTroubles = {
  none: () => undefined,
  refused: (dice) => refuseWith(retryableCodes[dice % retryableCodes.length] as number),
  answerLost: (dice) => refuseWith(retryableCodes[dice % retryableCodes.length] as number, { applied: true }),
  retryInfo: (dice) => refuseWith(status.RESOURCE_EXHAUSTED, { retryAfterMs: 1 + dice * 100 }),
  exhausted: () => refuseWith(status.RESOURCE_EXHAUSTED),
  internal: () => refuseWith(status.INTERNAL),
  denied: () => refuseWith(status.UNAUTHENTICATED),
  cutBefore: () => cutConnection('before'),
  cutAfter: () => cutConnection('after'),
  twice: () => ({ applyTimes: 2 }),
  partly: (dice) => ({ response: { kind: 'partial', message: 'not all', rejectedDataPoints: 1 + (dice % 9) } }),
} satisfies Record<string, (dice: number) => Fault | undefined>

/** The client is left waiting; `late` requests are applied when they are let go, the others at once or never. */
const hangingTroubles = ['silent', 'silentApplied', 'lateRequest', 'lateResponse'] as const

type ToldTrouble = keyof typeof toldTroubles
export type TroubleName = ToldTrouble | (typeof hangingTroubles)[number]

export interface Hardship {
  kind: TroubleName
  dice: number
}

export const anyHardship: fc.Arbitrary<Hardship> = fc.record({
  kind: fc.constantFrom(...(Object.keys(toldTroubles) as ToldTrouble[]), ...hangingTroubles),
  dice: fc.nat({ max: 50 }),
})

export interface WeatherOptions {
  hardships: readonly Hardship[]
  /** Largest message that the receiver takes; undefined for no limit. */
  maxBytes?: number | undefined
  /** Requests that hold it are refused with the code. */
  poison?: { readonly isPoison: (request: IncomingRequest) => boolean; readonly code: status }
}

const keyOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

/** Sets the receiver's troubles and returns a transport to it. */
export const createWeather = (receiver: OtlpReceiver, options: WeatherOptions) => {
  const remaining = [...options.hardships]
  const met = new Set<TroubleName>()
  /** Requests that hang on purpose, by their bytes, and what lets them go. */
  const hanging = new Map<string, () => void>()
  const held = new Set<() => void>()
  const waiting = new Set<string>()
  const limit = options.maxBytes === undefined ? () => undefined : limitMessages(options.maxBytes)

  const hang = (key: string, kind: (typeof hangingTroubles)[number]): Fault => {
    if (kind === 'silent' || kind === 'silentApplied') {
      hanging.set(key, () => {})
      return { applyTimes: kind === 'silent' ? 0 : 1, response: { kind: 'silence' } }
    }
    const { promise, resolve } = Promise.withResolvers<void>()
    const letGo = () => {
      hanging.delete(key)
      held.delete(letGo)
      resolve()
    }
    hanging.set(key, letGo)
    held.add(letGo)
    return kind === 'lateRequest' ? { until: promise } : { responseUntil: promise }
  }
  receiver.setFaults((request) => {
    if (options.poison?.isPoison(request)) return refuseWith(options.poison.code, { message: 'poison' })
    const tooLarge = limit(request)
    if (tooLarge) return tooLarge
    const hardship = remaining.shift()
    if (hardship === undefined) return undefined
    met.add(hardship.kind)
    const { kind, dice } = hardship
    return isHanging(kind) ? hang(keyOf(request.bytes), kind) : toldTroubles[kind](dice)
  })

  const inner = createGrpcTransport({
    endpoint: { target: receiver.grpcAddress, tls: false },
    headers: new Map(),
    retryResourceExhausted: false,
    certificate: undefined,
    clientCertificate: undefined,
    clientKey: undefined,
    bearerTokenFile: undefined,
    compression: 'none',
    loadBalancing: 'pick_first',
    environment: {},
    log: createLogGate(createLog({ level: 'silent', format: 'json' }), 60_000),
  })
  const transport: Transport = {
    ...inner,
    async send(bytes, _timeoutMs, signal) {
      const key = keyOf(bytes)
      waiting.add(key)
      signal.addEventListener('abort', () => hanging.delete(key))
      // Only fake time ends a request: the real deadline is out of reach.
      const answer = await inner.send(bytes, 60_000, signal)
      hanging.delete(key)
      waiting.delete(key)
      return answer
    },
  }
  const isQuiet = () => {
    const { requests, accepted, partial, refused, cut, silenced } = receiver.received
    const handled = accepted + partial + refused + cut + silenced
    return requests - handled === held.size && [...waiting].every((key) => hanging.has(key))
  }

  return {
    transport,
    met,
    /** Waits until every request has ended but those that hang on purpose. */
    async settle() {
      do await nextTurn()
      while (!isQuiet())
    },
    /** What was held arrives now, however late. */
    letGo() {
      for (const release of [...held]) release()
    },
    /** No further trouble. */
    clear() {
      receiver.setFaults(undefined)
      for (const release of [...held]) release()
    },
  }
}

const isHanging = (kind: TroubleName): kind is (typeof hangingTroubles)[number] =>
  (hangingTroubles as readonly string[]).includes(kind)
