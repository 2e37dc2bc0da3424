/** Decides what follows the end of a list or a watch: the next request, and the wait before it. No I/O. */

import type { BackOffRange } from '../../time/back-off.ts'
import { backOffMs } from '../../time/back-off.ts'
import type { Ending } from './endings.ts'

/** The next request: a watch from a resourceVersion, or a list. */
export type Step =
  | {
      readonly kind: 'watch'
      readonly resourceVersion: string
      /** A short watch that ends as soon as it comes to this resourceVersion. */
      readonly until?: string
      /** The server is to confirm first that it has come to this resourceVersion. */
      readonly isUnconfirmed?: boolean
    }
  /** `atLeast` is the oldest state that will do: '' for the present one, '0' for any. */
  | { readonly kind: 'list'; readonly atLeast: string }
  /** The list as it was at a revision, and what has changed since; how often that broke off already. */
  | { readonly kind: 'resume'; readonly resourceVersion: string; readonly attempts: number }

/** What one attempt at a step yielded. */
export interface AttemptResult {
  readonly ending: Ending
  /** The list of this attempt, if any; a streaming list continues as a watch after it is complete. */
  readonly list: 'none' | 'broken' | 'complete'
  /** Number of objects and events received, bookmarks included. */
  readonly delivered: number
  /** The server has ended a watch in order, as after its time. */
  readonly isClosedInOrder?: boolean
  /** The same step is to be tried again. */
  readonly again?: Step
}

export interface NextStep {
  readonly step: Step
  readonly waitMs: number
  /** The wait ends early when the server is back. */
  readonly isOutage: boolean
}

/** The waits after failures that may end by themselves. */
const reflectorBackOff: BackOffRange = { firstMs: 500, longestMs: 30_000 }
/** A watch that lived so long was a healthy one. */
const healthyMs = 5000
/** A refusal that only an administrator can lift is retried after this time, up to twice as long. */
const refusedMs = 30_000

/** A kind that does not exist is requested again after this time, which doubles up to the delay after a refusal. */
const firstAbsenceMs = 1000

/** The maximum delay that is accepted from a server, so that a wrong one does not stop a reflector for long. */
const longestRetryAfterMs = 300_000

/** The decisions of one reflector, with what it remembers of earlier attempts. */
export class NextSteps {
  readonly #random: () => number
  readonly #useCache: boolean
  /**
   * The server was away. If its store was restored meanwhile, its resourceVersion is below ours; once it has grown past
   * ours a watch would not show that. Only a list can be trusted.
   */
  #wasAway = false
  /** Failures in a row. */
  #failures = 0
  /** Answers in a row that the kind does not exist: a server may need a moment for one that was just created. */
  #absences = 0

  /** `useCache` allows lists from the API server's cache. */
  constructor(random: () => number, useCache: boolean) {
    this.#random = random
    this.#useCache = useCache
  }

  /** `resumeFrom` is the revision at which another process stopped, if this one continues there. */
  first(resumeFrom?: string): Step {
    if (resumeFrom !== undefined) return { kind: 'resume', resourceVersion: resumeFrom, attempts: 0 }
    return { kind: 'list', atLeast: this.#useCache ? '0' : '' }
  }

  /** `resourceVersion` is the last one that a watch may resume from; empty before the first complete list. */
  after(result: AttemptResult, lastedMs: number, resourceVersion: string): NextStep {
    if (result.list === 'complete') this.#wasAway = false
    if (isAway(result)) this.#wasAway = true
    const step = stepAfter(result, resourceVersion, this.#useCache)
    const mustList = this.#wasAway && step.kind === 'watch'
    this.#absences = result.ending.kind === 'absent' ? this.#absences + 1 : 0
    return {
      step: mustList ? listPresent : step,
      waitMs: this.#waitAfter(result, lastedMs),
      isOutage: isOutage(result.ending),
    }
  }

  /** The server was away and is back: the next failure is the first one again. */
  serverReturned(): void {
    this.#failures = 0
  }

  #waitAfter({ ending, delivered }: AttemptResult, lastedMs: number): number {
    const wasHealthy = delivered > 0 && lastedMs >= healthyMs
    if (wasHealthy) this.#failures = 0
    const retryAfterMs = Math.min(ending.retryAfterMs ?? 0, longestRetryAfterMs)
    switch (ending.kind) {
      case 'listed':
      case 'unsupported':
        return 0
      case 'ended':
      case 'silent':
      case 'expired':
        return wasHealthy ? 0 : this.#backOffMs()
      case 'forbidden':
      case 'absent':
      case 'invalid':
      case 'unacceptable':
      case 'rejected':
        return Math.max(retryAfterMs, this.#refusalMs() * (1 + this.#random()))
      default:
        return Math.max(retryAfterMs, this.#backOffMs())
    }
  }

  #backOffMs(): number {
    this.#failures++
    return backOffMs(this.#failures, reflectorBackOff, this.#random)
  }

  /** Not a back-off of `time/`, half of which is random: after a refusal this is the least that is waited. */
  #refusalMs(): number {
    return this.#absences === 0 ? refusedMs : Math.min(refusedMs, firstAbsenceMs * 2 ** (this.#absences - 1))
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

function stepAfter(
  { ending, list, delivered, isClosedInOrder = false, again }: AttemptResult,
  resourceVersion: string,
  useCache: boolean,
): Step {
  if (again !== undefined) return again
  if (list === 'broken' || resourceVersion === '') return listPresent
  switch (ending.kind) {
    case 'expired':
      return useCache ? { kind: 'list', atLeast: resourceVersion } : listPresent
    case 'ahead':
    case 'malformed':
    case 'invalid':
    case 'unacceptable':
    case 'rejected':
    case 'absent':
      return listPresent
    case 'ended':
    case 'silent':
      // A server whose store was restored answers a watch from its future with silence.
      if (delivered === 0) return listPresent
      return isClosedInOrder
        ? { kind: 'watch', resourceVersion }
        : { kind: 'watch', resourceVersion, isUnconfirmed: true }
    default:
      return { kind: 'watch', resourceVersion }
  }
}
