/** The state of one reflector: its status, the resourceVersion to resume from, and what it reports. No requests. */

import type { KubernetesObject } from '../../schemas/object-meta.ts'
import type { DecodeError } from '../decode/decode-error.ts'
import { createFaultLog } from './fault-log.ts'
import type { AttemptResult } from './next-step.ts'
import type {
  ReflectorContext,
  ReflectorHandlers,
  ReflectorOptions,
  ReflectorScope,
  ReflectorTarget,
} from './target.ts'
import type { WireForm } from './wire-form.ts'

/**
 * `synced` from the first complete list on, and then through outages; `forbidden` and `absent` while the server refuses the
 * resource or does not have it.
 */
export type ReflectorStatus = 'connecting' | 'listing' | 'synced' | 'forbidden' | 'absent'

/** Everything that a reflector consists of. */
export interface ReflectorParts<T extends KubernetesObject> extends ReflectorContext {
  readonly target: ReflectorTarget<T>
  readonly scope: ReflectorScope
  readonly options: ReflectorOptions
  /** That of the target; one serves all scopes of a resource, so that its decoders are compiled once. */
  readonly form: WireForm<T>
  readonly handlers: ReflectorHandlers<T>
}

/** A reflector's parts, and its state behind verbs. */
export interface ReflectorState<T extends KubernetesObject> extends ReflectorParts<T> {
  status(): ReflectorStatus
  /** Empty before the first complete list. */
  resourceVersion(): string
  /** The server has answered a request with success. */
  answered(): void
  beginList(): void
  completeList(resourceVersion: string): void
  resumeFrom(resourceVersion: string): void
  /** Counts and logs an object that could not be decoded. */
  leaveOut(error: DecodeError): undefined
  /** Counts and logs how a list or a watch has ended. */
  ended(result: AttemptResult): void
}

/** Creates the state of a reflector that has not begun. */
export function createReflectorState<T extends KubernetesObject>(parts: ReflectorParts<T>): ReflectorState<T> {
  const { target, metrics } = parts
  const faults = createFaultLog(parts)
  const handlers = containFailures(parts.handlers, (failure, object) => {
    metrics.objectError(target.plural)
    faults.reportFailed(failure, object)
  })
  let status: ReflectorStatus = 'connecting'
  let hasSynced = false
  let resourceVersion = ''
  return {
    ...parts,
    handlers,
    status: () => status,
    resourceVersion: () => resourceVersion,
    answered() {
      if (hasSynced) status = 'synced'
      faults.recovered()
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
      faults.reportUnreadable(error)
      return undefined
    },
    ended(result) {
      const { kind } = result.ending
      if (kind === 'forbidden' || kind === 'absent') {
        status = kind
        handlers.refused?.()
      }
      if (kind !== 'listed') metrics.watchRestart({ resource: target.plural, reason: kind })
      faults.report(result)
    },
  }
}

/** The same handlers, none of which throws: a failure costs the object that it met, and nothing else. */
function containFailures<T extends KubernetesObject>(
  handlers: ReflectorHandlers<T>,
  onFailure: (failure: unknown, object?: T) => void,
): ReflectorHandlers<T> {
  const contain = (handle: () => void, object?: T): void => {
    try {
      handle()
    } catch (failure) {
      onFailure(failure, object)
    }
  }
  return {
    listBegan: () => contain(() => handlers.listBegan()),
    upserted: (object) => contain(() => handlers.upserted(object), object),
    deleted: (object) => contain(() => handlers.deleted(object), object),
    listEnded: () => contain(() => handlers.listEnded()),
    refused: () => contain(() => handlers.refused?.()),
  }
}
