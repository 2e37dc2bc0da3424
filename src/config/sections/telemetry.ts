/** The log and the self-metrics. */
import { boolean, choice, text } from '../formats/format.ts'
import { optional, setting } from '../setting.ts'

export const telemetrySettings = {
  'telemetry.log_level': setting({
    reloads: true,
    doc: 'Minimum level of log messages.',
    default: 'info',
    format: choice(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    flag: 'log-level',
  }),
  'telemetry.log_format': setting({
    doc: 'Format of log messages: one JSON object per line, or text.',
    default: 'json',
    format: choice(['json', 'text']),
    flag: 'log-format',
  }),
  'telemetry.otlp': setting({
    doc: 'Push self-metrics to one of the destinations of object state. Without a destination they are only served.',
    default: true,
    format: boolean,
  }),
  'telemetry.destination': optional({
    doc: 'Name of the destination of self-metrics. Default: that of otlp.endpoint, or else the first of the list.',
    format: text('name'),
  }),
  'telemetry.kube_state_metrics_job': setting({
    doc: 'Push the self-metrics with names of kube-state-metrics, and up with the value 1, with the job and the constant labels of object state, as expected by the alert rules and dashboards of kube-state-metrics.',
    default: true,
    format: boolean,
  }),
  'telemetry.instance_id': optional({
    doc: 'Resource attribute service.instance.id of self-metrics, which must differ between replicas and shards. Default: the UID of the pod in POD_UID, then the host name, then a random ID.',
    format: text('id'),
    environment: [{ name: 'KUBE_STATE_OTLP_TELEMETRY_INSTANCE_ID' }, { name: 'POD_UID' }],
  }),
}
