/** The content of lists and watch streams, independent of the format: objects, list metadata, bookmarks and statuses. */

import type { KubernetesObject } from '../../schemas/object-meta.ts'
import { ObjectMeta } from '../../schemas/object-meta.ts'
import type { ObjectOf } from '../../schemas/schema.ts'
import { int, list, message, pointer, schema, string } from '../../schemas/schema.ts'
import { DecodeError } from './decode-error.ts'

/** A metav1.Status, the API server's answer to what it will not do. */
export const Status = schema({
  status: string(2),
  message: string(3),
  reason: string(4),
  details: pointer(
    message(
      5,
      schema({
        causes: list(message(4, schema({ reason: string(1), message: string(2), field: string(3) }))),
        retryAfterSeconds: int(5),
      }),
    ),
  ),
  code: int(6),
})
export type Status = ObjectOf<typeof Status>

export const ListMeta = schema({
  resourceVersion: string(2),
  continue: string(3),
  remainingItemCount: pointer(int(4)),
  shardInfo: pointer(message(5, schema({ selector: string(1) }))),
})
export type ListMeta = ObjectOf<typeof ListMeta>

/** The content of a complete list besides its elements: the metadata of the list, or a Status. */
export type ListEnd =
  | { readonly kind: string; readonly metadata: ListMeta; readonly status?: undefined }
  | { readonly kind: 'Status'; readonly metadata?: undefined; readonly status: Status }

/** One event of a watch stream. `initialEventsEnd` marks the bookmark that completes a streaming list. */
export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string; readonly initialEventsEnd: boolean }
  | { readonly type: 'ERROR'; readonly status: Status }

/**
 * Reads a list body in chunks cut anywhere. An element that cannot be decoded is yielded as the DecodeError it costs.
 * `read` throws DecodeError for a body that is no list, `end` for one that was cut off.
 */
export interface ListReader<T> {
  /** The elements that are complete with this chunk. To be drained before the next call. */
  read(chunk: Uint8Array): Iterable<T | DecodeError>
  end(): ListEnd
}

/** Reads a watch stream in chunks cut anywhere. An event that cannot be decoded is yielded as the DecodeError it costs. */
export interface WatchReader<T> {
  /** The events that are complete with this chunk. To be drained before the next call. Throws when framing is lost. */
  read(chunk: Uint8Array): Iterable<WatchEvent<T> | DecodeError>
}

/** Any object reduced to its metadata: what a bookmark carries. */
export const MetadataOnly = schema({ metadata: message(1, ObjectMeta) })

/** The event of a bookmark. */
export function bookmarkEvent({ metadata }: KubernetesObject): WatchEvent<never> {
  return {
    type: 'BOOKMARK',
    resourceVersion: metadata.resourceVersion,
    initialEventsEnd: metadata.annotations.get('k8s.io/initial-events-end') === 'true',
  }
}

/** kubectl's copy of the whole object, a Secret's data included. */
export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration'

/** The types of events that carry an object. */
export function isObjectEvent(type: string): type is 'ADDED' | 'MODIFIED' | 'DELETED' {
  return type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED'
}

/** What the function yields, or the DecodeError that it costs. */
export function attempt<R>(decodeOne: () => R): R | DecodeError {
  try {
    return decodeOne()
  } catch (failure) {
    if (failure instanceof DecodeError) return failure
    throw failure
  }
}
