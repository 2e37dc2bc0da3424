/** Owns the answer to "is it ready?": every selected resource is synced, or settled as forbidden or absent. */

/** What one list-and-watch is doing; `forbidden` and `absent` are settled, and tried again slowly. */
export type FeedStatus = 'connecting' | 'listing' | 'synced' | 'forbidden' | 'absent'

/** One list-and-watch, by its resource and scope. */
export interface WatchedScope {
  readonly resource: string
  readonly namespace: string | undefined
  /** Once true it stays true: an outage later does not make us unready. */
  readonly hasListed: () => boolean
  readonly status: () => FeedStatus
}

export interface ReadinessAnswer {
  readonly ready: boolean
  /** For the body: what is missing, or that all is there. */
  readonly lines: string[]
}

const settled: readonly FeedStatus[] = ['forbidden', 'absent']

/** Ready stays ready: outages of the API server are not ours. */
export function createReadiness(scopes: readonly WatchedScope[]): () => ReadinessAnswer {
  let wasReady = false
  return () => {
    const missing = scopes.filter(({ hasListed }) => !hasListed())
    const waiting = missing.filter(({ status }) => !settled.includes(status()))
    wasReady ||= waiting.length === 0
    const lines = missing.map(({ resource, namespace, status }) => {
      const where = namespace === undefined ? '' : ` in namespace ${namespace}`
      return `${resource}${where}: ${status()}`
    })
    const summary = `${scopes.length - missing.length} of ${scopes.length} lists complete`
    return { ready: wasReady, lines: [summary, ...lines] }
  }
}
