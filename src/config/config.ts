/** The typed configuration, with one part per room. All times are in milliseconds. */
import type { CustomResourcesConfig, NamedText } from './custom-resources-config.ts'
import { customResourcesOf } from './custom-resources-config.ts'
import type { DestinationConfig, OtlpConfig, PushConfig } from './destination-config.ts'
import type { LabelKeys } from './formats/label-keys.ts'
import type { Values } from './schema.ts'
import { sectionDestination } from './sections/destinations.ts'
import type { StatefulSetPod } from './shard-names.ts'
import { leaseNameOf, leasePrefixOf, ordinalOf, podOf } from './shard-names.ts'

/** The selection of resources, objects and metrics. */
export interface SelectionConfig {
  /** Undefined means the resources that are enabled by default. */
  readonly resources: readonly string[] | undefined
  /** ECMAScript patterns that match anywhere in a name; at most one of the two lists has entries. */
  readonly metricAllowlist: readonly string[]
  readonly metricDenylist: readonly string[]
  /** RE2 patterns. */
  readonly metricOptInList: readonly string[]
  readonly labelsAllowList: LabelKeys
  readonly annotationsAllowList: LabelKeys
  /** Empty means all. */
  readonly namespaces: readonly string[]
  readonly namespacesDenylist: readonly string[]
  readonly node: string | undefined
  /** Takes precedence over `node`. */
  readonly trackUnscheduledPods: boolean
  readonly shard: number
  readonly totalShards: number
  readonly shardMethod: 'jump' | 'ranges'
  /** The pod of a StatefulSet that shard and total are derived from, instead of `shard` and `totalShards`. */
  readonly pod: StatefulSetPod | undefined
}

/** The API server and its client. */
export interface KubernetesConfig {
  readonly kubeconfig: string | undefined
  readonly context: string | undefined
  readonly apiserver: string | undefined
  /** The first list may come from the API server's cache. */
  readonly useCache: boolean
  /** Maximum number of objects in a list; 0 means no limit. */
  readonly objectLimit: number
  readonly protobuf: boolean
  readonly watchList: boolean
  readonly pageLimit: number
  readonly gzip: boolean
  readonly silentTimeoutMs: number
}

/** The Lease that replicas compete for. */
export interface LeaderElectionConfig {
  readonly enabled: boolean
  readonly leaseName: string
  /** What the names of the Leases of all shards begin with; undefined without shards. */
  readonly shardLeasePrefix: string | undefined
  /** Undefined means that of the service account. */
  readonly namespace: string | undefined
  /** Undefined means a random one. */
  readonly identity: string | undefined
  readonly durationMs: number
  /** Less than the duration. */
  readonly renewDeadlineMs: number
  /** Less than the renew deadline. */
  readonly retryMs: number
}

/** The HTTP servers. */
export interface ServerConfig {
  /** `::` means all addresses, of IPv6 and IPv4. */
  readonly host: string
  readonly port: number
  readonly telemetryHost: string
  readonly telemetryPort: number
  /** Path of the web configuration file. */
  readonly webConfigFile: string | undefined
  /** Whether profiles of the process can be taken. */
  readonly profiling: boolean
  /** Whether the API server decides on requests. */
  readonly authFilter: boolean
  readonly gzip: boolean
  /** A time of 0 means no limit. */
  readonly limits: {
    readonly readMs: number
    readonly readHeaderMs: number
    readonly writeMs: number
    readonly idleMs: number
    readonly maxConnections: number
  }
  readonly sliceRows: number
  /** How many scrapes of `/metrics` run and wait, and how long they wait. */
  readonly scrapes: { readonly running: number; readonly queued: number; readonly queuedMs: number }
}

/** Log and self-telemetry. */
export interface TelemetryConfig {
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'
  readonly logFormat: 'json' | 'text'
  /** Whether self-telemetry is pushed; never without a destination. */
  readonly otlp: boolean
  /** Name of the destination of self-telemetry; undefined means the first. */
  readonly destination: string | undefined
  /** Whether series with names of kube-state-metrics are pushed under its job, with an `up`. */
  readonly kubeStateMetricsJob: boolean
  /** Undefined means the host name or a random one. */
  readonly instanceId: string | undefined
}

/** Maximum numbers of series; 0 is no limit. `*` stands for all names that are not listed. */
export interface LimitsConfig {
  readonly series: number
  readonly perResource: ReadonlyMap<string, number>
  readonly perFamily: ReadonlyMap<string, number>
}

/** The whole configuration. */
export interface Config {
  readonly selection: SelectionConfig
  readonly limits: LimitsConfig
  readonly customResources: CustomResourcesConfig
  readonly kubernetes: KubernetesConfig
  readonly otlp: OtlpConfig
  readonly push: PushConfig
  /** The first is that of the sections otlp and push, if it has an endpoint. */
  readonly destinations: readonly DestinationConfig[]
  readonly leaderElection: LeaderElectionConfig
  readonly server: ServerConfig
  readonly telemetry: TelemetryConfig
}

/** What a change of the configuration changes while the program runs. */
export interface LiveConfig {
  readonly selection: SelectionConfig
  readonly customResources: CustomResourcesConfig
  readonly logLevel: TelemetryConfig['logLevel']
}

/** Of validated values, and the texts of rules that they refer to. */
export function liveConfigOf(values: Values, customResourceTexts: readonly NamedText[]): LiveConfig {
  return {
    selection: selectionOf(values),
    customResources: customResourcesOf(values, customResourceTexts),
    logLevel: values['telemetry.log_level'],
  }
}

