/** The kinds and objects of the simulated API server. */

import type { Schema } from '../../src/schemas/schema.ts'

/** A kind that the server serves. Without a schema it is served as JSON only, like custom resources. */
export interface KindDefinition {
  readonly plural: string
  /** `v1`, or group and version: `apps/v1`. */
  readonly apiVersion: string
  readonly kind: string
  readonly namespaced: boolean
  readonly schema?: Schema
}

/** An object in its JSON form. Stored objects are shared and must not be modified; an update replaces the object. */
export interface ApiObject {
  readonly metadata: ApiObjectMetadata
  readonly [field: string]: unknown
}

export interface ApiObjectMetadata {
  readonly name: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly creationTimestamp?: string
  readonly [field: string]: unknown
}

/** The name of a resource in messages: `pods`, `deployments.apps`. */
export const qualifiedPlural = (plural: string, group: string): string => (group === '' ? plural : `${plural}.${group}`)
