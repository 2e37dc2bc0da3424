/** The state of one reflector: its status, the resourceVersion to resume from, and what it reports. No requests. */

import type { KubernetesObject } from '../../schemas/object-meta.ts'
import type { DecodeError } from '../decode/decode-error.ts'
import type { Ending } from './endings.ts'
import { FaultLog } from './fault-log.ts'
import type { AttemptResult } from './next-step.ts'
import type { ResumeOutcome } from './resume.ts'
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
export interface ReflectorParts<T extends KubernetesObject> {
  /** Shared by all reflectors. */
  readonly context: ReflectorContext
  readonly target: ReflectorTarget<T>
  readonly scope: ReflectorScope
  readonly options: ReflectorOptions
  /** That of the target; one serves all scopes of a resource, so that its decoders are compiled once. */
  readonly form: WireForm<T>
  readonly handlers: ReflectorHandlers<T>
}

/**
 * The state of a reflector, and the only caller of its handlers: what a handler throws costs the object that it met. A class,
 * since there may be thousands.
 */
export class ReflectorState<T extends KubernetesObject> {
  readonly parts: ReflectorParts<T>
  status: ReflectorStatus = 'connecting'
  /** Empty before the first complete list. */
  resourceVersion = ''
  /** Called once when the next list is complete. */
  onListComplete: (() => void) | undefined
  readonly #faults: FaultLog
  #hasSynced = false

  constructor(parts: ReflectorParts<T>) {
    this.parts = parts
    this.#faults = new FaultLog(parts.target, parts.scope, parts.context.gate)
  }

  /** The server has answered a request with success. */
  answered(): void {
    if (this.#hasSynced) this.status = 'synced'
    this.#faults.recovered()
  }

  beginList(): void {
    if (!this.#hasSynced) this.status = 'listing'
    this.#contain(() => this.parts.handlers.listBegan(this.resourceVersion))
  }

  upserted(object: T): void {
    this.#contain(() => this.parts.handlers.upserted(object), object)
  }

  deleted(object: T): void {
    this.#contain(() => this.parts.handlers.deleted(object), object)
  }

  /** A list is read, though it may not be complete before changes since are known. */
  listIsRead(): void {
    this.onListComplete?.()
    this.onListComplete = undefined
  }

  completeList(resourceVersion: string): void {
    this.listIsRead()
    this.#contain(() => this.parts.handlers.listEnded(resourceVersion))
    this.resourceVersion = resourceVersion
    this.#hasSynced = true
    this.status = 'synced'
  }

  resumeFrom(resourceVersion: string): void {
    if (resourceVersion !== '') this.resourceVersion = resourceVersion
  }

  /** Counts and logs an object that could not be decoded. */
  leaveOut(error: DecodeError): undefined {
    const { context, target } = this.parts
    context.metrics.decodeError(target.plural)
    this.#faults.reportUnreadable(error)
  }

  /** What became of the attempt to continue where another process stopped. */
  resumed(outcome: ResumeOutcome, { reason }: Ending): void {
    this.#contain(() => this.parts.handlers.resumed?.(outcome, reason))
  }

  /** Counts and logs how a list or a watch has ended. */
  ended(result: AttemptResult): void {
    const { context, target, handlers } = this.parts
    const { kind } = result.ending
    if (kind === 'forbidden' || kind === 'absent') {
      this.status = kind
      this.#contain(() => handlers.refused?.())
    }
    if (kind !== 'listed') context.metrics.watchRestart({ resource: target.plural, reason: kind })
    this.#faults.report(result)
  }

  #contain(handle: () => void, object?: T): void {
    try {
      handle()
    } catch (failure) {
      this.parts.context.metrics.objectError(this.parts.target.plural)
      this.#faults.reportFailed(failure, object)
    }
  }
}
