/** Owns the life of one watch: initial events, changes, bookmarks, its end. Sends through a body writer. */

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

/** A running watch, for whoever wants to disturb it. */
export interface Watch {
  /** Sends a bookmark now, if the client allows any. */
  bookmark(): void
  interrupt(ending: Ending): Promise<void>
  /** Resolves when it has ended, however. */
  readonly ended: Promise<void>
  /** The client or the server has closed the stream. */
  close(): void
}

/** Starts a watch that answers on the writer. */
export function startWatch(store: ObjectStore, encoder: Encoder, writer: BodyWriter, options: WatchOptions): Watch {
  const alarm = createAlarm()
  const { timeoutSeconds } = options.list
  const bookmarks = setInterval(alarm.ring, options.bookmarkIntervalMs, 'bookmark')
  const timeouts = timeoutSeconds === undefined ? [] : startTimeouts(alarm, timeoutSeconds)
  const unsubscribe = store.subscribe(options.plural, () => alarm.ring('change'))
  const ended = serve(store, encoder, writer, options, alarm).finally(() => {
    clearInterval(bookmarks)
    for (const timeout of timeouts) clearTimeout(timeout)
    unsubscribe()
  })
  return {
    bookmark: () => alarm.ring('bookmark'),
    async interrupt(ending) {
      await writer.interrupt(ending)
      alarm.ring('closed')
    },
    ended,
    close: () => alarm.ring('closed'),
  }
}

const lastBookmarkSeconds = 2

/** A watch of more than two seconds gets a last bookmark two seconds before it ends. */
function startTimeouts(alarm: Alarm, seconds: number): NodeJS.Timeout[] {
  const end = setTimeout(alarm.ring, seconds * 1000, 'timeout')
  if (seconds <= lastBookmarkSeconds) return [end]
  return [end, setTimeout(alarm.ring, (seconds - lastBookmarkSeconds) * 1000, 'bookmark')]
}

type Ring = 'change' | 'bookmark' | 'timeout' | 'closed'

interface Alarm {
  ring(reason: Ring): void
  /** All that rang since the last call, as soon as anything has. */
  next(): Promise<ReadonlySet<Ring>>
}

function createAlarm(): Alarm {
  let rung = new Set<Ring>()
  let wake: (() => void) | undefined
  return {
    ring(reason) {
      rung.add(reason)
      wake?.()
    },
    async next() {
      if (rung.size === 0) await new Promise<void>((resolve) => (wake = resolve))
      const all = rung
      rung = new Set()
      return all
    },
  }
}

async function serve(
  store: ObjectStore,
  encoder: Encoder,
  writer: BodyWriter,
  options: WatchOptions,
  alarm: Alarm,
): Promise<void> {
  let seen = await begin(store, encoder, writer, options)
  while (seen !== undefined && !writer.isDone) {
    const rung = await alarm.next()
    if (rung.has('closed')) return
    const events = store.eventsAfter(options.plural, seen, true)
    // A client that reads too slowly, or a store that went back in time: the stream ends, and the client finds out why.
    if (!events) return writer.end()
    seen = Math.max(seen, store.resourceVersion)
    await sendEvents(encoder, writer, options, events)
    if (rung.has('bookmark') && seen <= store.resourceVersion) {
      await sendBookmark(encoder, writer, options, seen, false)
    }
    await writer.flush()
    if (rung.has('timeout')) return writer.end()
  }
}

/** Sends what comes first; the resourceVersion up to which all has been sent, undefined when the watch is over. */
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
    const type = seenAs(event, list.matches)
    if (type) await writer.write(encoder.event(type, event.object), true)
  }
}

/** What a change is to someone who sees matching objects only. */
function seenAs(event: StoredEvent, matches: ListOptions['matches']): ObjectEventType | undefined {
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
