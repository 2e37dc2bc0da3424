/** Owns what one reflector knows: its status, from where it may resume, what it has told. Refuses requests. */

import type { KubernetesObject } from '../../schemas/object-meta.ts'
import type { DecodeError } from '../decode/decode-error.ts'
import type { Passage } from './course.ts'
import type { TravelForm } from './forms.ts'
import { createTravelForm } from './forms.ts'
import { guardHandlers } from './stream.ts'
import type { ReflectorParts } from './target.ts'
import { createTroubles } from './troubles.ts'

/**
 * Where a reflector stands: `synced` once its first list was complete, and then through outages; `forbidden` and `absent`
 * while the server refuses the kind or does not have it.
 */
export type ReflectorStatus = 'connecting' | 'listing' | 'synced' | 'forbidden' | 'absent'

/** A reflector's parts, and its state behind verbs. */
export interface Reflection<T extends KubernetesObject> extends ReflectorParts<T> {
  readonly form: TravelForm<T>
  status(): ReflectorStatus
  /** Empty before the first complete list. */
  resourceVersion(): string
  /** The server has said yes. */
  answered(): void
  beginList(): void
  completeList(resourceVersion: string): void
  resumeFrom(resourceVersion: string): void
  /** Counts an object that could not be read. */
  leaveOut(error: DecodeError): undefined
  /** Counts and tells how a list or a watch has ended. */
  ended(passage: Passage): void
}

/** Creates the state of a reflector that has not begun. */
export function createReflection<T extends KubernetesObject>(parts: ReflectorParts<T>): Reflection<T> {
  const { target, options, metrics } = parts
  const handlers = guardHandlers(parts.handlers)
  const troubles = createTroubles(parts)
  let status: ReflectorStatus = 'connecting'
  let hasSynced = false
  let resourceVersion = ''
  return {
    ...parts,
    handlers,
    form: createTravelForm(target, options),
    status: () => status,
    resourceVersion: () => resourceVersion,
    answered() {
      if (hasSynced) status = 'synced'
      troubles.over()
    },
    beginList() {
      if (!hasSynced) status = 'listing'
      handlers.listBegan()
    },
    completeList(version) {
      handlers.listEnded()
      resourceVersion = version
      hasSynced = true
      status = 'synced'
    },
    resumeFrom(version) {
      if (version !== '') resourceVersion = version
    },
    leaveOut(error) {
      metrics.decodeError(target.plural)
      troubles.tellUnreadable(error)
      return undefined
    },
    ended(passage) {
      const { kind } = passage.ending
      if (kind === 'forbidden' || kind === 'absent') {
        status = kind
        parts.handlers.refused?.()
      }
      if (kind !== 'listed') metrics.watchRestart({ resource: target.plural, reason: kind })
      troubles.tell(passage)
    },
  }
}
