/** The push of self-telemetry: to the endpoint of object state, by the same transport, credentials and proxies. */

import type { OtlpConfig, TelemetryConfig } from '../config/config.ts'
import { withEndpointHints } from '../push/endpoint-hint.ts'
import { createGrpcTransport } from '../push/grpc-transport.ts'
import type { Log } from '../telemetry/log.ts'
import { createLogGate } from '../telemetry/log.ts'
import type { SelfExportOptions, SelfTransport } from '../telemetry/self-exporter.ts'

const intervalMs = 60_000

/** Undefined when self-telemetry is not pushed. `instanceId` tells this process from its replicas and shards. */
export function selfExport(
  otlp: OtlpConfig,
  telemetry: TelemetryConfig,
  instanceId: string,
  log: Log,
): SelfExportOptions | undefined {
  const { endpoint, serviceNamespace, constantLabels } = otlp
  if (endpoint === undefined || !telemetry.otlp) return undefined
  const namespace: [string, string][] = serviceNamespace === undefined ? [] : [['service.namespace', serviceNamespace]]
  const stateMetricsResource: [string, string][] = [
    ['service.name', 'kube-state-metrics'],
    ...namespace,
    ['service.instance.id', instanceId],
  ]
  return {
    transport: openTransport({ ...otlp, endpoint }, log),
    endpoint: endpoint.url,
    intervalMs,
    constantLabels,
    stateMetricsResource: telemetry.kubeStateMetricsJob ? stateMetricsResource : undefined,
  }
}

function openTransport(otlp: OtlpConfig & { endpoint: NonNullable<OtlpConfig['endpoint']> }, log: Log): SelfTransport {
  const grpc = createGrpcTransport({ ...otlp, environment: process.env, log: createLogGate(log, intervalMs) })
  const transport = withEndpointHints(grpc, otlp.endpoint.tls)
  const closing = new AbortController()
  return {
    async send(request) {
      const answer = await transport.send(request, Math.min(otlp.timeoutMs, intervalMs), closing.signal)
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
