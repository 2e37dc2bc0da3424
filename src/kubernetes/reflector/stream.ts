/** Reads one response body: chunks, silence, time slices. The content is the business of the reader that is passed in. */

import type { ApiAnswer, ApiRequest } from '../api-client.ts'
import { createWatchdog } from '../clock.ts'
import type { DecodeError } from '../decode/decode-error.ts'
import type { Ending } from './endings.ts'
import { endingOfFailure } from './endings.ts'
import type { ReflectorContext } from './target.ts'

/** What reads the chunks: the readers of lists and watches. */
interface ChunkReader<E> {
  read(chunk: Uint8Array): Iterable<E | DecodeError>
}

/** One request whose body is a stream. */
export interface StreamRequest<E> {
  readonly request: Omit<ApiRequest, 'signal'>
  /** The stream is given up after this long without data; read again each time. */
  patienceMs(): number
  /** Called when the server has answered with success. */
  open(answer: ApiAnswer): ChunkReader<E>
  /** Takes what was read. An ending is returned to read no further. */
  take(element: E | DecodeError): Ending | undefined
  /** Called when the body came to its end; what it throws is an ending too. */
  close(): Ending
}

/** Reads a stream to its ending; `stop` ends it early. Never rejects. */
export async function readStream<E>(
  { client, clock, slices }: Pick<ReflectorContext, 'client' | 'clock' | 'slices'>,
  { request, patienceMs, open, take, close }: StreamRequest<E>,
  stop: AbortSignal,
): Promise<Ending> {
  const giveUp = new AbortController()
  const watchdog = createWatchdog(clock, patienceMs, () => giveUp.abort())
  let isAnswered = false
  try {
    const answer = await client.send({ ...request, signal: AbortSignal.any([stop, giveUp.signal]) })
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
