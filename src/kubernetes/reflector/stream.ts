/** Reads one response body: chunks, silence, time slices. The content is the business of the reader that is passed in. */

import type { Readable } from 'node:stream'
import type { ApiAnswer, ApiRequest } from '../api-client.ts'
import { createWatchdog } from '../clock.ts'
import type { DecodeError } from '../decode/decode-error.ts'
import type { TimeSlices } from '../time-slices.ts'
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
  /** The stream is closed after this long without data; read again each time. */
  timeoutMs(): number
  /** Called when the server has answered with success. */
  open(answer: ApiAnswer): ChunkReader<E>
  /** Takes what was read. An ending is returned to read no further. */
  take(element: E | DecodeError): Ending | undefined
  /** Called when the body came to its end; what it throws is an ending too. */
  close(): Ending
}

/** Reads a stream to its ending. Aborting `attempt` ends it early; a silence aborts it. Never rejects. */
export async function readStream<E>(
  { client, clock, slices }: Pick<ReflectorContext, 'client' | 'clock' | 'slices'>,
  { request, timeoutMs, open, take, close }: StreamRequest<E>,
  attempt: AbortController,
): Promise<Ending> {
  let isSilent = false
  const watchdog = createWatchdog(clock, timeoutMs, () => {
    isSilent = true
    attempt.abort()
  })
  let isAnswered = false
  try {
    const answer = await client.send({ ...request, signal: attempt.signal })
    isAnswered = true
    const reader = openOrLeave(answer, open)
    const process = (element: E | DecodeError) => (attempt.signal.aborted ? stopped : take(element))
    const ending = await readChunks(answer.body, slices, (chunk) => reader.read(chunk), process, watchdog.touch)
    return ending ?? close()
  } catch (failure) {
    if (isSilent) return { kind: 'silent', reason: `no data for ${timeoutMs() / 1000} s` }
    return endingOfFailure(failure, isAnswered)
  } finally {
    watchdog.stop()
  }
}

const stopped: Ending = { kind: 'ended', reason: 'stopped' }

/** An unread body would stay open, and occupy a stream of the session, for as long as the server sends. */
function openOrLeave<R>(answer: ApiAnswer, open: (answer: ApiAnswer) => R): R {
  try {
    return open(answer)
  } catch (failure) {
    answer.body.destroy()
    throw failure
  }
}

/**
 * Processes the elements of each chunk in time slices. Resolves with the first ending that `process` returns, or undefined at
 * the end of the body; rejects when the body breaks off or `read` throws. By events, since the async iterator of a stream
 * retains several times as much, for as long as a watch is open.
 */
function readChunks<E>(
  body: Readable,
  slices: TimeSlices,
  read: (chunk: Uint8Array) => Iterable<E>,
  process: (element: E) => Ending | undefined,
  onProcessed: () => void,
): Promise<Ending | undefined> {
  return new Promise((resolve, reject) => {
    let elements: Iterator<E> | undefined
    let hasEnded = false

    const leave = (settle: () => void): void => {
      elements = undefined
      body.off('data', onData)
      body.destroy()
      settle()
    }
    const onData = (chunk: Uint8Array): void => {
      elements = read(chunk)[Symbol.iterator]()
      advance()
    }
    const advance = (): void => {
      try {
        while (elements && !slices.isSpent()) {
          const { done, value } = elements.next()
          const ending = done ? undefined : process(value)
          if (done) finishChunk()
          if (ending) leave(() => resolve(ending))
        }
        if (elements) pause()
      } catch (failure) {
        leave(() => reject(failure))
      }
    }
    const pause = (): void => {
      body.pause()
      void slices.next().then(advance)
    }
    const finishChunk = (): void => {
      elements = undefined
      onProcessed()
      if (hasEnded) resolve(undefined)
      else body.resume()
    }

    body.on('data', onData)
    body.once('end', () => {
      hasEnded = true
      if (!elements) resolve(undefined)
    })
    // Stays: an error after the end must not end the process.
    body.on('error', (failure) => leave(() => reject(failure)))
    body.once('close', () => {
      if (!hasEnded) leave(() => reject(new Error('the connection was closed')))
    })
  })
}
