/** Owns two running servers over a page that counts what is taken from it, and a small client. Refuses assertions. */
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
  /** Slices taken so far. */
  taken: number
  /** Times that the server said it is done. */
  done: number
}

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
    resourceNames: () => new Set(['pods', 'nodes', 'deployments']),
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
  const page: CountedPage = { asked, taken: 0, done: 0 }
  pages.push(page)
  async function* count() {
    for await (const slice of slices) {
      page.taken += 1
      yield slice
    }
  }
  const done = (): void => {
    page.done += 1
  }
  return { contentType: `test/${asked.format}`, slices: count(), done }
}

export interface Answer {
  status: number | undefined
  headers: IncomingMessage['headers']
  body: Buffer
}

/** Asks on a connection of its own and reads the whole answer. */
export async function ask(url: string, options: RequestOptions = {}): Promise<Answer> {
  const asked = request(url, { agent: false, ...options }).end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  return { status: response.statusCode, headers: response.headers, body: await buffer(response) }
}

/** Asks and reads the head alone: the body stays unread until `response` is resumed. */
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
