/**
 * Owns the life of one reflector: list, watch, and on from every ending, until it is told to stop. Refuses to keep
 * objects: each is handed over and let go.
 */

import type { KubernetesObject } from '../../schemas/object-meta.ts'
import { delay } from '../clock.ts'
import type { Course, Leg, Passage } from './course.ts'
import { createNavigator } from './course.ts'
import { list } from './list.ts'
import type { Reflection, ReflectorStatus } from './reflection.ts'
import { createReflection } from './reflection.ts'
import type { ReflectorParts } from './target.ts'
import { watch } from './watch.ts'

/** Keeps handlers told of all objects of one kind in one scope. */
export interface Reflector {
  /** Runs until the signal aborts. Rejects only with what a handler has thrown. */
  run(signal: AbortSignal): Promise<void>
  status(): ReflectorStatus
}

/** Streaming lists that broke off in a row before paged ones are used: something on the way may cut long answers. */
const brokenStreamsAllowed = 3

/** Creates a reflector; it does nothing before it runs. */
export function createReflector<T extends KubernetesObject>(parts: ReflectorParts<T>): Reflector {
  const reflection = createReflection(parts)
  return { status: reflection.status, run: (signal) => run(reflection, AbortSignal.any([signal])) }
}

async function run<T extends KubernetesObject>(reflection: Reflection<T>, stop: AbortSignal): Promise<void> {
  const { clock, random, options } = reflection
  const navigator = createNavigator(random, options.useCache ?? false)
  const follow = createFollower(reflection)
  let leg: Leg = { course: navigator.first(), waitMs: 0 }
  for (;;) {
    if (leg.waitMs > 0) await delay(clock, leg.waitMs, stop)
    if (stop.aborted) return
    const startedAtMs = clock.now()
    const passage = await follow(leg.course, stop)
    if (stop.aborted) return
    const lasted = { ...passage, lastedMs: clock.now() - startedAtMs }
    reflection.ended(lasted)
    leg = navigator.next(lasted, reflection.resourceVersion())
  }
}

type Follow = (course: Course, stop: AbortSignal) => Promise<Omit<Passage, 'lastedMs'>>

/** Follows courses, and learns whether streaming lists work here. */
function createFollower<T extends KubernetesObject>(reflection: Reflection<T>): Follow {
  const { options, traits } = reflection
  let brokenStreams = 0
  return async (course, stop) => {
    if (course.kind === 'watch') return watch(reflection, course, stop)
    const needsPages = (options.objectLimit ?? 0) > 0
    const mayStream = options.watchList && traits.watchList && !needsPages && brokenStreams < brokenStreamsAllowed
    if (!mayStream) return list(reflection, course.atLeast, stop)
    const passage = await watch(reflection, course, stop)
    const { kind } = passage.ending
    if (kind === 'unsupported') traits.watchList = false
    else if (passage.list === 'complete') brokenStreams = 0
    else if (kind === 'silent') brokenStreams = brokenStreamsAllowed
    else if (kind === 'ended') brokenStreams += 1
    return passage
  }
}
