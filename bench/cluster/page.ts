/** One scrape of a metrics page, and how many series it has. */

import { request } from 'node:http'
import { gunzipSync } from 'node:zlib'

export interface Scrape {
  readonly seconds: number
  /** As sent. */
  readonly bytes: number
  readonly series: number
}

/** With `gzip`, the page is asked for compressed; the time ends before it is decompressed here. */
export async function scrape(url: string, gzip: boolean): Promise<Scrape> {
  const startedMs = performance.now()
  const { body, encoding } = await download(url, gzip)
  const seconds = (performance.now() - startedMs) / 1000
  return { seconds, bytes: body.length, series: countSeries(encoding === 'gzip' ? gunzipSync(body) : body) }
}

function download(url: string, gzip: boolean): Promise<{ body: Buffer; encoding: string | undefined }> {
  const headers = gzip ? { 'accept-encoding': 'gzip' } : {}
  return new Promise((resolve, reject) => {
    request(url, { headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => resolve({ body: Buffer.concat(chunks), encoding: response.headers['content-encoding'] }))
    })
      .on('error', reject)
      .end()
  })
}

/** Lines that are neither empty nor comments. */
export function countSeries(page: Buffer): number {
  let series = 0
  for (let at = 0; at < page.length; ) {
    const end = page.indexOf(10, at)
    const next = end < 0 ? page.length : end + 1
    if (page[at] !== 35 && page[at] !== 10) series++
    at = next
  }
  return series
}
