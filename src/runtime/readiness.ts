/** The answer of /readyz: every selected resource is listed, or known to be forbidden or absent, and nothing else is waited for. */

import type { ReflectorStatus } from '../kubernetes/reflector/reflector-state.ts'
import type { Readiness } from '../server/telemetry-server.ts'

/** One list-and-watch, by its resource and scope. */
export interface WatchedScope {
  readonly resource: string
  readonly namespace: string | undefined
  /** Once true it stays true: an outage later does not make the process unready. */
  hasListed(): boolean
  status(): ReflectorStatus
  /** False: it is no longer waited for, although it is not listed. True by default. */
  isAwaited?(): boolean
}

/** Refused: retried slowly, and only an administrator can change it. */
const refused: readonly ReflectorStatus[] = ['forbidden', 'absent']

/** Whether the API server has answered: the scope is listed, or refused. */
export function isAnswered(scope: WatchedScope): boolean {
  return scope.hasListed() || refused.includes(scope.status())
}

/** Whether nothing is to be waited for: the API server has answered, or has taken too long. */
export function isSettled(scope: WatchedScope): boolean {
  return isAnswered(scope) || scope.isAwaited?.() === false
}

/** Namespaces named in a line. */
const maxNamespaces = 5

/**
 * `scopesNow` returns the current readers, `waits` other reasons not to be ready, one line each. Once ready, it stays ready: an outage of the API server
 * or of a receiver is not cured by a restart.
 */
export function createReadiness(
  scopesNow: () => readonly WatchedScope[],
  waits: () => readonly string[],
): () => Readiness {
  let wasReady = false
  return () => {
    const scopes = scopesNow()
    const missing = scopes.filter((scope) => !scope.hasListed())
    const areSettled = missing.every(isSettled)
    const isAnyListed = missing.length < scopes.length || scopes.length === 0
    const waiting = waits()
    wasReady ||= areSettled && isAnyListed && waiting.length === 0
    const summary = `${scopes.length - missing.length} of ${scopes.length} lists complete`
    const none = areSettled && !isAnyListed ? ['none of the selected resources can be read'] : []
    return { ready: wasReady, lines: [summary, ...waiting, ...none, ...describeMissing(missing)] }
  }
}

/** One line for each resource, however many namespaces it is read in. */
function describeMissing(missing: readonly WatchedScope[]): string[] {
  const byResource = Map.groupBy(missing, ({ resource }) => resource)
  return [...byResource].map(([resource, scopes]) => {
    const byStatus = Map.groupBy(scopes, (scope) => scope.status())
    return `${resource}: ${[...byStatus].map(([status, of]) => describeStatus(status, of)).join('; ')}`
  })
}

function describeStatus(status: ReflectorStatus, scopes: readonly WatchedScope[]): string {
  const namespaces = scopes.flatMap(({ namespace }) => namespace ?? [])
  if (namespaces.length === 0) return status
  const more = namespaces.length - maxNamespaces
  const named = namespaces.slice(0, maxNamespaces).join(', ')
  return `${status} in ${namespaces.length === 1 ? 'namespace' : 'namespaces'} ${named}${more > 0 ? ` and ${more} more` : ''}`
}
