/**
 * Owns bad weather for the demo: what the API server and the receiver do to the product, by dice. Only what passes by
 * itself; nothing after which series would stay wrong until the next refresh.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault, FaultScript } from '../simulator/api/api-faults.ts'
import { cutAfter, cutConnection, errorAfter, failWith, throttle } from '../simulator/api/api-faults.ts'
import type { ApiServer } from '../simulator/api/api-server.ts'
import { expired } from '../simulator/api/api-status.ts'
import type { FaultKind } from '../simulator/otlp/random-faults.ts'
import { createDice, randomFaults } from '../simulator/otlp/random-faults.ts'
import type { OtlpReceiver } from '../simulator/otlp/receiver.ts'

type Dice = () => number

const apiFaultProbability = 0.15
const receiverFaultProbability = 0.3
const longestDelayMs = 400
/** A running watch is disturbed about this often. */
const interruptionEveryMs = 1000

const requestFaults: readonly ((dice: Dice) => Fault)[] = [
  () => failWith(500),
  () => failWith(503),
  () => throttle(1),
  () => cutConnection(),
  (dice) => cutAfter(Math.floor(dice() * 20), true),
  (dice) => ({ delayMs: dice() * longestDelayMs }),
]
const watchFaults: readonly ((dice: Dice) => Fault)[] = [
  ...requestFaults,
  (dice) => errorAfter(1 + Math.floor(dice() * 5)),
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

const pick = <T>(dice: Dice, choices: readonly T[]): T => choices[Math.floor(dice() * choices.length)] as T

/** Troubles of the API server's lists and watches; the same for the same seed and sequence of requests. */
export function apiFaults(seed: number): FaultScript {
  const dice = createDice(seed)
  return ({ verb }) => {
    if (dice() >= apiFaultProbability) return undefined
    if (verb === 'watch') return pick(dice, watchFaults)(dice)
    return verb === 'list' ? pick(dice, requestFaults)(dice) : undefined
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
async function disturbWatches(api: ApiServer, dice: Dice, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(dice() * 2 * interruptionEveryMs, undefined, { signal }).catch(() => {})
    const watches = api.watches()
    if (signal.aborted || watches.length === 0) continue
    const { index } = pick(dice, watches)
    const ending = pick(dice, ['cut', 'end', { error: expired('the history was compacted') }] as const)
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
  await disturbWatches(api, createDice(seed + 2), signal)
  api.setFaults(undefined)
  receiver?.setFaults(undefined)
}
