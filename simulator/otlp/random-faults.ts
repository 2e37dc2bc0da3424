// Owns weather by the dice: a fault script that is the same for the same seed and the same sequence of requests.
// Refuses the faults that last (authentication, limits, poison): those are scripts of their own.
import { status as grpcStatus } from '@grpc/grpc-js'
import type { Fault, FaultScript } from './receiver-faults.ts'
import { cutConnection, refuseWith } from './receiver-faults.ts'

type Dice = () => number

const pick = <T>(dice: Dice, choices: readonly [T, ...T[]]): T =>
  choices[Math.floor(dice() * choices.length)] ?? choices[0]

/** The codes that the OTLP specification has a client retry without further conditions. */
export const retryableCodes = [
  grpcStatus.CANCELLED,
  grpcStatus.DEADLINE_EXCEEDED,
  grpcStatus.ABORTED,
  grpcStatus.OUT_OF_RANGE,
  grpcStatus.UNAVAILABLE,
  grpcStatus.DATA_LOSS,
] as const

const kinds = {
  refused: (dice: Dice) => refuseWith(pick(dice, retryableCodes)),
  /** Applied, and an error returned nevertheless. */
  responseLost: (dice: Dice) => refuseWith(pick(dice, retryableCodes), { applied: true }),
  exhausted: (_dice: Dice, maxDelayMs: number) =>
    refuseWith(grpcStatus.RESOURCE_EXHAUSTED, { retryAfterMs: maxDelayMs }),
  cutBefore: () => cutConnection('before'),
  cutAfter: () => cutConnection('after'),
  lateRequest: (dice: Dice, maxDelayMs: number): Fault => ({ delayMs: dice() * maxDelayMs }),
  lateResponse: (dice: Dice, maxDelayMs: number): Fault => ({ responseDelayMs: dice() * maxDelayMs }),
  twice: (): Fault => ({ applyTimes: 2 }),
  partly: (dice: Dice): Fault => ({
    response: {
      kind: 'partial',
      message: 'some points were not taken',
      rejectedDataPoints: 1 + Math.floor(dice() * 20),
    },
  }),
  unspecified: (dice: Dice) => refuseWith(pick(dice, [grpcStatus.UNKNOWN, grpcStatus.INTERNAL])),
} as const

/** The faults the dice know. */
export type FaultKind = keyof typeof kinds

export const faultKinds = Object.keys(kinds) as [FaultKind, ...FaultKind[]]

export interface RandomFaultOptions {
  seed: number
  /** Of a request having fault, 0 to 1; a third by default. */
  probability?: number
  /** All by default; one named twice comes twice as often. */
  kinds?: readonly [FaultKind, ...FaultKind[]]
  /** Longest delay, and the delay asked for by RetryInfo; 20 ms by default. */
  maxDelayMs?: number
}

/** A small generator (mulberry32): numbers from 0 to below 1. */
export const createDice = (seed: number): Dice => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Troubles by chance, replayable by the seed. */
export const randomFaults = (options: RandomFaultOptions): FaultScript => {
  const { seed, probability = 1 / 3, kinds: chosen = faultKinds, maxDelayMs = 20 } = options
  const dice = createDice(seed)
  return () => (dice() < probability ? kinds[pick(dice, chosen)](dice, maxDelayMs) : undefined)
}
