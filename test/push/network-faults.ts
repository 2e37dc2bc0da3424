/**
 * Fault injection between a pusher and a real receiver over gRPC: each request gets the next fault of a list. Requests
 * that hang on purpose are known, so that a test can wait for all others without looking at a clock.
 */
import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import { status } from '@grpc/grpc-js'
import * as fc from 'fast-check'
import { retryableCodes } from '../../simulator/otlp/random-faults.ts'
import type { OtlpReceiver } from '../../simulator/otlp/receiver.ts'
import type { Fault, IncomingRequest } from '../../simulator/otlp/receiver-faults.ts'
import { cutConnection, limitMessages, refuseWith } from '../../simulator/otlp/receiver-faults.ts'
import { createGrpcTransport } from '../../src/push/grpc-transport.ts'
import type { Transport } from '../../src/push/transport.ts'
import { createLog, createLogGate } from '../../src/telemetry/log.ts'

/** Faults after which the client has an answer or an error. */
const answeredFaults = {
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

/** Faults without an answer; a `late` one is applied or answered when it is released, the others never. */
const hangingFaults = ['silent', 'silentApplied', 'lateRequest', 'lateResponse'] as const

type AnsweredFault = keyof typeof answeredFaults
export type FaultKind = AnsweredFault | (typeof hangingFaults)[number]

export interface NetworkFault {
  kind: FaultKind
  dice: number
}

export const anyNetworkFault: fc.Arbitrary<NetworkFault> = fc.record({
  kind: fc.constantFrom(...(Object.keys(answeredFaults) as AnsweredFault[]), ...hangingFaults),
  dice: fc.nat({ max: 50 }),
})

export interface FaultyNetworkOptions {
  faults: readonly NetworkFault[]
  /** Largest message that the receiver takes; undefined for no limit. */
  maxBytes?: number | undefined
  /** Requests that hold it are refused with the code. */
  poison?: { readonly isPoison: (request: IncomingRequest) => boolean; readonly code: status }
}

const keyOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

/** Injects the faults into the receiver and returns a transport to it. */
export const createFaultyNetwork = (receiver: OtlpReceiver, options: FaultyNetworkOptions) => {
  const remaining = [...options.faults]
  const injected = new Set<FaultKind>()
  /** Requests that hang on purpose, by their bytes, each with the function that releases it. */
  const hanging = new Map<string, () => void>()
  const held = new Set<() => void>()
  const waiting = new Set<string>()
  const limit = options.maxBytes === undefined ? () => undefined : limitMessages(options.maxBytes)

  const hang = (key: string, kind: (typeof hangingFaults)[number]): Fault => {
    if (kind === 'silent' || kind === 'silentApplied') {
      hanging.set(key, () => {})
      return { applyTimes: kind === 'silent' ? 0 : 1, response: { kind: 'silence' } }
    }
    const { promise, resolve } = Promise.withResolvers<void>()
    const release = () => {
      hanging.delete(key)
      held.delete(release)
      resolve()
    }
    hanging.set(key, release)
    held.add(release)
    return kind === 'lateRequest' ? { until: promise } : { responseUntil: promise }
  }
  receiver.setFaults((request) => {
    if (options.poison?.isPoison(request)) return refuseWith(options.poison.code, { message: 'poison' })
    const tooLarge = limit(request)
    if (tooLarge) return tooLarge
    const fault = remaining.shift()
    if (fault === undefined) return undefined
    injected.add(fault.kind)
    const { kind, dice } = fault
    return isHanging(kind) ? hang(keyOf(request.bytes), kind) : answeredFaults[kind](dice)
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
    injected,
    /** Waits until every request has ended, except those that hang on purpose. */
    async settle() {
      do await yieldToEventLoop()
      while (!isQuiet())
    },
    /** Held requests and responses arrive now. */
    releaseHeld() {
      for (const release of [...held]) release()
    },
    /** Ends all faults. */
    clear() {
      receiver.setFaults(undefined)
      for (const release of [...held]) release()
    },
  }
}

const isHanging = (kind: FaultKind): kind is (typeof hangingFaults)[number] =>
  (hangingFaults as readonly string[]).includes(kind)
