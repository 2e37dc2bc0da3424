/** What one reflector reads, how, and the handlers that it reports to. */

import type { KindSchema, KubernetesObject } from '../../schemas/object-meta.ts'
import type { LogGate } from '../../telemetry/log.ts'
import type { SelfMetrics } from '../../telemetry/self-metrics.ts'
import type { Clock } from '../../time/clock.ts'
import type { TimeSlices } from '../../time/time-slices.ts'
import type { ApiClient } from '../api-client.ts'
import type { Outage } from '../outage.ts'
import type { Permits } from '../permits.ts'
import type { ResumeOutcome } from './resume.ts'

/** The kind and the requested form. */
export interface ReflectorTarget<T extends KubernetesObject = KubernetesObject> {
  readonly plural: string
  /** `v1`, `apps/v1`, … */
  readonly apiVersion: string
  readonly kind: string
  /** `object`, `metadata`, or `table`: metadata and the column with the type of a Secret, never its data. */
  readonly form: 'object' | 'metadata' | 'table'
  readonly schema: KindSchema<T>
  /** The members of the JSON object whose content is read; that of all of them if undefined. */
  readonly reads?: Readonly<Record<string, readonly string[] | undefined>>
}

/** Which objects of the kind. */
export interface ReflectorScope {
  /** All namespaces when left out. */
  readonly namespace?: string | undefined
  /** Like `spec.nodeName=a`. */
  readonly fieldSelector?: string | undefined
  /** Like `app=web,tier in (a,b)`. */
  readonly labelSelector?: string | undefined
  /** Like `shardRange(object.metadata.uid, '0x…', '0x…')`. A server without shard selectors ignores it. */
  readonly shardSelector?: string | undefined
}

export interface ReflectorOptions {
  /** Ask for protobuf, JSON where the server does not have it. */
  readonly protobuf: boolean
  /** Stream the first list as a watch where the server can. */
  readonly watchList: boolean
  /** Objects in one page of a list. */
  readonly pageLimit: number
  /** Ask for compressed lists. */
  readonly gzip: boolean
  /** An answer in which nothing comes for so long is given up. Bookmarks of idle kinds are two minutes apart. */
  readonly silentTimeoutMs: number
  /** Hand over kubectl's last-applied-configuration annotation too. */
  readonly keepLastApplied?: boolean
  /** Hand over managedFields too. */
  readonly keepManagedFields?: boolean
  /** Objects that a list takes at most; what it leaves out is known once it changes. No limit when left out or 0. */
  readonly objectLimit?: number
  /** Let the first list come from the API server's cache, however old. */
  readonly useCache?: boolean
  /** The revision at which another process stopped, when the first list begins; undefined for a present list. */
  readonly resumeFrom?: () => string | undefined
}

/**
 * Called synchronously for each object, which is not kept afterwards. A list may break off: the next `listBegan` then
 * follows without `listEnded`. An object that was not upserted between the two is gone. What a handler throws is counted
 * and logged; the reflector continues with the next object.
 */
export interface ReflectorHandlers<T extends KubernetesObject = KubernetesObject> {
  /** `resourceVersion`: all changes up to this one were reported before; empty if nothing was. */
  listBegan(resourceVersion: string): void
  upserted(object: T): void
  /** The last state of an object that is gone. */
  deleted(object: T): void
  /** Of the list. */
  listEnded(resourceVersion: string): void
  /** The attempt to continue where another process stopped is over; `reason` says why not all of it worked. */
  resumed?(outcome: ResumeOutcome, reason: string): void
  /** The server forbids the resource or does not have it; it is retried from time to time. */
  refused?(): void
}

/** What one reflector learns about the server is known to all that share this. */
export interface ServerTraits {
  /** Groups and versions whose streaming lists the server has refused as invalid. */
  readonly withoutWatchList: Set<string>
  /** Whether any streaming list was complete; `silent` when none was, and one delivered nothing. */
  streamedLists: 'unknown' | 'silent' | 'complete'
}

export interface ReflectorContext {
  readonly client: ApiClient
  readonly clock: Clock
  readonly slices: TimeSlices
  readonly traits: ServerTraits
  /** How many lists may run at the same time. */
  readonly lists: Permits
  readonly outage: Outage
  readonly metrics: SelfMetrics
  /** Logs a fault that lasts once a minute. */
  readonly gate: LogGate
  /** A number from 0 up to, but not including, 1. */
  readonly random: () => number
}

/** The collection's path on the API server. */
export function collectionPath({ apiVersion, plural }: ReflectorTarget, { namespace }: ReflectorScope): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  return namespace ? `${root}/namespaces/${namespace}/${plural}` : `${root}/${plural}`
}
