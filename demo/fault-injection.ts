/**
 * Owns bad weather for the demo: what the API server and the receiver do to the product, by random. Only what passes by
 * itself; nothing after which series would stay wrong until the next refresh.
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
/** A running watch is disturbed about this often. */
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

/** All but a partial success: points that are refused for good are missing until they are refreshed. */
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

/** Troubles of the API server's lists and watches; the same for the same seed and sequence of requests. */
export function apiFaults(seed: number): FaultScript {
  const random = createRandomSource(seed)
  return ({ verb }) => {
    if (random() >= apiFaultProbability) return undefined
    if (verb === 'watch') return pick(random, watchFaults)(random)
    return verb === 'list' ? pick(random, requestFaults)(random) : undefined
  }
}

/** Troubles of the receiver. */
export const receiverFaults = (seed: number) =>
  randomFaults({
    seed,
    probability: receiverFaultProbability,
    kinds: receiverFaultKinds,
    maxDelayMs: longestDelayMs,
  })

/** Cuts, ends and expires running watches until the signal aborts. */
async function disturbWatches(api: ApiServer, random: RandomSource, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(random() * 2 * interruptionEveryMs, undefined, { signal }).catch(() => {})
    const watches = api.watches()
    if (signal.aborted || watches.length === 0) continue
    const { index } = pick(random, watches)
    const ending = pick(random, ['cut', 'end', { error: expired('the history was compacted') }] as const)
    await api.interruptWatches(ending, (request) => request.index === index)
  }
}

/** Brings bad weather over both; resolves when the signal has aborted and the sky is clear again. */
export async function injectFaults(
  api: ApiServer,
  receiver: OtlpReceiver | undefined,
  seed: number,
  signal: AbortSignal,
): Promise<void> {
  api.setFaults(apiFaults(seed))
  receiver?.setFaults(receiverFaults(seed + 1))
  await disturbWatches(api, createRandomSource(seed + 2), signal)
  api.setFaults(undefined)
  receiver?.setFaults(undefined)
}
