/** The lists and watches that run at present: they start, stop and list again as plans change. */

import type { PlanDifference } from '../rows/registry.ts'
import type { Log } from '../telemetry/log.ts'
import type { WatchedScope } from './readiness.ts'

type Layout = PlanDifference['added'][number]

/** Why a reader lists again; counted, and in the debug log. */
export type RelistReason = 'resource_changed' | 'server_changed' | 'shards_changed'

/** One list-and-watch. */
export interface Reader {
  readonly scope: WatchedScope
  /** Ends what is in flight and lists at once; what was read before stays until the list is complete. */
  relist(reason: RelistReason): void
  /** All changes up to this revision are in the store; 0 when that is not known, undefined while the server refuses to answer. */
  revision(): number | undefined
  /** Reads until the signal aborts; never rejects. */
  run(signal: AbortSignal): Promise<void>
}

/** A reader that a resource needs. Of one resource, equal keys mean the same requests in the same wire form. */
export interface NeededReader {
  readonly key: string
  readonly create: () => Reader
}

/** What a reader set does with a plan. */
export type ReaderDifference = Pick<PlanDifference, 'added' | 'changed' | 'rescoped' | 'removed'>

export interface ReaderSet {
  /** Adds a reader that no plan stops, but the function that is returned does. */
  add(reader: Reader): () => void
  /** The scopes that are read at present. */
  scopes(): readonly WatchedScope[]
  /** The scopes of a resource, by its number in the registry, that are read at present. */
  scopesOf(resource: number): readonly WatchedScope[]
  /**
   * All changes of a resource up to this revision, in all its scopes or in those of a namespace, are in the store; 0 when that is
   * not known.
   */
  revisionOf(resource: number, namespace?: string): number
  /**
   * Of the resources that differ, readers that are no longer needed stop, new ones start, and those that stay list again if
   * their resource is among the changed ones. Nothing starts before `run`.
   */
  apply(difference: ReaderDifference): void
  /** Lists everything again. */
  relist(reason: RelistReason): void
  /** Reads until the signal aborts and every reader has ended. Never rejects. */
  run(signal: AbortSignal): Promise<void>
}

interface RunningReader {
  readonly reader: Reader
  readonly stop: AbortController
}

export interface ReaderSetOptions {
  /** The readers that a resource needs, each key once. */
  readonly neededBy: (layout: Layout) => readonly NeededReader[]
  readonly log: Pick<Log, 'debug'>
}

export function createReaderSet({ neededBy, log }: ReaderSetOptions): ReaderSet {
  /** By resource, and by key. */
  const current = new Map<number, ReadonlyMap<string, RunningReader>>()
  const ending = new Set<Promise<void>>()
  const permanent = new Set<RunningReader>()
  let signal: AbortSignal | undefined

  const start = ({ reader, stop }: RunningReader) => {
    const ended = reader.run(stop.signal).finally(() => ending.delete(ended))
    ending.add(ended)
  }
  const begin = (reader: Reader): RunningReader => {
    const begun = { reader, stop: new AbortController() }
    if (signal !== undefined) start(begun)
    return begun
  }
  const all = () => [...permanent, ...[...current.values()].flatMap((readers) => [...readers.values()])]
  const relist = ({ reader }: RunningReader, reason: RelistReason) => {
    // A reader that has not started lists anyway.
    if (signal === undefined) return
    const { resource, namespace } = reader.scope
    log.debug({ resource, namespace, reason }, 'listing again')
    reader.relist(reason)
  }
  const stopExcept = (resource: number, needed: ReadonlySet<string>) => {
    for (const [key, { stop }] of current.get(resource) ?? []) if (!needed.has(key)) stop.abort()
  }
  const follow = (layout: Layout, isChanged: boolean) => {
    const needed = neededBy(layout)
    const before = current.get(layout.id)
    stopExcept(layout.id, new Set(needed.map(({ key }) => key)))
    const after = needed.map(({ key, create }) => {
      const known = before?.get(key)
      if (known !== undefined && isChanged) relist(known, 'resource_changed')
      return [key, known ?? begin(create())] as const
    })
    current.set(layout.id, new Map(after))
  }
  const readersOf = (resource: number) => [...(current.get(resource)?.values() ?? [])].map(({ reader }) => reader)
  return {
    add(reader) {
      const begun = begin(reader)
      permanent.add(begun)
      return () => {
        permanent.delete(begun)
        begun.stop.abort()
      }
    },
    scopes: () => all().map(({ reader }) => reader.scope),
    scopesOf: (resource) => readersOf(resource).map(({ scope }) => scope),
    revisionOf(resource, namespace) {
      const read = readersOf(resource).filter(({ scope }) => namespace === undefined || scope.namespace === namespace)
      const revisions = read.flatMap((reader) => reader.revision() ?? [])
      return revisions.length === 0 ? 0 : Math.min(...revisions)
    },
    apply({ added, changed, rescoped, removed }) {
      for (const { id } of removed) {
        stopExcept(id, new Set())
        current.delete(id)
      }
      if (signal?.aborted) return
      const areChanged = new Set(changed)
      for (const layout of new Set([...added, ...changed, ...rescoped])) follow(layout, areChanged.has(layout))
    },
    relist(reason) {
      for (const running of all()) relist(running, reason)
    },
    async run(until) {
      signal = until
      for (const running of all()) start(running)
      if (!until.aborted)
        await new Promise<void>((resolve) => until.addEventListener('abort', () => resolve(), { once: true }))
      for (const { stop } of all()) stop.abort()
      await Promise.all(ending)
    },
  }
}
