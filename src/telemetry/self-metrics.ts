/** The self-metrics, and the methods with which other rooms report to them. */
import type { Attributes, Meter } from '@opentelemetry/api'
import { createNoopMeter } from '@opentelemetry/api'
import { createConfigMetrics } from './config-metrics.ts'
import type { PushMetrics } from './push-metrics.ts'
import { createPushMetrics, requestBuckets } from './push-metrics.ts'
import { createTally } from './tally.ts'

/** One value of an observed gauge. */
export interface Observation {
  value: number
  attributes?: Attributes
}

/** How a scrape of `/metrics` ended: in a `timeout` the client read too slowly, `refused` means too many concurrent scrapes. */
export type ScrapeOutcome = 'complete' | 'aborted' | 'timeout' | 'failed' | 'refused'

/** The kind of a list or watch, and how it was answered. */
export interface KubernetesRequestReport {
  apiVersion: string
  kind: string
  result: 'success' | 'error'
}

/** A configuration file that was read; `content` is the current configuration, absent when the file was rejected. */
export interface ConfigReport {
  type: 'config' | 'customresourceconfig'
  filename: string
  content?: Uint8Array
}

/** The reports of other rooms. `resource` is the plural name (`pods`), `family` the metric name. */
export interface SelfMetrics {
  /** The reports of the push to one destination, by its name. */
  destination(name: string): PushMetrics
  familyError(resource: string, family: string): void
  /** Series that an object has more than once. */
  duplicateObservations(resource: string, count: number): void
  listRequest(report: KubernetesRequestReport): void
  watchRequest(report: KubernetesRequestReport): void
  /** `event` is the watch event's type in lower case. */
  watchEvent(report: { resource: string; event: string }): void
  watchRestart(report: { resource: string; reason: string }): void
  /** After decompression. */
  bytesRead(report: { resource: string; bytes: number }): void
  decodeError(resource: string): void
  /** An object that was decoded but could not be processed: the `identity` of its resource failed, or a bug. */
  objectError(resource: string): void
  /** `bytes` are those of the page as written, before compression. */
  scrape(report: { outcome: ScrapeOutcome; bytes: number; seconds: number }): void
  httpRequest(report: { handler: string; method: string; status: number; seconds: number }): void
  configReload(report: ConfigReport): void
  /** The file is gone, and nothing is reported about it any more. */
  configRemoved(file: Pick<ConfigReport, 'type' | 'filename'>): void
  customResourceDefinitionAdded(): void
  customResourceDefinitionDeleted(): void
  sharding(report: { ordinal: number; total: number }): void
  /** Registers a gauge that is read on demand. Sets of attributes that are no longer observed disappear. */
  observeGauge(name: string, description: string, observe: () => Observation[] | Promise<Observation[]>): void
}

const scrapeBuckets = [0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60]

/** Creates the instruments on `meter` and returns the methods that report to them. */
export function createSelfMetrics(meter: Meter): SelfMetrics {
  const observeGauge: SelfMetrics['observeGauge'] = (name, description, observe) =>
    meter.createObservableGauge(name, { description }).addCallback(async (result) => {
      for (const { value, attributes } of await observe()) result.observe(value, attributes)
    })
  return {
    destination: createPushMetrics(meter, observeGauge),
    ...createFamilyMetrics(meter),
    ...createKubernetesMetrics(meter),
    ...createServerMetrics(meter),
    ...createConfigMetrics(observeGauge),
    ...createDiscoveryMetrics(meter),
    observeGauge,
  }
}

/** Self-metrics without effect, for `render` and for tests of other rooms. Does not load the SDK. */
export function createSilentSelfMetrics(): SelfMetrics {
  return createSelfMetrics(createNoopMeter())
}

function createFamilyMetrics(meter: Meter): Pick<SelfMetrics, 'familyError' | 'duplicateObservations'> {
  const errors = createTally(
    meter,
    'kube_state_otlp_family_errors_total',
    'Number of times a metric family failed on an object, which then has no series of this family.',
    ['resource', 'family'],
  )
  const duplicates = createTally(
    meter,
    'kube_state_otlp_duplicate_observations_total',
    'Number of duplicate series of one object, of which only the first is pushed.',
    ['resource'],
  )
  return {
    familyError: (resource, family) => errors(1, resource, family),
    duplicateObservations: (resource, count) => duplicates(count, resource),
  }
}

