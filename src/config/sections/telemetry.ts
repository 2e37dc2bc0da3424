/** Keys of the log and of the metrics about this process. */
import { boolean, choice, text } from '../formats/format.ts'
import { optional, setting } from '../setting.ts'

export const telemetrySettings = {
  'telemetry.log_level': setting({
    doc: 'Least severe level that is logged.',
    default: 'info',
    format: choice(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    flag: 'log-level',
  }),
  'telemetry.log_format': setting({
    doc: 'One JSON object per line, or text for people.',
    default: 'json',
    format: choice(['json', 'text']),
    flag: 'log-format',
  }),
  'telemetry.otlp': setting({
    doc: 'Push metrics about this process too, to the same endpoint; without an endpoint they are only served.',
    default: true,
    format: boolean,
  }),
  'telemetry.kube_state_metrics_job': setting({
    doc: 'Push those of them that have names of kube-state-metrics, and up with the value 1, under the job of object state and with its constant labels, as the published alert rules and dashboards of kube-state-metrics expect.',
    default: true,
    format: boolean,
  }),
  'telemetry.instance_id': optional({
    doc: 'The resource attribute service.instance.id of metrics about this process, which must differ between replicas and shards. Unless set: the UID of the pod in POD_UID, else the host name, else a random one.',
    format: text('id'),
    environment: [{ name: 'KUBE_STATE_OTLP_TELEMETRY_INSTANCE_ID' }, { name: 'POD_UID' }],
  }),
}
