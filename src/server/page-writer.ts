/** Writes a page from its slices to a socket, at the pace of the reader. It holds one slice at most. */
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import { constants, createGzip } from 'node:zlib'
import type { ScrapeOutcome } from '../telemetry/self-metrics.ts'

/** A page about to be written. */
export interface MetricsPage {
  contentType: string
  /** The page in order. The producer does not touch a slice again; an iterator that is not taken to its end is closed. */
  slices: Iterable<Uint8Array> | AsyncIterable<Uint8Array>
  /** Takes back the memory of a slice that was sent. */
  release?(slice: Uint8Array): void
}

export interface PageWriterOptions {
  gzip: boolean
  /** Hears when the reader stops reading and when it reads again. */
  reader: { stall(): void; resume(): void }
}

/** How the writing ended; `bytes` were taken from the page, before compression. */
export interface PageResult {
  outcome: Exclude<ScrapeOutcome, 'refused'>
  bytes: number
  /** What the page threw, when the outcome is `failed`. */
  error?: unknown
}

/** A reader that has not taken a slice after this long has stalled. */
const stallMs = 1000

/**
 * Writes the slices to `response`, whose head is written already, and ends it. One slice is taken at a time, with a yield
 * to the event loop after each, and none is taken while the client does not read. A page that fails closes the
 * connection, so that no scraper takes half a page for a whole one. Never rejects.
 */
export async function writePage(
  page: MetricsPage,
  response: ServerResponse,
  { gzip, reader }: PageWriterOptions,
): Promise<PageResult> {
  const gone = new AbortController()
  let timedOut = false
  let bytes = 0
  response.once('timeout', () => {
    timedOut = true
  })
  response.once('close', () => gone.abort())
  if (response.destroyed) gone.abort()
  const sink = gzip ? compressInto(response, gone.signal) : response
  const readerTakes = async (event: 'drain' | 'finish', of: NodeJS.EventEmitter): Promise<void> => {
    const stallTimer = setTimeout(() => reader.stall(), stallMs)
    try {
      await once(of, event, { signal: gone.signal })
    } finally {
      clearTimeout(stallTimer)
      reader.resume()
    }
  }
  try {
    for await (const slice of page.slices) {
      if (gone.signal.aborted) break
      bytes += slice.length
      if (!sink.write(slice, () => page.release?.(slice))) await readerTakes('drain', sink)
      await setImmediate()
    }
    if (!gone.signal.aborted) {
      sink.end()
      await readerTakes('finish', response)
      return { outcome: 'complete', bytes }
    }
  } catch (error) {
    if (!gone.signal.aborted) {
      response.destroy()
      return { outcome: 'failed', bytes, error }
    }
  }
  return { outcome: timedOut ? 'timeout' : 'aborted', bytes }
}

/** Level 1: a page is written once, and higher levels cost several times the CPU for little. */
function compressInto(response: ServerResponse, gone: AbortSignal) {
  const gzip = createGzip({ level: constants.Z_BEST_SPEED })
  gzip.once('error', () => response.destroy())
  gzip.pipe(response)
  gone.addEventListener('abort', () => gzip.destroy())
  return gzip
}
