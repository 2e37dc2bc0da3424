/** The configuration of the push: where it goes, how, and when. All times are in milliseconds. */
import type { OtlpProtocol, ResolvedEndpoint } from './formats/address.ts'

/** The section otlp; the default of some keys of other destinations. */
export interface OtlpConfig {
  /** Undefined means that nothing is pushed. */
  readonly endpoint: ResolvedEndpoint | undefined
  readonly protocol: OtlpProtocol
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>
  readonly bearerTokenFile: string | undefined
  readonly compression: 'none' | 'gzip' | 'zstd'
  readonly timeoutMs: number
  readonly maxRequestBytes: number
  readonly maxInFlight: number
  readonly certificate: string | undefined
  readonly clientCertificate: string | undefined
  readonly clientKey: string | undefined
  readonly retryResourceExhausted: boolean
  readonly loadBalancing: 'pick_first' | 'round_robin'
  readonly serviceNamespace: string | undefined
  /** Undefined means the UID of the namespace `kube-system`. */
  readonly instanceId: string | undefined
  readonly constantLabels: ReadonlyMap<string, string>
}

/** One destination of the push, with its endpoint, schedule and selection. */
export interface DestinationConfig extends OtlpConfig, Omit<PushConfig, 'shutdownGraceMs'> {
  /** Distinct, and the same for all replicas. */
  readonly name: string
  readonly endpoint: ResolvedEndpoint
  readonly selection: DestinationSelection
}

/** The series that a destination gets, of those that are selected at all. */
export interface DestinationSelection {
  /** ECMAScript patterns that match anywhere in a name; at most one of the two lists has entries. */
  readonly metricAllowlist: readonly string[]
  readonly metricDenylist: readonly string[]
  /** Empty means all. Cluster-scoped objects are in no namespace, and always selected. */
  readonly namespaces: readonly string[]
  readonly namespacesDenylist: readonly string[]
}

/** The periodic reader. */
export interface PushConfig {
  readonly intervalMs: number
  /** 0 means everything at each interval, and nothing in between. */
  readonly flushIntervalMs: number
  readonly maxStaleMarkers: number
  readonly shutdownGraceMs: number
}
