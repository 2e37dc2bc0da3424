/** Owns one watch stream, streaming lists among them, from its request to its ending. Refuses to reopen it. */

import type { KubernetesObject } from '../../schemas/object-meta.ts'
import type { ApiRequest } from '../api-client.ts'
import { DecodeError } from '../decode/decode-error.ts'
import type { WatchEvent } from '../decode/stream-forms.ts'
import type { Course, Passage } from './course.ts'
import type { Ending } from './endings.ts'
import { endingOfStatus } from './endings.ts'
import type { Reflection } from './reflection.ts'
import { readStream } from './stream.ts'
import { collectionPath } from './target.ts'

/** A streaming list in which nothing comes for so long comes from a server that does not know them. */
const listSilenceMs = 30_000

/** Watches from a resourceVersion; for a list course, streams the list first. */
export async function watch<T extends KubernetesObject>(
  reflection: Reflection<T>,
  course: Course,
  stop: AbortSignal,
): Promise<Omit<Passage, 'lastedMs'>> {
  const { target, scope, options, form, metrics } = reflection
  const { apiVersion, kind } = target
  const progress: Progress = { list: course.kind === 'list' ? 'broken' : 'none', delivered: 0 }
  const patienceMs = () =>
    progress.list === 'broken' ? Math.min(listSilenceMs, options.silentTimeoutMs) : options.silentTimeoutMs
  let isAnswered = false
  const ending = await readStream<WatchEvent<T>>(
    reflection,
    {
      request: { path: collectionPath(target, scope), query: watchQuery(reflection, course), accept: form.watchAccept },
      patienceMs,
      open({ contentType }) {
        const reader = form.watchReader(contentType)
        isAnswered = true
        metrics.watchRequest({ apiVersion, kind, result: 'success' })
        reflection.answered()
        if (course.kind === 'list') reflection.beginList()
        return reader
      },
      take: (event) => takeEvent(reflection, progress, event),
      close: () => ({ kind: 'ended', reason: 'the server closed the stream' }),
    },
    stop,
  )
  if (!isAnswered) metrics.watchRequest({ apiVersion, kind, result: 'error' })
  const isUnsupported = course.kind === 'list' && !isAnswered && ending.kind === 'rejected'
  return { ending: isUnsupported ? { ...ending, kind: 'unsupported' } : ending, ...progress }
}

interface Progress {
  list: Passage['list']
  delivered: number
}

/** The server ends watches after a random time, so that not all of them are opened anew at once. */
function watchQuery<T extends KubernetesObject>(
  { scope, random }: Reflection<T>,
  course: Course,
): NonNullable<ApiRequest['query']> {
  const always = {
    watch: 'true',
    allowWatchBookmarks: 'true',
    timeoutSeconds: 300 + Math.floor(random() * 301),
    fieldSelector: scope.fieldSelector,
  }
  if (course.kind === 'watch') return { ...always, resourceVersion: course.resourceVersion }
  const resourceVersion = course.atLeast === '' ? undefined : course.atLeast
  return { ...always, sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan', resourceVersion }
}

function takeEvent<T extends KubernetesObject>(
  reflection: Reflection<T>,
  progress: Progress,
  event: WatchEvent<T> | DecodeError,
): Ending | undefined {
  if (event instanceof DecodeError) return reflection.leaveOut(event)
  reflection.metrics.watchEvent({ resource: reflection.target.plural, event: event.type.toLowerCase() })
  if (event.type === 'ERROR') return endingOfStatus(event.status.code, event.status)
  progress.delivered += 1
  if (event.type === 'BOOKMARK') takeBookmark(reflection, progress, event)
  else {
    const { handlers } = reflection
    if (event.type === 'DELETED') handlers.deleted(event.object)
    else handlers.upserted(event.object)
    if (progress.list !== 'broken') reflection.resumeFrom(event.object.metadata.resourceVersion)
  }
  return undefined
}

/** Before the list is complete no resourceVersion is good to resume from: its objects come in no order. */
function takeBookmark<T extends KubernetesObject>(
  reflection: Reflection<T>,
  progress: Progress,
  { resourceVersion, initialEventsEnd }: WatchEvent<T> & { type: 'BOOKMARK' },
): void {
  if (progress.list !== 'broken') reflection.resumeFrom(resourceVersion)
  else if (initialEventsEnd) {
    progress.list = 'complete'
    reflection.completeList(resourceVersion)
  }
}
