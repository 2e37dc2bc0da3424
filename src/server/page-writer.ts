/** Owns the way of a page from its slices to a socket, at the pace of the reader. Refuses to hold more than one slice itself. */
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import { constants, createGzip } from 'node:zlib'
import type { ScrapeOutcome } from '../telemetry/self-metrics.ts'

/** A page about to be written. Whoever opened it calls `done` once, whether or not the slices were all taken. */
export interface MetricsPage {
  contentType: string
  /** The page in order. A slice is not touched by its producer until the next one is asked for, nor after that. */
  slices: Iterable<Uint8Array> | AsyncIterable<Uint8Array>
  done(): void
}

export interface PageWriterOptions {
  gzip: boolean
  /** A client that takes no byte for this long is cut off. */
  writeTimeoutMs: number
}

/** How the writing ended; `bytes` were taken from the page, before compression. */
export interface PageResult {
  outcome: Exclude<ScrapeOutcome, 'refused'>
  bytes: number
  /** What the page threw, when the outcome is `failed`. */
  error?: unknown
}

/**
 * Writes the slices to `response`, whose head is written already, and ends it. One slice is taken at a time, the event loop
 * turns between them, and none is taken while the client does not read. A page that fails breaks the connection off, so
 * that no scraper takes half a page for a whole one. Never rejects; leaves `page.done` to the caller.
 */
export async function writePage(
  page: MetricsPage,
  response: ServerResponse,
  options: PageWriterOptions,
): Promise<PageResult> {
  const gone = new AbortController()
  let stalled = false
  let bytes = 0
  response.once('close', () => gone.abort())
  if (response.destroyed) gone.abort()
  response.setTimeout(options.writeTimeoutMs, () => {
    stalled = true
    response.destroy()
  })
  const sink = options.gzip ? compressInto(response, gone.signal) : response
  try {
    for await (const slice of page.slices) {
      if (gone.signal.aborted) break
      bytes += slice.length
      if (!sink.write(slice)) await once(sink, 'drain', { signal: gone.signal })
      await setImmediate()
    }
    if (!gone.signal.aborted) {
      const finished = once(response, 'finish', { signal: gone.signal })
      sink.end()
      await finished
      return { outcome: 'complete', bytes }
    }
  } catch (error) {
    if (!gone.signal.aborted) {
      response.destroy()
      return { outcome: 'failed', bytes, error }
    }
  }
  return { outcome: stalled ? 'stalled' : 'aborted', bytes }
}

/** Level 1: a page is written once, and higher levels cost several times the CPU for little. */
function compressInto(response: ServerResponse, gone: AbortSignal) {
  const gzip = createGzip({ level: constants.Z_BEST_SPEED })
  gzip.pipe(response)
  gone.addEventListener('abort', () => gzip.destroy())
  return gzip
}
