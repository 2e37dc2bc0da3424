/** The sources of the page to compare with: URL, file or standard input, optionally compressed. */

import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { PageError } from './page-reader.ts'

/** A page that can be read repeatedly, unless `isOnce`. */
export interface PageSource {
  /** The name in messages, without credentials. */
  readonly name: string
  /** Whether its content may change between readings. */
  readonly isLive: boolean
  /** Whether it can be read only once. */
  readonly isOnce: boolean
  /** Rejects with PageError; so does the iteration. */
  open(signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>
}

export interface PageSourceOptions {
  readonly standardInput: () => AsyncIterable<Uint8Array>
  /** The time limit for the complete response of a URL. */
  readonly timeoutMs: number
}

/** The page at an `http:` or `https:` URL, in a file, or on standard input (`-`). Throws PageError for an invalid URL. */
export function pageSourceOf(place: string, { standardInput, timeoutMs }: PageSourceOptions): PageSource {
  if (place === '-') {
    const name = 'standard input'
    const open = async () => unpack(name, standardInput())
    return { name, isLive: false, isOnce: true, open }
  }
  if (/^https?:/i.test(place)) return urlSource(place, timeoutMs)
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(place)) {
    throw new PageError(`against: expected an http:// or https:// URL, a file or -, got "${place}"`)
  }
  const open = async () => unpack(place, createReadStream(place))
  return { name: place, isLive: false, isOnce: false, open }
}

function urlSource(place: string, timeoutMs: number): PageSource {
  if (!URL.canParse(place))
    throw new PageError(`against: expected a URL such as http://host:8080/metrics, got "${place}"`)
  const url = new URL(place)
  const { username, password } = url
  url.username = ''
  url.password = ''
  const name = url.href
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')
  const headers = {
    accept: 'text/plain;version=0.0.4, */*;q=0.1',
    ...(username === '' ? {} : { authorization: `Basic ${credentials}` }),
  }
  const open = (ending: AbortSignal) => {
    const signal = AbortSignal.any([ending, AbortSignal.timeout(timeoutMs)])
    return get(url, name, { headers, signal })
  }
  return { name, isLive: true, isOnce: false, open }
}

async function get(url: URL, name: string, init: RequestInit): Promise<AsyncIterable<Uint8Array>> {
  const response = await fetch(url, init).catch((error: unknown) => {
    throw new PageError(`cannot read ${name}: ${reasonOf(error)}`)
  })
  if (!response.ok) {
    await response.body?.cancel()
    throw new PageError(`cannot read ${name}: the server responded ${response.status} ${response.statusText}`.trimEnd())
  }
  return unpack(name, response.body ?? emptyPage())
}

async function* emptyPage(): AsyncGenerator<Uint8Array> {}

/** The bytes of a page, decompressed if the first two bytes are those of gzip. Errors become PageErrors. */
async function* unpack(name: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    const iterator = chunks[Symbol.asyncIterator]()
    const first = await firstBytes(iterator)
    const all = joined(first, iterator)
    yield* first[0] === 0x1f && first[1] === 0x8b ? gunzip(all) : all
  } catch (error) {
    throw error instanceof PageError ? error : new PageError(`cannot read ${name}: ${reasonOf(error)}`)
  }
}

async function firstBytes(iterator: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  let bytes = new Uint8Array(0)
  while (bytes.length < 2) {
    const { done, value } = await iterator.next()
    if (done) break
    bytes = Buffer.concat([bytes, value])
  }
  return bytes
}

async function* joined(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first
  yield* { [Symbol.asyncIterator]: () => rest }
}

async function* gunzip(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const unpacker = createGunzip()
  const feeding = pipeline(packed, unpacker)
  // An error ends the reading below, where it is reported.
  feeding.catch(() => undefined)
  yield* unpacker as AsyncIterable<Uint8Array>
  await feeding
}

const reasons: Record<string, string> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EISDIR: 'is a folder',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was closed',
  UND_ERR_SOCKET: 'the connection was closed',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the host name cannot be resolved',
  Z_BUF_ERROR: 'the gzip data is truncated',
  Z_DATA_ERROR: 'the gzip data is corrupt',
}

/** The reason for an error of fetch is in the cause of a TypeError. */
function reasonOf(error: unknown): string {
  const { name, code, cause, message } = error as NodeJS.ErrnoException
  if (name === 'TimeoutError') return 'timeout'
  if (code !== undefined && reasons[code] !== undefined) return reasons[code]
  if (cause instanceof AggregateError && cause.errors.length > 0) return reasonOf(cause.errors[0])
  return cause instanceof Error ? reasonOf(cause) : (message.split('\n')[0] as string)
}
