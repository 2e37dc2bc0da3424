/** What the status page shows, collected when it is asked for. */

import type { SelfSample } from '../../telemetry/self-samples.ts'

/** Where an object is looked up: its resource by plural name; the namespace is empty for cluster-scoped ones. */
export interface ObjectName {
  readonly resource: string
  readonly namespace: string
  readonly name: string
}

export interface ResourceStatus {
  readonly name: string
  readonly objects: number
  readonly series: number
  /** Of its row blocks. */
  readonly bytes: number
}

export interface Status {
  readonly version: string
  readonly uptimeSeconds: number
  readonly ready: boolean
  /** The lines of /readyz. */
  readonly lines: readonly string[]
  readonly resources: readonly ResourceStatus[]
  /** Metric families with their number of series, largest first. */
  readonly families: readonly { readonly name: string; readonly series: number }[]
  /** Whether there is a destination in the configuration; its push may not have begun. */
  readonly isPushConfigured: boolean
  /** Where each destination leads to, and its last failure. */
  readonly destinations: readonly DestinationStatus[]
  readonly samples: readonly SelfSample[]
  /** The effective configuration, without secrets. */
  readonly settings: readonly { readonly key: string; readonly value: string; readonly source: string }[]
}

export interface DestinationStatus {
  readonly name: string
  /** Protocol and URL. */
  readonly endpoint: string
  readonly lastFailure: { readonly message: string; readonly atMs: number } | undefined
}

/** What the status page is made of. */
export interface StatusSource {
  read(): Promise<Status>
  /** The series of an object in the Prometheus text format; undefined if there is no such object. */
  lookUp(object: ObjectName): string | undefined
}
