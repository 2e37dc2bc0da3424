/** Reads one response body: chunks, silence, time slices. The content is the business of the reader that is passed in. */

import type { KubernetesObject } from '../../schemas/object-meta.ts'
import type { ApiAnswer, ApiRequest } from '../api-client.ts'
import { createWatchdog } from '../clock.ts'
import type { DecodeError } from '../decode/decode-error.ts'
import type { Ending } from './endings.ts'
import { endingOfFailure } from './endings.ts'
import type { ReflectorContext, ReflectorHandlers } from './target.ts'

/** What reads the chunks: the readers of lists and watches. */
interface ChunkReader<E> {
  read(chunk: Uint8Array): Iterable<E | DecodeError>
}

/** One request whose body is a stream. */
export interface StreamRequest<E> {
  readonly request: Omit<ApiRequest, 'signal'>
  /** After how long a silence the stream is given up; asked again while it lasts. */
  patienceMs(): number
  /** Called when the server has said yes. */
  open(answer: ApiAnswer): ChunkReader<E>
  /** Takes what was read. An ending is returned to read no further. */
  take(element: E | DecodeError): Ending | undefined
  /** Called when the body came to its end; what it throws is an ending too. */
  close(): Ending
}

/** A handler failed: not the server's doing, and not to be survived as if it were. */
class HandlerFailure extends Error {}

/** Reads a stream to its ending; `stop` ends it early. Rejects only with what a guarded handler has thrown. */
export async function readStream<E>(
  { client, clock, slices }: Pick<ReflectorContext, 'client' | 'clock' | 'slices'>,
  { request, patienceMs, open, take, close }: StreamRequest<E>,
  stop: AbortSignal,
): Promise<Ending> {
  const giveUp = new AbortController()
  const watchdog = createWatchdog(clock, patienceMs, () => giveUp.abort())
  let isAnswered = false
  try {
    const answer = await client.get({ ...request, signal: AbortSignal.any([stop, giveUp.signal]) })
    isAnswered = true
    const reader = openOrLeave(answer, open)
    for await (const chunk of answer.body) {
      for (const element of reader.read(chunk)) {
        if (slices.isSpent()) await slices.next()
        if (stop.aborted) return { kind: 'ended', reason: 'stopped' }
        const ending = take(element)
        if (ending) return ending
      }
      watchdog.heard()
    }
    return close()
  } catch (failure) {
    if (failure instanceof HandlerFailure) throw failure.cause
    if (giveUp.signal.aborted) return { kind: 'silent', reason: `nothing came for ${patienceMs() / 1000} s` }
    return endingOfFailure(failure, isAnswered)
  } finally {
    watchdog.stop()
  }
}

/** A body that nobody will read would stay open, and hold its stream of the session, for as long as the server sends. */
function openOrLeave<R>(answer: ApiAnswer, open: (answer: ApiAnswer) => R): R {
  try {
    return open(answer)
  } catch (failure) {
    answer.body.destroy()
    throw failure
  }
}

/** The same handlers, whose failures pass through a stream's machinery as what they are. */
export function guardHandlers<T extends KubernetesObject>(handlers: ReflectorHandlers<T>): ReflectorHandlers<T> {
  const guard =
    <A extends unknown[]>(handle: (...told: A) => void) =>
    (...told: A): void => {
      try {
        handle(...told)
      } catch (failure) {
        throw new HandlerFailure('a handler failed', { cause: failure })
      }
    }
  return {
    listBegan: guard(() => handlers.listBegan()),
    upserted: guard((object) => handlers.upserted(object)),
    deleted: guard((object) => handlers.deleted(object)),
    listEnded: guard(() => handlers.listEnded()),
  }
}
