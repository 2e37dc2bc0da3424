/** One scrape of a metrics page, and how many series it has. The page is not kept: it can have gigabytes. */

import { request } from 'node:http'

export interface Scrape {
  readonly seconds: number
  /** As sent. */
  readonly bytes: number
  /** Undefined for a compressed page. */
  readonly series: number | undefined
}

/** With `gzip`, the page is asked for compressed. */
export function scrape(url: string, gzip: boolean): Promise<Scrape> {
  const startedMs = performance.now()
  const headers = gzip ? { 'accept-encoding': 'gzip' } : {}
  return new Promise((resolve, reject) => {
    request(url, { headers }, (response) => {
      const counter = createSeriesCounter()
      const isPlain = response.headers['content-encoding'] === undefined
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (isPlain) counter.add(chunk)
      })
      response.on('error', reject)
      response.on('end', () => {
        const seconds = (performance.now() - startedMs) / 1000
        resolve({ seconds, bytes, series: isPlain ? counter.series : undefined })
      })
    })
      .on('error', reject)
      .end()
  })
}

/** Counts the lines of a page that are neither empty nor comments. */
export function createSeriesCounter() {
  let series = 0
  let isLineStart = true
  return {
    add(chunk: Buffer): void {
      for (let at = 0; at < chunk.length; ) {
        if (isLineStart && chunk[at] !== 35 && chunk[at] !== 10) series++
        const end = chunk.indexOf(10, at)
        isLineStart = end >= 0
        at = isLineStart ? end + 1 : chunk.length
      }
    },
    get series() {
      return series
    },
  }
}
