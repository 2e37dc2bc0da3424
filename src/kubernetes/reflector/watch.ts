/** One watch, or one streaming list that continues as a watch, from its request to its end. */

import type { KubernetesObject } from '../../schemas/object-meta.ts'
import type { ApiRequest } from '../api-client.ts'
import { DecodeError } from '../decode/decode-error.ts'
import type { WatchEvent } from '../decode/stream-forms.ts'
import type { Ending } from './endings.ts'
import { endingOfStatus } from './endings.ts'
import type { AttemptResult, Step } from './next-step.ts'
import type { ReflectorState } from './reflector-state.ts'
import { readStream } from './stream.ts'
import { collectionPath } from './target.ts'

type WatchStep = Exclude<Step, { readonly kind: 'resume' }>

/** A streaming list without data for so long comes from a server that does not know streaming lists. */
const listSilenceMs = 30_000

/** Watches from a resourceVersion; for a list step, streams the list first. */
export async function watch<T extends KubernetesObject>(
  state: ReflectorState<T>,
  step: WatchStep,
  attempt: AbortController,
): Promise<AttemptResult> {
  const { target, scope, options, form, context } = state.parts
  const { metrics } = context
  const { apiVersion, kind } = target
  const progress: Progress = { list: step.kind === 'list' ? 'broken' : 'none', delivered: 0, isClosedInOrder: false }
  const timeoutMs = () =>
    progress.list === 'broken' ? Math.min(listSilenceMs, options.silentTimeoutMs) : options.silentTimeoutMs
  let isAnswered = false
  const ending = await readStream<WatchEvent<T>>(
    context,
    {
      request: { path: collectionPath(target, scope), query: watchQuery(state, step), accept: form.watchAccept },
      timeoutMs,
      open({ contentType }) {
        const reader = form.watchReader(contentType)
        isAnswered = true
        metrics.watchRequest({ apiVersion, kind, result: 'success' })
        state.answered()
        if (step.kind === 'list') state.beginList()
        return reader
      },
      take: (event) => takeEvent(state, progress, event) ?? endAt(state, step),
      received: (bytes) => metrics.bytesRead({ resource: target.plural, bytes }),
      close() {
        progress.isClosedInOrder = true
        return { kind: 'ended', reason: 'the server closed the stream' }
      },
    },
    attempt,
  )
  if (!isAnswered) metrics.watchRequest({ apiVersion, kind, result: 'error' })
  const isUnsupported = step.kind === 'list' && !isAnswered && ending.kind === 'invalid'
  return { ending: isUnsupported ? { ...ending, kind: 'unsupported' } : ending, ...progress }
}

interface Progress {
  list: AttemptResult['list']
  delivered: number
  isClosedInOrder: boolean
}

/** A watch of more than two seconds gets a bookmark two seconds before its end, also when nothing changes. */
const shortWatchSeconds = 3

function endAt<T extends KubernetesObject>(state: ReflectorState<T>, step: WatchStep): Ending | undefined {
  if (step.kind !== 'watch' || step.until === undefined) return undefined
  if (Number(state.resourceVersion) < Number(step.until)) return undefined
  return { kind: 'ended', reason: 'the watch has come to the present' }
}

/** The server ends watches after a random time, so that they are not all opened again at the same time. */
function watchQuery<T extends KubernetesObject>(
  { parts: { scope, context } }: ReflectorState<T>,
  step: WatchStep,
): NonNullable<ApiRequest['query']> {
  const always = {
    watch: 'true',
    allowWatchBookmarks: 'true',
    timeoutSeconds: 300 + Math.floor(context.random() * 301),
    fieldSelector: scope.fieldSelector,
    labelSelector: scope.labelSelector,
    shardSelector: scope.shardSelector,
  }
  if (step.kind === 'watch') {
    const { resourceVersion, until } = step
    return until === undefined
      ? { ...always, resourceVersion }
      : { ...always, resourceVersion, timeoutSeconds: shortWatchSeconds }
  }
  const resourceVersion = step.atLeast === '' ? undefined : step.atLeast
  return { ...always, sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan', resourceVersion }
}

function takeEvent<T extends KubernetesObject>(
  state: ReflectorState<T>,
  progress: Progress,
  event: WatchEvent<T> | DecodeError,
): Ending | undefined {
  if (event instanceof DecodeError) return state.leaveOut(event)
  const { context, target } = state.parts
  context.metrics.watchEvent({ resource: target.plural, event: event.type.toLowerCase() })
  if (event.type === 'ERROR') return endingOfStatus(event.status.code, event.status)
  progress.delivered += 1
  if (event.type === 'BOOKMARK') takeBookmark(state, progress, event)
  else {
    if (event.type === 'DELETED') state.deleted(event.object)
    else state.upserted(event.object)
    if (progress.list !== 'broken') state.resumeFrom(event.object.metadata.resourceVersion)
  }
  return undefined
}

/** Before the list is complete no resourceVersion is good to resume from: its objects come in no order. */
function takeBookmark<T extends KubernetesObject>(
  state: ReflectorState<T>,
  progress: Progress,
  { resourceVersion, initialEventsEnd }: WatchEvent<T> & { type: 'BOOKMARK' },
): void {
  if (progress.list !== 'broken') state.resumeFrom(resourceVersion)
  else if (initialEventsEnd) {
    progress.list = 'complete'
    state.parts.context.traits.streamedLists = 'complete'
    state.completeList(resourceVersion)
  }
}
