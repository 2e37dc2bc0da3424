/** Random faults of the receiver, reproducible by seed for the same sequence of requests. All of them are temporary. */
import { status as grpcStatus } from '@grpc/grpc-js'
import type { RandomSource } from '../random-source.ts'
import { createRandomSource } from '../random-source.ts'
import type { Fault, FaultScript } from './receiver-faults.ts'
import { cutConnection, refuseWith } from './receiver-faults.ts'

const pick = <T>(random: RandomSource, choices: readonly [T, ...T[]]): T =>
  choices[Math.floor(random() * choices.length)] ?? choices[0]

/** The codes that clients retry unconditionally, according to the OTLP specification. */
export const retryableCodes = [
  grpcStatus.CANCELLED,
  grpcStatus.DEADLINE_EXCEEDED,
  grpcStatus.ABORTED,
  grpcStatus.OUT_OF_RANGE,
  grpcStatus.UNAVAILABLE,
  grpcStatus.DATA_LOSS,
] as const

const kinds = {
  refused: (random: RandomSource) => refuseWith(pick(random, retryableCodes)),
  /** Applied, but an error is returned. */
  responseLost: (random: RandomSource) => refuseWith(pick(random, retryableCodes), { applied: true }),
  exhausted: (_random: RandomSource, maxDelayMs: number) =>
    refuseWith(grpcStatus.RESOURCE_EXHAUSTED, { retryAfterMs: maxDelayMs }),
  cutBefore: () => cutConnection('before'),
  cutAfter: () => cutConnection('after'),
  lateRequest: (random: RandomSource, maxDelayMs: number): Fault => ({ delayMs: random() * maxDelayMs }),
  lateResponse: (random: RandomSource, maxDelayMs: number): Fault => ({ responseDelayMs: random() * maxDelayMs }),
  twice: (): Fault => ({ applyTimes: 2 }),
  partly: (random: RandomSource): Fault => ({
    response: {
      kind: 'partial',
      message: 'some points were rejected',
      rejectedDataPoints: 1 + Math.floor(random() * 20),
    },
  }),
  unspecified: (random: RandomSource) => refuseWith(pick(random, [grpcStatus.UNKNOWN, grpcStatus.INTERNAL])),
} as const

/** The kinds of random faults. */
export type FaultKind = keyof typeof kinds

export const faultKinds = Object.keys(kinds) as [FaultKind, ...FaultKind[]]

export interface RandomFaultOptions {
  seed: number
  /** The probability of a fault per request, from 0 to 1; one third by default. */
  probability?: number
  /** All by default. A kind that is listed twice is twice as frequent. */
  kinds?: readonly [FaultKind, ...FaultKind[]]
  /** The maximum delay, and the delay in RetryInfo; 20 ms by default. */
  maxDelayMs?: number
}

/** A script of random faults for a seed. */
export const randomFaults = (options: RandomFaultOptions): FaultScript => {
  const { seed, probability = 1 / 3, kinds: chosen = faultKinds, maxDelayMs = 20 } = options
  const random = createRandomSource(seed)
  return () => (random() < probability ? kinds[pick(random, chosen)](random, maxDelayMs) : undefined)
}
