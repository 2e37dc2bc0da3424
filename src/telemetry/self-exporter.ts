/**
 * Sends self-metrics once per interval. A request that fails is not repeated: the next interval is the retry. Series with
 * the names of kube-state-metrics may have a target of their own, with an `up` beside them.
 */
import type { MetricData, ResourceMetrics } from '@opentelemetry/sdk-metrics'
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics'
import type { LogGate } from './log.ts'
import { outageReminderMs } from './log.ts'
import type { ResourceContent } from './otlp-request.ts'
import { encodeRequest } from './otlp-request.ts'

/** How requests reach the receiver. */
export interface SelfTransport {
  /** Sends one ExportMetricsServiceRequest. Resolves with the reason when the receiver did not take it; never rejects. */
  send(request: Buffer): Promise<string | undefined>
  /** Gives up what is in flight. */
  close(): void
}

export interface SelfExportOptions {
  readonly transport: SelfTransport
  /** For the log. */
  readonly endpoint: string
  readonly intervalMs: number
  /** The time of the next request in Unix milliseconds: greater than all before, since receivers refuse others as a whole. */
  readonly nextTimestampMs: () => number
  /** On every data point that has no label of the name. */
  readonly constantLabels: ReadonlyMap<string, string>
  /**
   * Attributes of the resource under which series with the names of kube-state-metrics are sent, so that its published
   * alert rules select them. Left out: they are sent with all others.
   */
  readonly stateMetricsResource?: Iterable<readonly [string, string]> | undefined
}

export interface SelfExporter {
  /** Sends once more, ends the series of kube-state-metrics' names with stale markers, and closes the transport. */
  stop(): Promise<void>
  /** Closes the transport at once: a `stop` that runs ends. */
  close(): void
  /** Ends without a last request and without a report, for a program that did not start. */
  discard(): void
}

const stateMetricsPrefix = 'kube_state_metrics_'
/** The first request does not wait for the interval: without it `up` would be absent for a minute after each start. */
const firstAfterMs = 1000
const failureKey = 'self-telemetry/otlp'

/** Starts sending what `collect` returns. */
export function startSelfExporter(
  options: SelfExportOptions,
  collect: () => Promise<ResourceMetrics>,
  gate: LogGate,
): SelfExporter {
  const { transport, endpoint, intervalMs, nextTimestampMs } = options
  let sending: Promise<void> = Promise.resolve()
  /** The series that a receiver may hold under kube-state-metrics' names. */
  let stateMetrics: ResourceContent | undefined
  let isDiscarded = false

  async function deliver(content: ResourceContent, stale: boolean): Promise<void> {
    const reason = await transport.send(encodeRequest(content, { timeMs: nextTimestampMs(), stale }))
    if (isDiscarded) return
    if (reason === undefined) gate.recovered(failureKey, 'self-telemetry is delivered again')
    else
      gate.warn(failureKey, { endpoint, reason }, 'pushing self-telemetry failed; retrying at the next interval', {
        remindAfterMs: outageReminderMs,
      })
  }

  async function sendAll(): Promise<void> {
    const { own, ofStateMetrics } = splitByTarget(await collect(), options)
    await deliver(own, false)
    if (ofStateMetrics === undefined) return
    stateMetrics = ofStateMetrics
    await deliver(ofStateMetrics, false)
  }

  /** One after the other: requests that overtake each other would be out of order. */
  function enqueue(work: () => Promise<void>): Promise<void> {
    sending = sending.then(work).catch((error: unknown) => {
      gate.warn('self-telemetry/export', { err: error }, 'self-metrics could not be collected or encoded')
    })
    return sending
  }

  const sendNow = (): void => void enqueue(sendAll)
  let timer = setTimeout(
    () => {
      sendNow()
      timer = setInterval(sendNow, intervalMs)
    },
    Math.min(firstAfterMs, intervalMs),
  )

  return {
    async stop() {
      clearTimeout(timer)
      await enqueue(sendAll)
      const ending = stateMetrics
      if (ending !== undefined) await enqueue(() => deliver(ending, true))
      transport.close()
    },
    close: () => transport.close(),
    discard() {
      isDiscarded = true
      clearTimeout(timer)
      transport.close()
    },
  }
}

function splitByTarget({ resource, scopeMetrics }: ResourceMetrics, options: SelfExportOptions) {
  const { constantLabels, stateMetricsResource } = options
  const metrics = scopeMetrics.flatMap((scope) => scope.metrics)
  const attributes = Object.entries(resource.attributes).map(([key, value]): [string, string] => [key, String(value)])
  const all: ResourceContent = { resource: attributes, scope: 'kube-state-otlp', metrics, constantLabels }
  if (stateMetricsResource === undefined) return { own: all, ofStateMetrics: undefined }
  const isOfStateMetrics = ({ descriptor }: MetricData): boolean => descriptor.name.startsWith(stateMetricsPrefix)
  return {
    own: { ...all, metrics: metrics.filter((metric) => !isOfStateMetrics(metric)) },
    ofStateMetrics: {
      resource: stateMetricsResource,
      metrics: [up, ...metrics.filter(isOfStateMetrics)],
      constantLabels,
    },
  }
}

/** What a scraper would write: the "down" alert and the variables of dashboards select it. */
const up: MetricData = {
  descriptor: { name: 'up', description: '1 while the process runs and pushes.', unit: '', valueType: 1 },
  aggregationTemporality: AggregationTemporality.CUMULATIVE,
  dataPointType: DataPointType.GAUGE,
  dataPoints: [{ startTime: [0, 0], endTime: [0, 0], attributes: {}, value: 1 }],
}
