/** The sources of pages: URLs, files, standard input, compressed or not; and their errors. */
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { PageError } from '../../../src/inspect/compare/page-reader.ts'
import { pageSourceOf } from '../../../src/inspect/compare/page-source.ts'

const page = '# TYPE kube_a gauge\nkube_a 1\n'
const folder = mkdtempSync(join(tmpdir(), 'compare-'))
const closers: (() => void)[] = []
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

async function* nothing(): AsyncGenerator<Uint8Array> {}

function read(
  place: string,
  standardInput: AsyncIterable<Uint8Array> = nothing(),
  timeoutMs = 20_000,
): Promise<string> {
  const { signal } = new AbortController()
  return pageSourceOf(place, { standardInput: () => standardInput, timeoutMs })
    .open(signal)
    .then(text)
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`
}

function write(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

describe('a page is read', () => {
  test('from a file, packed or not', async () => {
    expect(await read(write('page.prom', page))).toBe(page)
    expect(await read(write('page.prom.gz', gzipSync(page)))).toBe(page)
    expect(await read(write('empty.prom', ''))).toBe('')
  })

  test('from standard input, byte by byte, packed or not', async () => {
    async function* bytes(of: Uint8Array) {
      for (const byte of of) yield Uint8Array.of(byte)
    }
    expect(await read('-', bytes(Buffer.from(page)))).toBe(page)
    expect(await read('-', bytes(gzipSync(page)))).toBe(page)
  })

  test('from a URL, as text, with the credentials of the URL, unpacked where the server packs', async () => {
    const seen: unknown[] = []
    const url = await serve(({ headers }, response) => {
      seen.push(headers.authorization, headers.accept)
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(page))
    })
    const named = url.replace('//', '//me:p%40ss@')
    expect(await read(named)).toBe(page)
    expect(seen).toEqual([`Basic ${btoa('me:p@ss')}`, expect.stringMatching(/^text\/plain;version=0\.0\.4/)])
    const source = pageSourceOf(named, { standardInput: () => nothing(), timeoutMs: 1 })
    expect(source).toMatchObject({ name: url, isLive: true, isOnce: false })
  })

  test('from a URL that serves a packed file as it is', async () => {
    const url = await serve((_request, response) => response.end(gzipSync(page)))
    expect(await read(url)).toBe(page)
  })
})

describe('in words', () => {
  test('a file that is not there, is a folder, is damaged', async () => {
    await expect(read(join(folder, 'none'))).rejects.toThrow(new PageError(`cannot read ${folder}/none: no such file`))
    await expect(read(folder)).rejects.toThrow(new PageError(`cannot read ${folder}: is a folder`))
    const short = write('short.gz', gzipSync(page).subarray(0, 20))
    await expect(read(short)).rejects.toThrow(new PageError(`cannot read ${short}: the gzip data is truncated`))
    const damaged = write('damaged.gz', Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 7, 7, 7]))
    await expect(read(damaged)).rejects.toThrow(new PageError(`cannot read ${damaged}: the gzip data is corrupt`))
  })

  test('a URL without a server, and an invalid URL', async () => {
    const url = await serve(() => {})
    for (const close of closers.splice(0)) close()
    await expect(read(url)).rejects.toThrow(`cannot read ${url}: connection refused`)
    await expect(async () => read('http://')).rejects.toThrow(/expected a URL such as/)
    await expect(async () => read('ftp://host/metrics')).rejects.toThrow(
      /expected an http:\/\/ or https:\/\/ URL, a file or -/,
    )
  })

  test('an answer that is no page', async () => {
    const url = await serve((_request, response) => response.writeHead(403).end('{}'))
    await expect(read(url)).rejects.toThrow(new PageError(`cannot read ${url}: the server responded 403 Forbidden`))
  })

  test('an answer that is cut', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': 1000 })
      response.write(page, () => response.destroy())
    })
    await expect(read(url)).rejects.toThrow(new PageError(`cannot read ${url}: the connection was closed`))
  })

  test('an answer that does not come', async () => {
    const url = await serve(() => {})
    await expect(read(url, nothing(), 50)).rejects.toThrow(new PageError(`cannot read ${url}: timeout`))
  })
})
