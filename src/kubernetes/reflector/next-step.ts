/** Decides what follows the end of a list or a watch: the next request, and the wait before it. No I/O. */

import type { BackOff } from './back-off.ts'
import { createBackOff } from './back-off.ts'
import type { Ending } from './endings.ts'

/** The next request: a watch from a resourceVersion, or a list. */
export type Step =
  | { readonly kind: 'watch'; readonly resourceVersion: string }
  /** `atLeast` is the oldest state that will do: '' for the present one, '0' for any. */
  | { readonly kind: 'list'; readonly atLeast: string }

/** What one attempt at a step yielded. */
export interface AttemptResult {
  readonly ending: Ending
  /** The list of this attempt, if it had one; a streaming list goes on as a watch long after it was complete. */
  readonly list: 'none' | 'broken' | 'complete'
  /** Number of objects and events received, bookmarks included. */
  readonly delivered: number
}

export interface NextStep {
  readonly step: Step
  readonly waitMs: number
  /** The wait ends early when the server is back. */
  readonly isOutage: boolean
}

/** The decisions of one reflector, with what it remembers of earlier attempts. */
export interface NextSteps {
  first(): Step
  /** `resourceVersion` is the last one that a watch may resume from; empty before the first complete list. */
  after(result: AttemptResult, lastedMs: number, resourceVersion: string): NextStep
  /** The server was away and is back: the next failure is the first one again. */
  serverReturned(): void
}

/** A watch that lived so long was a healthy one. */
const healthyMs = 5000
/** A refusal that only an administrator can lift is retried after this time, up to twice as long. */
const refusedMs = 30_000

/** A kind that does not exist is asked for again after this time, then after twice as long, up to that of a refusal. */
const firstAbsenceMs = 1000

/** `useCache` allows lists from the API server's cache. */
export function createNextSteps(random: () => number, useCache: boolean): NextSteps {
  const backOff = createBackOff(random)
  /**
   * The server was away. If its store was restored meanwhile, its resourceVersion is below ours; once it has grown past
   * ours a watch would not show that. Only a list can be trusted.
   */
  let wasAway = false
  /** Answers in a row that the kind does not exist: a server may need a moment for one that was just created. */
  let absences = 0

  return {
    first: () => ({ kind: 'list', atLeast: useCache ? '0' : '' }),
    after(result, lastedMs, resourceVersion) {
      if (result.list === 'complete') wasAway = false
      if (isAway(result)) wasAway = true
      const step = stepAfter(result, resourceVersion, useCache)
      const mustList = wasAway && step.kind === 'watch'
      absences = result.ending.kind === 'absent' ? absences + 1 : 0
      const refusalMs = absences === 0 ? refusedMs : Math.min(refusedMs, firstAbsenceMs * 2 ** (absences - 1))
      const waitMs = waitAfter(result, lastedMs, { backOff, random, refusalMs })
      return { step: mustList ? listPresent : step, waitMs, isOutage: isOutage(result.ending) }
    },
    serverReturned: () => backOff.reset(),
  }
}

function isOutage({ kind }: Ending): boolean {
  return kind === 'unreachable' || kind === 'unavailable'
}

function isAway({ ending, delivered }: AttemptResult): boolean {
  return delivered === 0 && isOutage(ending)
}

/** A list of the present state. */
export const listPresent: Step = { kind: 'list', atLeast: '' }

function stepAfter({ ending, list, delivered }: AttemptResult, resourceVersion: string, useCache: boolean): Step {
  if (list === 'broken' || resourceVersion === '') return listPresent
  switch (ending.kind) {
    case 'expired':
      return useCache ? { kind: 'list', atLeast: resourceVersion } : listPresent
    case 'ahead':
    case 'malformed':
    case 'invalid':
    case 'rejected':
    case 'absent':
      return listPresent
    case 'ended':
    case 'silent':
      // A server whose store was restored answers a watch from its future with silence.
      return delivered === 0 ? listPresent : { kind: 'watch', resourceVersion }
    default:
      return { kind: 'watch', resourceVersion }
  }
}

/** The longest wait that a server may ask for: a proxy that says a day must not stop a reflector for a day. */
const longestRetryAfterMs = 300_000

interface Waits {
  readonly backOff: BackOff
  readonly random: () => number
  /** After a refusal, at least. */
  readonly refusalMs: number
}

function waitAfter(
  { ending, delivered }: AttemptResult,
  lastedMs: number,
  { backOff, random, refusalMs }: Waits,
): number {
  const wasHealthy = delivered > 0 && lastedMs >= healthyMs
  if (wasHealthy) backOff.reset()
  const retryAfterMs = Math.min(ending.retryAfterMs ?? 0, longestRetryAfterMs)
  switch (ending.kind) {
    case 'listed':
    case 'unsupported':
      return 0
    case 'ended':
    case 'silent':
    case 'expired':
      return wasHealthy ? 0 : backOff.next()
    case 'forbidden':
    case 'absent':
    case 'invalid':
    case 'rejected':
      return Math.max(retryAfterMs, refusalMs * (1 + random()))
    default:
      return Math.max(retryAfterMs, backOff.next())
  }
}
