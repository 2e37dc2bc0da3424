/** The push of self-telemetry: to one of the destinations of object state, by the same transport, credentials and proxies. */

import type { TelemetryConfig } from '../config/config.ts'
import type { DestinationConfig } from '../config/destination-config.ts'
import { createTimestamps } from '../push/timestamps.ts'
import type { Log } from '../telemetry/log.ts'
import { createLogGate } from '../telemetry/log.ts'
import type { SelfExportOptions, SelfTransport } from '../telemetry/self-exporter.ts'
import { openTransport } from './otlp-transport.ts'

const intervalMs = 60_000

/** Undefined when self-telemetry is not pushed. `instanceId` differs between replicas and shards. */
export function selfExport(
  destinations: readonly DestinationConfig[],
  telemetry: TelemetryConfig,
  instanceId: string,
  log: Log,
  wallMs: () => number,
): SelfExportOptions | undefined {
  const destination = destinations.find(({ name }) => name === (telemetry.destination ?? name))
  if (destination === undefined || !telemetry.otlp) return undefined
  const { endpoint, serviceNamespace, constantLabels } = destination
  const namespace: [string, string][] = serviceNamespace === undefined ? [] : [['service.namespace', serviceNamespace]]
  const stateMetricsResource: [string, string][] = [
    ['service.name', 'kube-state-metrics'],
    ...namespace,
    ['service.instance.id', instanceId],
  ]
  return {
    transport: openSelfTransport(destination, log),
    endpoint: endpoint.url,
    intervalMs,
    nextTimestampMs: createTimestamps(wallMs).next,
    constantLabels,
    stateMetricsResource: telemetry.kubeStateMetricsJob ? stateMetricsResource : undefined,
  }
}

function openSelfTransport(destination: DestinationConfig, log: Log): SelfTransport {
  const transport = openTransport(destination, createLogGate(log, intervalMs))
  const closing = new AbortController()
  return {
    async send(request) {
      const answer = await transport.send(request, Math.min(destination.timeoutMs, intervalMs), closing.signal)
      if (answer.kind === 'accepted' || (answer.kind === 'partial' && answer.rejectedPoints === 0)) return undefined
      if (answer.kind === 'denied') transport.renewCredentials()
      return answer.message
    },
    close() {
      closing.abort()
      transport.close()
    },
  }
}
