/** Serves streaming lists and watches of a population of pods, with backpressure: nothing is kept for a slow client. */

import { expired } from '../../simulator/api/api-status.ts'
import { builtInKinds } from '../../simulator/api/built-in-kinds.ts'
import { createEncoder } from '../../simulator/api/encoder.ts'
import type { Exchange } from '../../simulator/api/http-endpoint.ts'
import type { ApiRequest } from '../../simulator/api/request.ts'
import { contentTypeOf } from '../../simulator/api/response-form.ts'
import { parseShardSelector } from '../../simulator/api/shard-selector.ts'
import type { PodFrames } from './pod-frames.ts'
import { uidOf } from './pod-frames.ts'
import type { PodChange, PodPopulation } from './pod-population.ts'

export interface PodWatches {
  /** Whether it is a request for all pods; then it is served. */
  serve(exchange: Exchange, request: ApiRequest): boolean
  /** Sends the changes to all watches as fast as the slowest takes them. */
  send(changes: Iterable<PodChange>): Promise<void>
  /** Ends all watches; the next ones have to list again. */
  end(): void
  /** Resolves when no list is being sent. */
  whenListed(): Promise<void>
  /** Bytes of lists and watches, without framing. */
  readonly bytes: number
  readonly lists: number
}

interface PodWatch {
  readonly matches: (change: PodChange) => boolean
  write(bytes: Uint8Array): Promise<void>
  end(): void
}

const chunkBytes = 128 * 1024
const bookmarkIntervalMs = 30_000
const kind = builtInKinds.find(({ plural }) => plural === 'pods') as (typeof builtInKinds)[number]
const form = { encoding: 'protobuf', shape: 'object', shapeVersion: '' } as const

export function createPodWatches(population: PodPopulation, frames: PodFrames): PodWatches {
  const encoder = createEncoder(kind, form)
  const watches = new Set<PodWatch>()
  const listing = new Set<Promise<void>>()
  let bytes = 0
  let lists = 0

  const bookmark = (endsList: boolean) => encoder.bookmark(`${population.resourceVersion}`, endsList)
  const bookmarks = setInterval(() => {
    if (listing.size > 0) return
    for (const watch of watches) void watch.write(bookmark(false))
  }, bookmarkIntervalMs)
  bookmarks.unref()

  const openWatch = (exchange: Exchange, request: ApiRequest): PodWatch => {
    const { response } = exchange
    const watch = {
      matches: matcherOf(request),
      async write(chunk: Uint8Array) {
        if (response.destroyed) return
        bytes += chunk.length
        await new Promise<void>((resolve) => response.write(chunk, resolve))
      },
      end: () => void response.end(),
    }
    exchange.writeHead(200, { 'content-type': contentTypeOf('protobuf', true) })
    response.flushHeaders()
    exchange.onClose(() => watches.delete(watch))
    return watch
  }

  const sendTo = async (receivers: () => Iterable<PodWatch>, changes: Iterable<PodChange>): Promise<void> => {
    let pending: [change: PodChange, frame: Buffer][] = []
    let pendingBytes = 0
    const flush = async () => {
      const chunk = pending
      pending = []
      pendingBytes = 0
      await Promise.all([...receivers()].map((watch) => watch.write(framesFor(watch, chunk))))
    }
    for (const change of changes) {
      const frame = frames.write(change.type, change.slot, change.pod)
      pending.push([change, frame])
      pendingBytes += frame.length
      if (pendingBytes >= chunkBytes) await flush()
    }
    await flush()
  }

  const sendList = async (watch: PodWatch): Promise<void> => {
    await sendTo(() => [watch], population.added())
    await watch.write(bookmark(true))
    watches.add(watch)
    lists++
  }

  const serve = (exchange: Exchange, request: ApiRequest): void => {
    const watch = openWatch(exchange, request)
    if (request.isStreamingList) {
      const list = sendList(watch)
      listing.add(list)
      void list.finally(() => listing.delete(list))
    } else if (request.query.get('resourceVersion') === `${population.resourceVersion}`) watches.add(watch)
    else void watch.write(encoder.error(expired('too old resource version'))).then(watch.end)
  }

  return {
    serve(exchange, request) {
      const { resource, verb } = request
      if (resource?.plural !== 'pods' || resource.namespace !== undefined || verb !== 'watch') return false
      serve(exchange, request)
      return true
    },
    send: (changes) => sendTo(() => watches, changes),
    end() {
      const ended = [...watches]
      watches.clear()
      for (const watch of ended) watch.end()
    },
    async whenListed() {
      while (listing.size > 0) await Promise.all(listing)
    },
    get bytes() {
      return bytes
    },
    get lists() {
      return lists
    },
  }
}

const framesFor = ({ matches }: PodWatch, chunk: readonly (readonly [PodChange, Buffer])[]): Buffer =>
  Buffer.concat(chunk.filter(([change]) => matches(change)).map(([, frame]) => frame))

/** Throws for an invalid shard selector. */
function matcherOf({ query }: ApiRequest): (change: PodChange) => boolean {
  const text = query.get('shardSelector') ?? ''
  if (text === '') return () => true
  const matches = parseShardSelector(text)
  if (typeof matches !== 'function') throw new Error(matches.message)
  return ({ pod }) => matches({ metadata: { name: '', uid: uidOf(pod.id) } })
}
