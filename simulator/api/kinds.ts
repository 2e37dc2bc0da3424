/** Owns what the simulated API server knows of a kind: its names, its paths, and the schema that protobuf is written by. */

import type { Schema } from '../../src/schemas/schema.ts'

/** A kind that the server serves. Without a schema it is JSON only, as custom resources are. */
export interface KindDefinition {
  readonly plural: string
  /** `v1`, or group and version: `apps/v1`. */
  readonly apiVersion: string
  readonly kind: string
  readonly namespaced: boolean
  readonly schema?: Schema
}

/** An object in its JSON form. What is stored is shared and must not be changed: updates bring new objects. */
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

/** `pods`, `deployments.apps`: how messages name a resource. */
export const qualifiedPlural = (plural: string, group: string): string => (group === '' ? plural : `${plural}.${group}`)
