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

/** Which state is listed: at least so recent (any, the present one if empty), or exactly that of a revision. */
export type ListedState = { readonly atLeast: string } | { readonly exactly: string }

/** How the pages of a list have ended. */
export interface PagesRead {
  readonly ending: Ending
  readonly delivered: number
  /** That of the list; empty unless it is complete. */
  readonly resourceVersion: string
}

/** Lists until all pages are read, and then knows from where to watch. `atLeast` is the oldest state that will do. */
export async function list<T extends KubernetesObject>(
  state: ReflectorState<T>,
  atLeast: string,
  attempt: AbortController,
): Promise<AttemptResult> {
  const { ending, delivered, resourceVersion } = await readPages(state, { atLeast }, attempt)
  if (ending.kind !== 'listed') return { ending, list: 'broken', delivered }
  state.completeList(resourceVersion)
  return { ending, list: 'complete', delivered }
}

/** Reports the objects of all pages; the caller decides what a complete list means. */
export async function readPages<T extends KubernetesObject>(
  state: ReflectorState<T>,
  listed: ListedState,
  attempt: AbortController,
): Promise<PagesRead> {
  const { target, options, context } = state.parts
  const { apiVersion, kind } = target
  const progress: Progress = { delivered: 0, continueToken: '', resourceVersion: '' }
  for (;;) {
    const ending = await readPage(state, progress, listed, attempt)
    context.metrics.listRequest({ apiVersion, kind, result: ending.kind === 'listed' ? 'success' : 'error' })
    const { delivered, resourceVersion } = progress
    if (ending.kind !== 'listed') return { ending, delivered, resourceVersion: '' }
    if (progress.continueToken === '' || isLimitReached(options, progress))
      return { ending, delivered, resourceVersion }
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

function versionQuery(listed: ListedState): object {
  if ('exactly' in listed) return { resourceVersion: listed.exactly, resourceVersionMatch: 'Exact' }
  return listed.atLeast === '' ? {} : { resourceVersion: listed.atLeast, resourceVersionMatch: 'NotOlderThan' }
}

function readPage<T extends KubernetesObject>(
  state: ReflectorState<T>,
  progress: Progress,
  listed: ListedState,
  attempt: AbortController,
): Promise<Ending> {
  const { target, scope, options, form, context } = state.parts
  const isFirst = progress.continueToken === ''
  const query = {
    limit: pageSize(options, progress),
    continue: isFirst ? undefined : progress.continueToken,
    fieldSelector: scope.fieldSelector,
    labelSelector: scope.labelSelector,
    shardSelector: scope.shardSelector,
    ...(isFirst ? versionQuery(listed) : {}),
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
      received: (bytes) => context.metrics.bytesRead({ resource: target.plural, bytes }),
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

/** The present resourceVersion, or why it could not be read. No object is reported. */
export async function readPresentVersion<T extends KubernetesObject>(
  { parts }: ReflectorState<T>,
  attempt: AbortController,
): Promise<Ending | { readonly resourceVersion: string }> {
  const { target, scope, options, form, context } = parts
  const query = { limit: 1, fieldSelector: scope.fieldSelector, labelSelector: scope.labelSelector }
  let reader: ReturnType<typeof form.listReader>
  let resourceVersion = ''
  const ending = await readStream<T>(
    context,
    {
      request: { path: collectionPath(target, scope), query, accept: form.listAccept },
      timeoutMs: () => options.silentTimeoutMs,
      open: ({ contentType }) => (reader = form.listReader(contentType)),
      take: () => undefined,
      received: (bytes) => context.metrics.bytesRead({ resource: target.plural, bytes }),
      close() {
        const { metadata, status } = reader.end()
        if (status) return endingOfStatus(status.code, status)
        ;({ resourceVersion } = metadata)
        return { kind: 'listed', reason: '' }
      },
    },
    attempt,
  )
  return ending.kind === 'listed' ? { resourceVersion } : ending
}
