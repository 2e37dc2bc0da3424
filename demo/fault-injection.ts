/**
 * Random faults of the API server and the receiver. Only temporary faults are used, and none after which series would be
 * wrong until the next refresh.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault, FaultScript } from '../simulator/api/api-faults.ts'
import { cutAfter, cutConnection, errorAfter, failWith, throttle } from '../simulator/api/api-faults.ts'
import type { ApiServer } from '../simulator/api/api-server.ts'
import { expired } from '../simulator/api/api-status.ts'
import type { FaultKind } from '../simulator/otlp/random-faults.ts'
import { randomFaults } from '../simulator/otlp/random-faults.ts'
import type { OtlpReceiver } from '../simulator/otlp/receiver.ts'
import type { RandomSource } from '../simulator/random-source.ts'
import { createRandomSource } from '../simulator/random-source.ts'

const apiFaultProbability = 0.15
const receiverFaultProbability = 0.3
const longestDelayMs = 400
/** The average interval between interruptions of running watches. */
const interruptionEveryMs = 1000

const requestFaults: readonly ((random: RandomSource) => Fault)[] = [
  () => failWith(500),
  () => failWith(503),
  () => throttle(1),
  () => cutConnection(),
  (random) => cutAfter(Math.floor(random() * 20), true),
  (random) => ({ delayMs: random() * longestDelayMs }),
]
const watchFaults: readonly ((random: RandomSource) => Fault)[] = [
  ...requestFaults,
  (random) => errorAfter(1 + Math.floor(random() * 5)),
]

/** All kinds except partial success: points that are rejected permanently are missing until their next refresh. */
const receiverFaultKinds: readonly [FaultKind, ...FaultKind[]] = [
  'refused',
  'responseLost',
  'exhausted',
  'cutBefore',
  'cutAfter',
  'lateRequest',
  'lateResponse',
  'twice',
  'unspecified',
]

const pick = <T>(random: RandomSource, choices: readonly T[]): T => choices[Math.floor(random() * choices.length)] as T

/** Faults of list and watch requests; equal for the same seed and sequence of requests. */
export function apiFaults(seed: number): FaultScript {
  const random = createRandomSource(seed)
  return ({ verb }) => {
    if (random() >= apiFaultProbability) return undefined
    if (verb === 'watch') return pick(random, watchFaults)(random)
    return verb === 'list' ? pick(random, requestFaults)(random) : undefined
  }
}

export const receiverFaults = (seed: number) =>
  randomFaults({
    seed,
    probability: receiverFaultProbability,
    kinds: receiverFaultKinds,
    maxDelayMs: longestDelayMs,
  })

/** Interrupts running watches until the signal aborts. */
async function interruptWatches(api: ApiServer, random: RandomSource, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(random() * 2 * interruptionEveryMs, undefined, { signal }).catch(() => {})
    const watches = api.watches()
    if (signal.aborted || watches.length === 0) continue
    const { index } = pick(random, watches)
    const ending = pick(random, ['cut', 'end', { error: expired('the history was compacted') }] as const)
    await api.interruptWatches(ending, (request) => request.index === index)
  }
}

/** Injects faults into both servers until the signal aborts; resolves when they respond normally again. */
export async function injectFaults(
  api: ApiServer,
  receiver: OtlpReceiver | undefined,
  seed: number,
  signal: AbortSignal,
): Promise<void> {
  api.setFaults(apiFaults(seed))
  receiver?.setFaults(receiverFaults(seed + 1))
  await interruptWatches(api, createRandomSource(seed + 2), signal)
  api.setFaults(undefined)
  receiver?.setFaults(undefined)
}
