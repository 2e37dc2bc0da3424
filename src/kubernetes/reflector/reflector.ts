/** One reflector: lists and watches a resource until it is stopped. It keeps no objects. */

import type { KubernetesObject } from '../../schemas/object-meta.ts'
import { delay } from '../../time/clock.ts'
import { readPresentVersion } from './list.ts'
import type { AttemptResult, NextStep, Step } from './next-step.ts'
import { listPresent, NextSteps } from './next-step.ts'
import type { ReflectorParts, ReflectorStatus } from './reflector-state.ts'
import { ReflectorState } from './reflector-state.ts'
import type { ResumeStep } from './resume.ts'
import { resume } from './resume.ts'
import { ListAttempts } from './streamed-or-paged-list.ts'
import { watch } from './watch.ts'

/** Reports all objects of one resource in one scope to its handlers. */
export interface Reflector {
  /** Runs until the signal aborts. */
  run(signal: AbortSignal): Promise<void>
  /** Ends what is in flight and lists at once; the reason, one word of a small closed set, is counted. */
  relist(reason: string): void
  status(): ReflectorStatus
  /** All changes up to this one are reported, but for those of a list that has just ended; empty before the first. */
  resourceVersion(): string
}

/** Creates a reflector; it does nothing before it runs. */
export function createReflector<T extends KubernetesObject>(parts: ReflectorParts<T>): Reflector {
  return new ListAndWatch(parts)
}

/** A class, since there may be thousands. */
class ListAndWatch<T extends KubernetesObject> implements Reflector {
  readonly #state: ReflectorState<T>
  readonly #nextSteps: NextSteps
  readonly #lists: ListAttempts<T>
  /** The attempt in progress, or the wait before it. */
  #attempt = new AbortController()
  #mustRelist = false

  constructor(parts: ReflectorParts<T>) {
    const { context, options } = parts
    this.#state = new ReflectorState(parts)
    this.#nextSteps = new NextSteps(context.random, options.useCache ?? false)
    this.#lists = new ListAttempts(this.#state)
  }

  status(): ReflectorStatus {
    return this.#state.status
  }

  resourceVersion(): string {
    return this.#state.resourceVersion
  }

  relist(reason: string): void {
    const { context, target } = this.#state.parts
    context.metrics.watchRestart({ resource: target.plural, reason })
    this.#mustRelist = true
    this.#attempt.abort()
  }

  async run(stop: AbortSignal): Promise<void> {
    const end = (): void => this.#attempt.abort()
    stop.addEventListener('abort', end)
    try {
      const first = this.#nextSteps.first(this.#state.parts.options.resumeFrom?.())
      let next: NextStep = { step: first, waitMs: 0, isOutage: false }
      while (!stop.aborted) next = await this.#follow(next, stop)
    } finally {
      stop.removeEventListener('abort', end)
    }
  }

  /** Waits, attempts the step, and decides on the next one. */
  async #follow(next: NextStep, stop: AbortSignal): Promise<NextStep> {
    const { clock } = this.#state.parts.context
    this.#attempt = new AbortController()
    await this.#wait(next)
    const startedAtMs = clock.now()
    const isInterrupted = () => stop.aborted || this.#mustRelist
    const result = isInterrupted() ? undefined : await this.#try(next.step)
    if (result === undefined || isInterrupted()) {
      this.#mustRelist = false
      return { step: listPresent, waitMs: 0, isOutage: false }
    }
    this.#state.ended(result)
    return this.#nextSteps.after(result, clock.now() - startedAtMs, this.#state.resourceVersion)
  }

  async #wait({ waitMs, isOutage }: NextStep): Promise<void> {
    const { clock, outage } = this.#state.parts.context
    const { signal } = this.#attempt
    if (!isOutage) return waitMs > 0 ? delay(clock, waitMs, signal) : undefined
    if ((await outage.wait(waitMs, signal)) === 'returned') this.#nextSteps.serverReturned()
  }

  /** A list waits for one of the permits of all reflectors; a streaming one gives it back once it is complete. */
  async #try(step: Step): Promise<AttemptResult> {
    const state = this.#state
    const attempt = this.#attempt
    if (step.kind === 'watch') return (await this.#unconfirmed(step, attempt)) ?? watch(state, step, attempt)
    const release = await state.parts.context.lists.acquire(attempt.signal)
    state.onListComplete = release
    try {
      return await (step.kind === 'resume' ? this.#resume(step, attempt) : this.#lists.attempt(step, attempt))
    } finally {
      release()
    }
  }

  /**
   * What follows if the server has not come as far as the watch; undefined if the watch may begin. While a connection was broken,
   * the store may have been restored from a backup without any request that failed.
   */
  async #unconfirmed(
    { resourceVersion, isUnconfirmed }: Step & { readonly kind: 'watch' },
    attempt: AbortController,
  ): Promise<AttemptResult | undefined> {
    if (!isUnconfirmed) return undefined
    const present = await readPresentVersion(this.#state, attempt)
    if ('kind' in present) return { ending: present, list: 'none', delivered: 0 }
    if (Number(present.resourceVersion) >= Number(resourceVersion)) return undefined
    const reason = 'the API server is at an older resourceVersion than before: its store was restored'
    return { ending: { kind: 'ahead', reason }, list: 'none', delivered: 0 }
  }

  async #resume(step: ResumeStep, attempt: AbortController): Promise<AttemptResult> {
    const result = await resume(this.#state, step, attempt)
    if (result.again === undefined && !attempt.signal.aborted) this.#state.resumed(result.outcome, result.ending)
    return result
  }
}
