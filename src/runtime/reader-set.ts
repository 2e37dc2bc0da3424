/** The lists and watches that run at present: they start, stop and start again as plans change. */

import type { PlanDifference } from '../rows/registry.ts'
import type { WatchedScope } from './readiness.ts'

type Layout = PlanDifference['added'][number]

/** One list-and-watch. */
export interface Reader {
  readonly scope: WatchedScope
  /** Lists again what is read. */
  relist(): void
  /** Reads until the signal aborts; never rejects. */
  run(signal: AbortSignal): Promise<void>
}

export interface ReaderSet {
  /** Adds a reader that no plan stops. */
  add(reader: Reader): void
  /** The scopes that are read at present. */
  scopes(): readonly WatchedScope[]
  /** Readers of resources that are gone stop, those of new and changed ones start; nothing starts before `run`. */
  apply(difference: Pick<PlanDifference, 'added' | 'changed' | 'removed'>): void
  /** Lists everything again. */
  relist(): void
  /** Reads until the signal aborts and every reader has ended. Never rejects. */
  run(signal: AbortSignal): Promise<void>
}

interface ResourceReaders {
  readonly readers: readonly Reader[]
  readonly stop: AbortController
}

/** `create` makes the readers of one resource. */
export function createReaderSet(create: (layout: Layout) => readonly Reader[]): ReaderSet {
  const current = new Map<number, ResourceReaders>()
  const running = new Set<Promise<void>>()
  const permanent: ResourceReaders[] = []
  let signal: AbortSignal | undefined

  const start = ({ readers, stop }: ResourceReaders) => {
    for (const reader of readers) {
      const ended = reader.run(stop.signal).finally(() => running.delete(ended))
      running.add(ended)
    }
  }
  const all = () => [...permanent, ...current.values()]
  return {
    add(reader) {
      const readers = { readers: [reader], stop: new AbortController() }
      permanent.push(readers)
      if (signal !== undefined) start(readers)
    },
    scopes: () => all().flatMap(({ readers }) => readers.map(({ scope }) => scope)),
    apply({ added, changed, removed }) {
      for (const { id } of [...changed, ...removed]) {
        current.get(id)?.stop.abort()
        current.delete(id)
      }
      if (signal?.aborted) return
      for (const layout of [...added, ...changed]) {
        const readers = { readers: create(layout), stop: new AbortController() }
        current.set(layout.id, readers)
        if (signal !== undefined) start(readers)
      }
    },
    relist() {
      for (const { readers } of all()) for (const reader of readers) reader.relist()
    },
    async run(until) {
      signal = until
      for (const readers of all()) start(readers)
      if (!until.aborted)
        await new Promise<void>((resolve) => until.addEventListener('abort', () => resolve(), { once: true }))
      for (const { stop } of all()) stop.abort()
      await Promise.all(running)
    },
  }
}
