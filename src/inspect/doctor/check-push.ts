/** Checks that the receiver accepts a sample: one gauge of our own, ended by a stale marker. */

import { ValueType } from '@opentelemetry/api'
import type { MetricData } from '@opentelemetry/sdk-metrics'
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics'
import type { Answer, Transport } from '../../push/transport.ts'
import { encodeRequest } from '../../telemetry/otlp-request.ts'
import type { Finding } from './finding.ts'

export interface PushCheck {
  /** `grpc collector:4317` */
  readonly endpoint: string
  readonly transport: Transport
  readonly timeoutMs: number
  readonly constantLabels: ReadonlyMap<string, string>
  readonly signal: AbortSignal
  /** Wall clock in Unix milliseconds. */
  readonly now: () => number
}

const metricName = 'kube_state_otlp_doctor'
const check = 'test push'

const fixes: Readonly<Record<Exclude<Answer['kind'], 'accepted'>, string>> = {
  partial: 'the receiver drops samples: see its log and its limits',
  retry_after: 'the receiver is overloaded or starting: run doctor again later',
  too_large: 'raise the limit of the receiver on the size of requests',
  invalid: 'the receiver does not accept OTLP metrics here: check otlp.protocol, the path, and otlp.compression',
  denied: 'check otlp.headers, otlp.bearer_token_file and the client certificate',
  unavailable: 'check otlp.endpoint, otlp.protocol and TLS; --otlp-endpoint names another endpoint',
}

/** One finding. What the receiver answers to the stale marker is not judged. */
export async function checkPush(options: PushCheck): Promise<Finding> {
  const { endpoint, transport, timeoutMs, signal, now } = options
  const startedAt = now()
  const answer = await transport.send(encodeSample(options, false), timeoutMs, signal)
  const elapsedMs = Math.round(now() - startedAt)
  if (answer.kind !== 'accepted') {
    const found = `${endpoint}: ${describeAnswer(answer)}`
    return { check, state: 'failed', found, fix: fixes[answer.kind] }
  }
  await transport.send(encodeSample(options, true), timeoutMs, signal)
  return { check, state: 'ok', found: `${endpoint} accepted a sample of ${metricName} in ${elapsedMs} ms` }
}

function describeAnswer(answer: Exclude<Answer, { kind: 'accepted' }>): string {
  return answer.kind === 'partial'
    ? `accepted the request without ${answer.rejectedPoints} of its points: ${answer.message}`
    : answer.message
}

const sample: MetricData = {
  descriptor: { name: metricName, description: 'Sample of a test push.', unit: '', valueType: ValueType.DOUBLE },
  dataPointType: DataPointType.GAUGE,
  aggregationTemporality: AggregationTemporality.CUMULATIVE,
  dataPoints: [{ value: 1, attributes: {}, startTime: [0, 0], endTime: [0, 0] }],
}

function encodeSample({ constantLabels, now }: PushCheck, stale: boolean): Buffer {
  const resource: [string, string][] = [
    ['service.name', 'kube-state-otlp'],
    ['service.instance.id', 'doctor'],
  ]
  return encodeRequest({ resource, metrics: [sample], constantLabels }, { timeMs: now(), stale })
}