/** Creates the frozen configuration from validated values, the destinations, and the texts that they refer to. */
export function configOf(
  values: Values,
  destinations: readonly DestinationConfig[],
  customResourceTexts: readonly NamedText[],
): Config {
  const slices: Config = {
    selection: selectionOf(values),
    limits: {
      series: values['limits.series'],
      perResource: values['limits.series_per_resource'],
      perFamily: values['limits.series_per_family'],
    },
    customResources: customResourcesOf(values, customResourceTexts),
    kubernetes: kubernetesOf(values),
    otlp: otlpOf(values, destinations),
    push: {
      intervalMs: values['push.interval'],
      flushIntervalMs: values['push.flush_interval'],
      maxStaleMarkers: values['push.max_stale_markers'],
      shutdownGraceMs: values['push.shutdown_grace'],
    },
    destinations,
    leaderElection: leaderElectionOf(values),
    server: serverOf(values),
    telemetry: {
      logLevel: values['telemetry.log_level'],
      logFormat: values['telemetry.log_format'],
      otlp: values['telemetry.otlp'] && destinations.length > 0,
      destination: values['telemetry.destination'],
      kubeStateMetricsJob: values['telemetry.kube_state_metrics_job'],
      instanceId: values['telemetry.instance_id'],
    },
  }
  for (const slice of Object.values(slices)) freeze(slice)
  return Object.freeze(slices)
}

function freeze(slice: object): void {
  for (const value of Object.values(slice)) if (Array.isArray(value)) Object.freeze(value)
  Object.freeze(slice)
}

/** The selection slice of validated values. */
export function selectionOf(values: Values): SelectionConfig {
  return {
    resources: values.resources.length === 0 ? undefined : values.resources,
    metricAllowlist: values.metric_allowlist,
    metricDenylist: values.metric_denylist,
    metricOptInList: values.metric_opt_in_list,
    labelsAllowList: values.labels_allow_list,
    annotationsAllowList: values.annotations_allow_list,
    namespaces: values.namespaces,
    namespacesDenylist: values.namespaces_denylist,
    node: values.node,
    trackUnscheduledPods: values.track_unscheduled_pods,
    shard: values.shard,
    totalShards: Math.max(1, values.total_shards),
    shardMethod: values['kubernetes.shard_selectors'] ? 'ranges' : 'jump',
    pod: podOf(values),
  }
}

function kubernetesOf(values: Values): KubernetesConfig {
  return {
    kubeconfig: values.kubeconfig,
    context: values.context,
    apiserver: values.apiserver,
    useCache: values.use_api_server_cache,
    objectLimit: values.object_limit,
    protobuf: values['kubernetes.protobuf'],
    watchList: values['kubernetes.watch_list'],
    pageLimit: values['kubernetes.page_limit'],
    gzip: values['kubernetes.gzip'],
    silentTimeoutMs: values['kubernetes.silent_timeout'],
  }
}

function otlpOf(values: Values, destinations: readonly DestinationConfig[]): OtlpConfig {
  return {
    endpoint: destinations.find(({ name }) => name === sectionDestination && values['otlp.endpoint'] !== undefined)
      ?.endpoint,
    protocol: values['otlp.protocol'],
    headers: values['otlp.headers'],
    bearerTokenFile: values['otlp.bearer_token_file'],
    compression: values['otlp.compression'],
    timeoutMs: values['otlp.timeout'],
    maxRequestBytes: values['otlp.max_request_bytes'],
    maxInFlight: values['otlp.max_in_flight'],
    certificate: values['otlp.certificate'],
    clientCertificate: values['otlp.client_certificate'],
    clientKey: values['otlp.client_key'],
    retryResourceExhausted: values['otlp.retry_resource_exhausted'],
    loadBalancing: values['otlp.load_balancing'],
    serviceNamespace: values['otlp.service_namespace'],
    instanceId: values['otlp.instance_id'],
    constantLabels: values['otlp.constant_labels'],
  }
}

function leaderElectionOf(values: Values): LeaderElectionConfig {
  return {
    enabled: values['leader_election.enabled'],
    leaseName: leaseNameOf(values),
    shardLeasePrefix: ordinalOf(values) === undefined ? undefined : leasePrefixOf(values),
    namespace: values['leader_election.namespace'],
    identity: values['leader_election.identity'] ?? values['telemetry.instance_id'],
    durationMs: values['leader_election.lease_duration'],
    renewDeadlineMs: values['leader_election.renew_deadline'],
    retryMs: values['leader_election.retry_period'],
  }
}

function serverOf(values: Values): ServerConfig {
  return {
    host: values.host,
    port: values.port,
    telemetryHost: values.telemetry_host,
    telemetryPort: values.telemetry_port,
    webConfigFile: values.tls_config,
    profiling: values['server.profiling'],
    authFilter: values.auth_filter,
    gzip: values.enable_gzip_encoding,
    limits: Object.freeze({
      readMs: values.server_read_timeout,
      readHeaderMs: values.server_read_header_timeout,
      writeMs: values.server_write_timeout,
      idleMs: values.server_idle_timeout,
      maxConnections: values['server.max_connections'],
    }),
    sliceRows: values['server.slice_rows'],
    scrapes: Object.freeze({
      running: values['server.max_concurrent_scrapes'],
      queued: values['server.max_queued_scrapes'],
      queuedMs: values['server.queue_timeout'],
    }),
  }
}