/** The Go type by which KSM names a kind in its list and watch counters: `*v1.Deployment` for `apps/v1`, `Deployment`. */
export function goTypeName(apiVersion: string, kind: string): string {
  return `*${apiVersion.slice(apiVersion.indexOf('/') + 1)}.${kind}`
}

type KubernetesVerbs =
  | 'listRequest'
  | 'watchRequest'
  | 'watchEvent'
  | 'watchRestart'
  | 'bytesRead'
  | 'decodeError'
  | 'objectError'

function createKubernetesMetrics(meter: Meter): Pick<SelfMetrics, KubernetesVerbs> {
  const tally = (name: string, description: string, ...labels: string[]) =>
    createTally(meter, name, description, labels)
  const countResults = (name: string, description: string) => {
    const results = tally(name, description, 'resource', 'result')
    return ({ apiVersion, kind, result }: KubernetesRequestReport): void => {
      const resource = goTypeName(apiVersion, kind)
      // Both results exist from the first request on: a rate over a series that starts with its first error would miss it.
      results(0, resource, 'success')
      results(0, resource, 'error')
      results(1, resource, result)
    }
  }
  const events = tally('kube_state_otlp_watch_events_total', 'Number of watch events received.', 'resource', 'event')
  const restarts = tally(
    'kube_state_otlp_watch_restarts_total',
    'Number of watches that ended and were restarted, by reason.',
    'resource',
    'reason',
  )
  const bytesRead = tally(
    'kube_state_otlp_api_read_bytes_total',
    'Size of the lists and watch events read from the API server in bytes, after decompression, by resource.',
    'resource',
  )
  const decodeErrors = tally(
    'kube_state_otlp_decode_errors_total',
    'Number of objects ignored because they could not be decoded.',
    'resource',
  )
  const objectErrors = tally(
    'kube_state_otlp_object_errors_total',
    'Number of objects ignored because processing them failed.',
    'resource',
  )
  return {
    listRequest: countResults('kube_state_metrics_list_total', 'Number of list requests to the API server, by result.'),
    watchRequest: countResults(
      'kube_state_metrics_watch_total',
      'Number of watch requests to the API server, by result.',
    ),
    watchEvent: ({ resource, event }) => events(1, resource, event),
    watchRestart: ({ resource, reason }) => restarts(1, resource, reason),
    bytesRead: ({ resource, bytes }) => bytesRead(bytes, resource),
    decodeError: (resource) => decodeErrors(1, resource),
    objectError: (resource) => objectErrors(1, resource),
  }
}

function createServerMetrics(meter: Meter): Pick<SelfMetrics, 'scrape' | 'httpRequest'> {
  const scrapeBytes = createTally(
    meter,
    'kube_state_otlp_scrape_bytes_total',
    'Size of the pages written to scrapers in bytes, before compression.',
    ['outcome'],
  )
  const scrapeSeconds = meter.createHistogram('kube_state_otlp_scrape_duration_seconds', {
    description: 'Duration of scrapes, by outcome.',
    advice: { explicitBucketBoundaries: scrapeBuckets },
  })
  const requestSeconds = meter.createHistogram('http_request_duration_seconds', {
    description: 'Duration of requests for object metrics.',
    advice: { explicitBucketBoundaries: requestBuckets },
  })
  return {
    scrape({ outcome, bytes, seconds }) {
      scrapeBytes(bytes, outcome)
      scrapeSeconds.record(seconds, { outcome })
    },
    httpRequest: ({ handler, method, status, seconds }) =>
      requestSeconds.record(seconds, { handler, method: method.toLowerCase(), status: String(status) }),
  }
}

type DiscoveryVerbs = 'customResourceDefinitionAdded' | 'customResourceDefinitionDeleted'

function createDiscoveryMetrics(meter: Meter): Pick<SelfMetrics, DiscoveryVerbs> {
  const prefix = 'kube_state_metrics_custom_resource_state'
  const added = createTally(meter, `${prefix}_add_events_total`, 'Number of CustomResourceDefinitions added.', [])
  const deleted = createTally(
    meter,
    `${prefix}_delete_events_total`,
    'Number of CustomResourceDefinitions deleted.',
    [],
  )
  return {
    customResourceDefinitionAdded: () => added(1),
    customResourceDefinitionDeleted: () => deleted(1),
  }
}
