/** Reads one response body: chunks, silence, time slices. The content is the business of the reader that is passed in. */

import type { Readable } from 'node:stream'
import type { TimeSlices } from '../../time/time-slices.ts'
import { Watchdog } from '../../time/watchdog.ts'
import type { ApiAnswer, ApiRequest } from '../api-client.ts'
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
  /** The stream is closed after this long without data; read again each time. */
  timeoutMs(): number
  /** Called when the server has answered with success. */
  open(answer: ApiAnswer): ChunkReader<E>
  /** Takes what was read. An ending is returned to read no further. */
  take(element: E | DecodeError): Ending | undefined
  /** Called for each chunk, with its size after decompression. */
  received(bytes: number): void
  /** Called when the body came to its end; what it throws is an ending too. */
  close(): Ending
}

/** Reads a stream to its ending. Aborting `attempt` ends it early; a silence aborts it. Never rejects. */
export async function readStream<E>(
  { client, clock, slices }: Pick<ReflectorContext, 'client' | 'clock' | 'slices'>,
  stream: StreamRequest<E>,
  attempt: AbortController,
): Promise<Ending> {
  let isSilent = false
  const watchdog = new Watchdog(
    clock,
    () => stream.timeoutMs(),
    () => {
      isSilent = true
      attempt.abort()
    },
  )
  let isAnswered = false
  try {
    const answer = await client.send({ ...stream.request, signal: attempt.signal })
    isAnswered = true
    const reader = openOrLeave(answer, stream)
    const ending = await new BodyReading(answer.body, reader, stream, { slices, watchdog, attempt }).ended
    return ending ?? stream.close()
  } catch (failure) {
    if (isSilent) return { kind: 'silent', reason: `no data for ${stream.timeoutMs() / 1000} s` }
    return endingOfFailure(failure, isAnswered)
  } finally {
    watchdog.stop()
  }
}

/** An unread body would stay open, and occupy a stream of the session, for as long as the server sends. */
function openOrLeave<E>(answer: ApiAnswer, stream: StreamRequest<E>): ChunkReader<E> {
  try {
    return stream.open(answer)
  } catch (failure) {
    answer.body.destroy()
    throw failure
  }
}

interface ReadingParts {
  readonly slices: TimeSlices
  readonly watchdog: Watchdog
  readonly attempt: AbortController
}

/**
 * Processes the elements of each chunk in time slices. By events, since the async iterator of a stream retains several times
 * as much for as long as a watch is open.
 */
class BodyReading<E> {
  /** The first ending that `take` returns, undefined at the end of the body; rejects when it breaks off or is malformed. */
  readonly ended: Promise<Ending | undefined>
  readonly #body: Readable
  readonly #reader: ChunkReader<E>
  readonly #stream: StreamRequest<E>
  readonly #parts: ReadingParts
  #elements: Iterator<E | DecodeError> | undefined
  #hasEnded = false
  #isOver = false
  #resolve: (ending: Ending | undefined) => void
  #reject: (failure: unknown) => void

  constructor(body: Readable, reader: ChunkReader<E>, stream: StreamRequest<E>, parts: ReadingParts) {
    this.#body = body
    this.#reader = reader
    this.#stream = stream
    this.#parts = parts
    const { promise, resolve, reject } = Promise.withResolvers<Ending | undefined>()
    this.ended = promise
    this.#resolve = resolve
    this.#reject = reject
    body.on('data', (chunk) => this.#read(chunk))
    body.on('end', () => this.#end())
    // Stays: an error after the end must not end the process.
    body.on('error', (failure) => this.#fail(failure))
    body.on('close', () => this.#close())
  }

  #read(chunk: Uint8Array): void {
    if (this.#isOver) return
    this.#stream.received(chunk.length)
    this.#elements = this.#reader.read(chunk)[Symbol.iterator]()
    this.#advance()
  }

  #advance(): void {
    try {
      while (this.#elements && !this.#parts.slices.isSpent()) {
        const { done, value } = this.#elements.next()
        const ending = done ? this.#finishChunk() : this.#take(value)
        if (ending) this.#leave(ending)
      }
      if (this.#elements) this.#pause()
    } catch (failure) {
      this.#fail(failure)
    }
  }

  #take(element: E | DecodeError): Ending | undefined {
    return this.#parts.attempt.signal.aborted ? stopped : this.#stream.take(element)
  }

  #finishChunk(): undefined {
    this.#elements = undefined
    this.#parts.watchdog.touch()
    if (this.#hasEnded) this.#resolve(undefined)
    else this.#body.resume()
  }

  #pause(): void {
    this.#body.pause()
    void this.#parts.slices.next().then(() => this.#advance())
  }

  #leave(ending: Ending): void {
    this.#stop()
    this.#resolve(ending)
  }

  #fail(failure: unknown): void {
    this.#stop()
    this.#reject(failure)
  }

  #stop(): void {
    this.#isOver = true
    this.#elements = undefined
    this.#body.destroy()
  }

  /** Comes while the last chunk is still processed, if that takes more than a time slice. */
  #end(): void {
    this.#hasEnded = true
    if (!this.#elements) this.#resolve(undefined)
  }

  #close(): void {
    if (!this.#hasEnded) this.#fail(new Error('the connection was closed'))
  }
}

const stopped: Ending = { kind: 'ended', reason: 'stopped' }
