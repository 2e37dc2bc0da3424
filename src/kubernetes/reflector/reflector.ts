/** One reflector: lists and watches a resource until it is stopped, whatever ends a request. It keeps no objects. */

import type { KubernetesObject } from '../../schemas/object-meta.ts'
import { delay } from '../clock.ts'
import type { EndingKind } from './endings.ts'
import { list } from './list.ts'
import type { AttemptResult, NextStep, Step } from './next-step.ts'
import { createNextSteps, listPresent } from './next-step.ts'
import type { ReflectorParts, ReflectorState, ReflectorStatus } from './reflector-state.ts'
import { createReflectorState } from './reflector-state.ts'
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
  const state = createReflectorState(parts)
  let interruption = new AbortController()
  return {
    status: state.status,
    relist: () => interruption.abort(),
    run: (signal) =>
      run(state, AbortSignal.any([signal]), () => {
        interruption = new AbortController()
        return interruption.signal
      }),
  }
}

/** `nextInterruption` yields the signal that ends the present attempt, or the wait before it, in favour of a list. */
async function run<T extends KubernetesObject>(
  state: ReflectorState<T>,
  stop: AbortSignal,
  nextInterruption: () => AbortSignal,
): Promise<void> {
  const { clock, random, options, outage } = state
  const nextSteps = createNextSteps(random, options.useCache ?? false)
  const attempt = createAttempt(state)
  let next: NextStep = { step: nextSteps.first(), waitMs: 0, isOutage: false }
  for (;;) {
    const interrupted = nextInterruption()
    const ended = AbortSignal.any([stop, interrupted])
    if (next.isOutage) {
      if ((await outage.wait(next.waitMs, ended)) === 'returned') nextSteps.serverReturned()
    } else if (next.waitMs > 0) await delay(clock, next.waitMs, ended)
    if (stop.aborted) return
    const startedAtMs = clock.now()
    const result = interrupted.aborted ? undefined : await attempt(next.step, ended)
    if (stop.aborted) return
    if (result === undefined || interrupted.aborted) next = { step: listPresent, waitMs: 0, isOutage: false }
    else {
      state.ended(result)
      next = nextSteps.after(result, clock.now() - startedAtMs, state.resourceVersion())
    }
  }
}

type Attempt = (step: Step, stop: AbortSignal) => Promise<AttemptResult>

/** Attempts steps. Lists wait for their turn among those of all reflectors; a streaming one gives it up once complete. */
function createAttempt<T extends KubernetesObject>(state: ReflectorState<T>): Attempt {
  const listOnce = createListAttempt(state)
  return async (step, stop) => {
    if (step.kind === 'watch') return watch(state, step, stop)
    const release = await state.lists.acquire(stop)
    const completeList = (resourceVersion: string): void => {
      release()
      state.completeList(resourceVersion)
    }
    try {
      return await listOnce({ ...state, completeList }, step, stop)
    } finally {
      release()
    }
  }
}

type ListStep = Step & { readonly kind: 'list' }

/** Streams lists or reads them in pages, and learns whether streaming lists work here. */
function createListAttempt<T extends KubernetesObject>({ target, options, traits }: ReflectorState<T>) {
  const { apiVersion } = target
  let needsPages = !options.watchList || (options.objectLimit ?? 0) > 0
  let brokenStreams = 0

  async function listInPages(state: ReflectorState<T>, step: ListStep, stop: AbortSignal): Promise<AttemptResult> {
    const result = await list(state, step.atLeast, stop)
    // The next list is streamed once more: what broke the streams may be over.
    if (result.list === 'complete') brokenStreams = Math.min(brokenStreams, brokenStreamsAllowed - 1)
    return result
  }

  return async (state: ReflectorState<T>, step: ListStep, stop: AbortSignal): Promise<AttemptResult> => {
    const mayStream = !needsPages && !traits.withoutWatchList.has(apiVersion) && brokenStreams < brokenStreamsAllowed
    if (!mayStream) return listInPages(state, step, stop)
    const result = await watch(state, step, stop)
    const { kind } = result.ending
    if (kind === 'unsupported') traits.withoutWatchList.add(apiVersion)
    else if (result.list === 'complete') brokenStreams = 0
    // A server that does not know streaming lists never sends the bookmark; each try would cost half a minute.
    else if (kind === 'silent') needsPages = true
    else if (isStreamsFault(kind)) brokenStreams += 1
    return result
  }
}

/** Whether a broken streaming list may be the fault of streaming: a list in pages would meet these endings as well. */
function isStreamsFault(kind: EndingKind): boolean {
  return kind !== 'unreachable' && kind !== 'unauthorized' && kind !== 'forbidden' && kind !== 'absent'
}
