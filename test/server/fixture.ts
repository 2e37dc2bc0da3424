/** Two running servers whose page counts the slices that are read, and a small client. */
import { once } from 'node:events'
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import { get, request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { PageRequest } from '../../src/server/metrics-server.ts'
import type { MetricsPage } from '../../src/server/page-writer.ts'
import type { ServersOptions } from '../../src/server/servers.ts'
import { createServers } from '../../src/server/servers.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { createSilentSelfMetrics } from '../../src/telemetry/self-metrics.ts'

export interface CountedPage {
  asked: PageRequest
  /** Slices read so far. */
  taken: number
  /** Times that its iterator came to an end or was closed. */
  ended: number
}

export const limits = { readHeaderMs: 5000, readMs: 60_000, writeMs: 60_000, idleMs: 300_000, maxConnections: 100 }

/** Starts both servers on free ports. `slices` yields the page of a request. */
export async function startServers(
  slices: (asked: PageRequest) => Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  options: Partial<ServersOptions> = {},
) {
  const pages: CountedPage[] = []
  const scrapes: { outcome: string; bytes: number }[] = []
  const records: Record<string, unknown>[] = []
  const servers = await createServers({
    version: '1.2.3',
    log: createLog({
      level: 'debug',
      format: 'json',
      destination: { write: (line) => void records.push(JSON.parse(line)) },
    }),
    metrics: { ...createSilentSelfMetrics(), scrape: (report) => void scrapes.push(report) },
    metricsListen: { host: '127.0.0.1', port: 0 },
    telemetryListen: { host: '127.0.0.1', port: 0 },
    openPage: (asked) => openCountedPage(asked, slices(asked), pages),
    gzip: false,
    limits,
    scrapes: { running: 4, queued: 8, queuedMs: 10_000 },
    selfPage: async () => 'self 1\n',
    readiness: () => ({ ready: true, lines: [] }),
    ...options,
  })
  const url = (path: string, { host, port } = servers.metricsAddress) => `http://${host}:${port}${path}`
  return { ...servers, pages, scrapes, records, url, selfUrl: (path: string) => url(path, servers.telemetryAddress) }
}

function openCountedPage(
  asked: PageRequest,
  slices: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  pages: CountedPage[],
): MetricsPage {
  const page: CountedPage = { asked, taken: 0, ended: 0 }
  pages.push(page)
  async function* count() {
    try {
      for await (const slice of slices) {
        page.taken += 1
        yield slice
      }
    } finally {
      page.ended += 1
    }
  }
  return { contentType: `test/${asked.format}`, slices: count() }
}

export interface Answer {
  status: number | undefined
  headers: IncomingMessage['headers']
  body: Buffer
}

/** Sends a request on a connection of its own and reads the whole response. */
export async function ask(url: string, options: RequestOptions = {}): Promise<Answer> {
  const asked = request(url, { agent: false, ...options }).end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  return { status: response.statusCode, headers: response.headers, body: await buffer(response) }
}

/** Sends a request and reads only the headers of the response: the body stays unread until `response` is resumed. */
export async function askWithoutReading(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ asked: ClientRequest; response: IncomingMessage }> {
  const asked = get(url, { agent: false, headers })
  asked.on('error', () => undefined)
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  response.on('error', () => undefined)
  return { asked, response }
}
