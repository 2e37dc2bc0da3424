/** Serves one watch: initial events, changes, bookmarks and its end. */

import type { Ending, Fault } from './api-faults.ts'
import { expired, resourceVersionTooLarge } from './api-status.ts'
import type { BodyWriter } from './body-writer.ts'
import type { Encoder, ObjectEventType } from './encoder.ts'
import type { ListOptions } from './list-options.ts'
import type { ObjectStore, StoredEvent } from './object-store.ts'

export interface WatchOptions {
  readonly plural: string
  readonly list: ListOptions
  readonly bookmarkIntervalMs: number
  /** Whether initial events end with the annotated bookmark. */
  readonly isWatchListServed: boolean
  readonly withoutBookmarks: Fault['withoutBookmarks']
}

/** A running watch. */
export interface Watch {
  /** Sends a bookmark now, if the client requested bookmarks. */
  bookmark(): void
  interrupt(ending: Ending): Promise<void>
  /** Resolves when the watch has ended, for any reason. */
  readonly ended: Promise<void>
  /** To be called when the stream is closed. */
  close(): void
}

/** Starts a watch that sends its events to the writer. */
export function startWatch(store: ObjectStore, encoder: Encoder, writer: BodyWriter, options: WatchOptions): Watch {
  const signals = createSignalQueue()
  const { timeoutSeconds } = options.list
  const bookmarks = setInterval(signals.raise, options.bookmarkIntervalMs, 'bookmark')
  const timeouts = timeoutSeconds === undefined ? [] : startTimeouts(signals, timeoutSeconds)
  const unsubscribe = store.subscribe(options.plural, () => signals.raise('change'))
  const ended = serve(store, encoder, writer, options, signals).finally(() => {
    clearInterval(bookmarks)
    for (const timeout of timeouts) clearTimeout(timeout)
    unsubscribe()
  })
  return {
    bookmark: () => signals.raise('bookmark'),
    async interrupt(ending) {
      await writer.interrupt(ending)
      signals.raise('closed')
    },
    ended,
    close: () => signals.raise('closed'),
  }
}

const lastBookmarkSeconds = 2

/** A watch of more than two seconds sends a last bookmark two seconds before it ends. */
function startTimeouts(signals: SignalQueue, seconds: number): NodeJS.Timeout[] {
  const end = setTimeout(signals.raise, seconds * 1000, 'timeout')
  if (seconds <= lastBookmarkSeconds) return [end]
  return [end, setTimeout(signals.raise, (seconds - lastBookmarkSeconds) * 1000, 'bookmark')]
}

type Signal = 'change' | 'bookmark' | 'timeout' | 'closed'

interface SignalQueue {
  raise(signal: Signal): void
  /** Resolves with all signals since the last call, as soon as there is one. */
  next(): Promise<ReadonlySet<Signal>>
}

function createSignalQueue(): SignalQueue {
  let raised = new Set<Signal>()
  let wake: (() => void) | undefined
  return {
    raise(signal) {
      raised.add(signal)
      wake?.()
    },
    async next() {
      if (raised.size === 0) await new Promise<void>((resolve) => (wake = resolve))
      const all = raised
      raised = new Set()
      return all
    },
  }
}

async function serve(
  store: ObjectStore,
  encoder: Encoder,
  writer: BodyWriter,
  options: WatchOptions,
  signals: SignalQueue,
): Promise<void> {
  let seen = await begin(store, encoder, writer, options)
  while (seen !== undefined && !writer.isDone) {
    const raised = await signals.next()
    if (raised.has('closed')) return
    const events = store.eventsAfter(options.plural, seen, true)
    // The client reads too slowly, or the store was restored: the client gets the error when it watches again.
    if (!events) return writer.end()
    seen = Math.max(seen, store.resourceVersion)
    await sendEvents(encoder, writer, options, events)
    if (raised.has('bookmark') && seen <= store.resourceVersion) {
      await sendBookmark(encoder, writer, options, seen, false)
    }
    await writer.flush()
    if (raised.has('timeout')) return writer.end()
  }
}

/** Sends the initial events. Returns the resourceVersion that has been sent, or undefined if the watch has ended. */
async function begin(
  store: ObjectStore,
  encoder: Encoder,
  writer: BodyWriter,
  options: WatchOptions,
): Promise<number | undefined> {
  const { resourceVersion, sendInitialEvents } = options.list
  const wanted = Number(resourceVersion)
  const current = store.resourceVersion
  if (sendInitialEvents && wanted > current) {
    await writer.write(encoder.error(resourceVersionTooLarge(wanted, current)))
    await writer.end()
    return undefined
  }
  if (sendInitialEvents || (sendInitialEvents === undefined && wanted === 0)) {
    await sendInitial(store, encoder, writer, options, current)
    return current
  }
  const oldest = store.oldestResourceVersion(options.plural)
  if (wanted !== 0 && wanted < oldest) {
    await writer.write(encoder.error(expired(`too old resource version: ${wanted} (${oldest})`)))
    await writer.end()
    return undefined
  }
  if (wanted === 0 || wanted >= current) return wanted === 0 ? current : wanted
  await sendEvents(encoder, writer, options, store.eventsAfter(options.plural, wanted) ?? [])
  await writer.flush()
  return current
}

async function sendInitial(
  store: ObjectStore,
  encoder: Encoder,
  writer: BodyWriter,
  options: WatchOptions,
  current: number,
): Promise<void> {
  for (const object of store.list(options.plural)) {
    if (writer.isDone) return
    if (options.list.matches(object)) await writer.write(encoder.event('ADDED', object), true)
  }
  if (options.isWatchListServed) await sendBookmark(encoder, writer, options, current, true)
  await writer.flush()
}

async function sendEvents(
  encoder: Encoder,
  writer: BodyWriter,
  { list }: WatchOptions,
  events: readonly StoredEvent[],
): Promise<void> {
  for (const event of events) {
    if (writer.isDone) return
    const type = eventTypeOf(event, list.matches)
    if (type) await writer.write(encoder.event(type, event.object), true)
  }
}

/** The event type of a change for a watch with selectors; undefined if it does not match. */
function eventTypeOf(event: StoredEvent, matches: ListOptions['matches']): ObjectEventType | undefined {
  const before = event.previous !== undefined && matches(event.previous)
  const after = event.type !== 'DELETED' && matches(event.object)
  if (after) return before ? 'MODIFIED' : 'ADDED'
  return before ? 'DELETED' : undefined
}

async function sendBookmark(
  encoder: Encoder,
  writer: BodyWriter,
  { list, withoutBookmarks }: WatchOptions,
  resourceVersion: number,
  endsInitialEvents: boolean,
): Promise<void> {
  if (!list.allowWatchBookmarks || withoutBookmarks === 'all') return
  if (endsInitialEvents && withoutBookmarks === 'initial') return
  await writer.write(encoder.bookmark(`${resourceVersion}`, endsInitialEvents), true)
}
