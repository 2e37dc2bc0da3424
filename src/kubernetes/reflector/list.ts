/** Owns a list in pages, up to its last page or what broke it. Refuses to start over. */

import type { KubernetesObject } from '../../schemas/object-meta.ts'
import { DecodeError } from '../decode/decode-error.ts'
import type { Passage } from './course.ts'
import type { Ending } from './endings.ts'
import { endingOfStatus } from './endings.ts'
import type { Reflection } from './reflection.ts'
import { readStream } from './stream.ts'
import type { ReflectorOptions } from './target.ts'
import { collectionPath } from './target.ts'

/** Lists until all pages are read, and then knows from where to watch. `atLeast` is the oldest state that will do. */
export async function list<T extends KubernetesObject>(
  reflection: Reflection<T>,
  atLeast: string,
  stop: AbortSignal,
): Promise<Omit<Passage, 'lastedMs'>> {
  const { apiVersion, kind } = reflection.target
  const progress: Progress = { delivered: 0, continueToken: '', resourceVersion: '' }
  for (;;) {
    const ending = await readPage(reflection, progress, atLeast, stop)
    reflection.metrics.listRequest({ apiVersion, kind, result: ending.kind === 'listed' ? 'success' : 'error' })
    if (ending.kind !== 'listed') return { ending, list: 'broken', delivered: progress.delivered }
    if (progress.continueToken !== '' && !isLimitReached(reflection.options, progress)) continue
    reflection.completeList(progress.resourceVersion)
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
  reflection: Reflection<T>,
  progress: Progress,
  atLeast: string,
  stop: AbortSignal,
): Promise<Ending> {
  const { target, scope, options, form } = reflection
  const isFirst = progress.continueToken === ''
  const from = isFirst && atLeast !== '' ? { resourceVersion: atLeast, resourceVersionMatch: 'NotOlderThan' } : {}
  const query = {
    limit: pageSize(options, progress),
    continue: isFirst ? undefined : progress.continueToken,
    fieldSelector: scope.fieldSelector,
    ...from,
  }
  let reader: ReturnType<typeof form.listReader>
  return readStream<T>(
    reflection,
    {
      request: { path: collectionPath(target, scope), query, accept: form.listAccept, gzip: options.gzip },
      patienceMs: () => options.silentTimeoutMs,
      open({ contentType }) {
        reader = form.listReader(contentType)
        reflection.answered()
        if (isFirst) reflection.beginList()
        return reader
      },
      take(element) {
        if (element instanceof DecodeError) return reflection.leaveOut(element)
        progress.delivered += 1
        reflection.handlers.upserted(element)
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
    stop,
  )
}
