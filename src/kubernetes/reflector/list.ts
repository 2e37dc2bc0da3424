/** One list in pages, up to its last page or the first error. */

import type { KubernetesObject } from '../../schemas/object-meta.ts'
import { DecodeError } from '../decode/decode-error.ts'
import type { Ending } from './endings.ts'
import { endingOfStatus } from './endings.ts'
import type { AttemptResult } from './next-step.ts'
import type { ReflectorState } from './reflector-state.ts'
import { readStream } from './stream.ts'
import type { ReflectorOptions } from './target.ts'
import { collectionPath } from './target.ts'

/** Lists until all pages are read, and then knows from where to watch. `atLeast` is the oldest state that will do. */
export async function list<T extends KubernetesObject>(
  state: ReflectorState<T>,
  atLeast: string,
  attempt: AbortController,
): Promise<AttemptResult> {
  const { target, options, context } = state.parts
  const { apiVersion, kind } = target
  const progress: Progress = { delivered: 0, continueToken: '', resourceVersion: '' }
  for (;;) {
    const ending = await readPage(state, progress, atLeast, attempt)
    context.metrics.listRequest({ apiVersion, kind, result: ending.kind === 'listed' ? 'success' : 'error' })
    if (ending.kind !== 'listed') return { ending, list: 'broken', delivered: progress.delivered }
    if (progress.continueToken !== '' && !isLimitReached(options, progress)) continue
    state.completeList(progress.resourceVersion)
    return { ending, list: 'complete', delivered: progress.delivered }
  }
}

/** A page, or what is left up to the limit. */
function pageSize({ pageLimit, objectLimit = 0 }: ReflectorOptions, { delivered }: Progress): number {
  return objectLimit > 0 ? Math.min(pageLimit, objectLimit - delivered) : pageLimit
}

function isLimitReached({ objectLimit = 0 }: ReflectorOptions, { delivered }: Progress): boolean {
  return objectLimit > 0 && delivered >= objectLimit
}

interface Progress {
  delivered: number
  continueToken: string
  resourceVersion: string
}

function readPage<T extends KubernetesObject>(
  state: ReflectorState<T>,
  progress: Progress,
  atLeast: string,
  attempt: AbortController,
): Promise<Ending> {
  const { target, scope, options, form, context } = state.parts
  const isFirst = progress.continueToken === ''
  const from = isFirst && atLeast !== '' ? { resourceVersion: atLeast, resourceVersionMatch: 'NotOlderThan' } : {}
  const query = {
    limit: pageSize(options, progress),
    continue: isFirst ? undefined : progress.continueToken,
    fieldSelector: scope.fieldSelector,
    labelSelector: scope.labelSelector,
    ...from,
  }
  let reader: ReturnType<typeof form.listReader>
  return readStream<T>(
    context,
    {
      request: { path: collectionPath(target, scope), query, accept: form.listAccept, gzip: options.gzip },
      timeoutMs: () => options.silentTimeoutMs,
      open({ contentType }) {
        reader = form.listReader(contentType)
        state.answered()
        if (isFirst) state.beginList()
        return reader
      },
      take(element) {
        if (element instanceof DecodeError) return state.leaveOut(element)
        progress.delivered += 1
        state.upserted(element)
        return undefined
      },
      close() {
        const { metadata, status } = reader.end()
        if (status) return endingOfStatus(status.code, status)
        progress.continueToken = metadata.continue
        progress.resourceVersion = metadata.resourceVersion
        return { kind: 'listed', reason: '' }
      },
    },
    attempt,
  )
}
