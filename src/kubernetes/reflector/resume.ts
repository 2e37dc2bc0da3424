/**
 * Continues where another process stopped: the list as it was at a revision, then every change since. The list is complete
 * once the changes have caught up with the present; a fault on the way leads to a present list.
 */

import type { KubernetesObject } from '../../schemas/object-meta.ts'
import type { Ending } from './endings.ts'
import { readPages, readPresentVersion } from './list.ts'
import type { AttemptResult, Step } from './next-step.ts'
import type { ReflectorState } from './reflector-state.ts'
import { watch } from './watch.ts'

export type ResumeStep = Step & { readonly kind: 'resume' }

/**
 * How far it came: `replayed` when every change since the revision was reported, `listed` when the past was listed but not
 * all changes since could be replayed, `refused` when the past was not listed.
 */
export type ResumeOutcome = 'replayed' | 'listed' | 'refused'

export interface ResumeResult extends AttemptResult {
  readonly outcome: ResumeOutcome
}

/** Watches, of a few seconds each, before a present list is read instead. */
const maxWatches = 5
/** Attempts that began and broke off. */
const maxAttempts = 3

export async function resume<T extends KubernetesObject>(
  state: ReflectorState<T>,
  step: ResumeStep,
  attempt: AbortController,
): Promise<ResumeResult> {
  const { resourceVersion: revision } = step
  const past = await readPages(state, { exactly: revision }, attempt)
  if (past.ending.kind !== 'listed') return broken(step, 'refused', past.ending, past.delivered)
  state.listIsRead()
  state.resumeFrom(revision)
  const replayed = await replay(state, attempt)
  if (replayed.ending.kind !== 'listed') return broken(step, 'listed', replayed.ending, past.delivered)
  state.completeList(state.resourceVersion)
  return { ending: replayed.ending, list: 'complete', delivered: past.delivered, outcome: 'replayed' }
}

/** `listed` when all that had changed until the present is reported. */
async function replay<T extends KubernetesObject>(
  state: ReflectorState<T>,
  attempt: AbortController,
): Promise<{ readonly ending: Ending }> {
  const present = await readPresentVersion(state, attempt)
  if ('kind' in present) return { ending: present }
  const { resourceVersion: until } = present
  const caughtUp: Ending = { kind: 'listed', reason: '' }
  let ending: Ending = caughtUp
  for (let i = 0; i < maxWatches; i++) {
    if (Number(state.resourceVersion) >= Number(until)) return { ending: caughtUp }
    const result = await watch(state, { kind: 'watch', resourceVersion: state.resourceVersion, until }, attempt)
    ;({ ending } = result)
    // What there is to be replayed comes first: a watch that ends in order without any had nothing.
    if (result.isClosedInOrder && result.delivered === 0) return { ending: caughtUp }
    if (ending.kind !== 'ended') return { ending }
  }
  return { ending: { ...ending, reason: 'the watch does not come to the present' } }
}

/** What may pass is tried again: a connection that broke, a server that was away or busy. */
function broken(step: ResumeStep, outcome: ResumeOutcome, ending: Ending, delivered: number): ResumeResult {
  const result: ResumeResult = { ending, list: 'broken', delivered, outcome }
  const isOutage = ending.kind === 'unreachable' || ending.kind === 'unavailable'
  const mayPass = isOutage || ending.kind === 'ended' || ending.kind === 'throttled' || ending.kind === 'silent'
  const attempts = step.attempts + (isOutage ? 0 : 1)
  return mayPass && attempts < maxAttempts ? { ...result, again: { ...step, attempts } } : result
}
