/** One reflector: lists and watches a resource until it is stopped. It keeps no objects. */

import type { KubernetesObject } from '../../schemas/object-meta.ts'
import { delay } from '../clock.ts'
import type { EndingKind } from './endings.ts'
import { list } from './list.ts'
import type { AttemptResult, NextStep, Step } from './next-step.ts'
import { listPresent, NextSteps } from './next-step.ts'
import type { ReflectorParts, ReflectorStatus } from './reflector-state.ts'
import { ReflectorState } from './reflector-state.ts'
import { watch } from './watch.ts'

/** Reports all objects of one resource in one scope to its handlers. */
export interface Reflector {
  /** Runs until the signal aborts. */
  run(signal: AbortSignal): Promise<void>
  /** Ends what is in flight and lists at once. */
  relist(): void
  status(): ReflectorStatus
}

/** Streaming lists that may break off in a row before paged ones are used: a proxy may cut long responses. */
const brokenStreamsAllowed = 3

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

  relist(): void {
    this.#mustRelist = true
    this.#attempt.abort()
  }

  async run(stop: AbortSignal): Promise<void> {
    const end = (): void => this.#attempt.abort()
    stop.addEventListener('abort', end)
    try {
      let next: NextStep = { step: this.#nextSteps.first(), waitMs: 0, isOutage: false }
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
    if (step.kind === 'watch') return watch(state, step, attempt)
    const release = await state.parts.context.lists.acquire(attempt.signal)
    state.onListComplete = release
    try {
      return await this.#lists.attempt(step, attempt)
    } finally {
      release()
    }
  }
}

type ListStep = Step & { readonly kind: 'list' }

/** Streams lists or reads them in pages, and learns whether streaming lists work here. */
class ListAttempts<T extends KubernetesObject> {
  readonly #state: ReflectorState<T>
  #needsPages: boolean
  #brokenStreams = 0

  constructor(state: ReflectorState<T>) {
    const { options } = state.parts
    this.#state = state
    this.#needsPages = !options.watchList || (options.objectLimit ?? 0) > 0
  }

  async attempt(step: ListStep, attempt: AbortController): Promise<AttemptResult> {
    const { target, context } = this.#state.parts
    const { withoutWatchList } = context.traits
    const isBroken = this.#brokenStreams >= brokenStreamsAllowed
    if (this.#needsPages || isBroken || withoutWatchList.has(target.apiVersion)) return this.#listInPages(step, attempt)
    const result = await watch(this.#state, step, attempt)
    const { kind } = result.ending
    if (kind === 'unsupported') withoutWatchList.add(target.apiVersion)
    else if (result.list === 'complete') this.#brokenStreams = 0
    // A server that does not know streaming lists never sends the bookmark; each try would cost half a minute.
    else if (kind === 'silent') this.#needsPages = true
    else if (isStreamsFault(kind)) this.#brokenStreams += 1
    return result
  }

  async #listInPages(step: ListStep, attempt: AbortController): Promise<AttemptResult> {
    const result = await list(this.#state, step.atLeast, attempt)
    // The next list is streamed once more: what broke the streams may be over.
    if (result.list === 'complete') this.#brokenStreams = Math.min(this.#brokenStreams, brokenStreamsAllowed - 1)
    return result
  }
}

/** Whether a broken streaming list may be the fault of streaming: a list in pages would meet these endings as well. */
function isStreamsFault(kind: EndingKind): boolean {
  return kind !== 'unreachable' && kind !== 'unauthorized' && kind !== 'forbidden' && kind !== 'absent'
}
