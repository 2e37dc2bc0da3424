/** Owns what follows an ending: from where to read on, and how long to wait before. Pure but for its own memory; no I/O. */

import type { BackOff } from './back-off.ts'
import { createBackOff } from './back-off.ts'
import type { Ending } from './endings.ts'

/** How to read on: watch from a resourceVersion, or list anew. */
export type Course =
  | { readonly kind: 'watch'; readonly resourceVersion: string }
  /** `atLeast` is the oldest state that will do: '' for the present one, '0' for any. */
  | { readonly kind: 'list'; readonly atLeast: string }

/** What came of following a course. */
export interface Passage {
  readonly ending: Ending
  /** What became of a list in it; a streaming one may end as a watch long after it was complete. */
  readonly list: 'none' | 'broken' | 'complete'
  /** Objects and events that came, bookmarks included. */
  readonly delivered: number
  readonly lastedMs: number
}

/** A course, and the wait before it. */
export interface Leg {
  readonly course: Course
  readonly waitMs: number
}

export interface Navigator {
  first(): Course
  /** `resourceVersion` is the last one that may be resumed from; empty before the first complete list. */
  next(passage: Passage, resourceVersion: string): Leg
}

/** A watch that lived so long was a healthy one. */
const healthyMs = 5000
/** A refusal that only an administrator ends is met again after this time, and up to as much again. */
const slowPaceMs = 30_000

/** Creates the memory of one reflector. `useCache` allows lists from the API server's cache. */
export function createNavigator(random: () => number, useCache: boolean): Navigator {
  const backOff = createBackOff(random)
  /**
   * The server was away. If its store was put back meanwhile, it stands behind us, and once it has run past us nothing
   * would show that: only a list can be trusted.
   */
  let wasAway = false

  return {
    first: () => ({ kind: 'list', atLeast: useCache ? '0' : '' }),
    next(passage, resourceVersion) {
      if (passage.list === 'complete') wasAway = false
      if (isAway(passage)) wasAway = true
      const course = courseAfter(passage, resourceVersion, useCache)
      const present = wasAway && course.kind === 'watch'
      return { course: present ? presentList : course, waitMs: waitAfter(passage, backOff, random) }
    },
  }
}

function isAway({ ending, delivered }: Passage): boolean {
  return delivered === 0 && (ending.kind === 'unreachable' || ending.kind === 'unavailable')
}

const presentList: Course = { kind: 'list', atLeast: '' }

function courseAfter({ ending, list, delivered }: Passage, resourceVersion: string, useCache: boolean): Course {
  if (list === 'broken' || resourceVersion === '') return presentList
  switch (ending.kind) {
    case 'expired':
      return useCache ? { kind: 'list', atLeast: resourceVersion } : presentList
    case 'ahead':
    case 'malformed':
    case 'rejected':
    case 'absent':
      return presentList
    case 'ended':
    case 'silent':
      // A server whose store was put back answers a watch from our future with silence.
      return delivered === 0 ? presentList : { kind: 'watch', resourceVersion }
    default:
      return { kind: 'watch', resourceVersion }
  }
}

/** What a server may ask us to wait at most: a proxy that says a day must not stop a reflector for one. */
const longestAskedMs = 300_000

function waitAfter({ ending, delivered, lastedMs }: Passage, backOff: BackOff, random: () => number): number {
  const wasHealthy = delivered > 0 && lastedMs >= healthyMs
  if (wasHealthy) backOff.reset()
  const askedMs = Math.min(ending.retryAfterMs ?? 0, longestAskedMs)
  switch (ending.kind) {
    case 'listed':
    case 'unsupported':
      return 0
    case 'ended':
    case 'silent':
    case 'expired':
      return wasHealthy ? 0 : backOff.next()
    case 'forbidden':
    case 'absent':
    case 'rejected':
      return Math.max(askedMs, slowPaceMs * (1 + random()))
    default:
      return Math.max(askedMs, backOff.next())
  }
}
