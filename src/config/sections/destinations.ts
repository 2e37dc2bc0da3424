import { destinationList } from '../formats/destination-list.ts'
import { text } from '../formats/format.ts'
import { ecmaPatterns, list } from '../formats/list.ts'
import { setting } from '../setting.ts'
import { otlpSettings } from './otlp.ts'
import { pushSettings } from './push.ts'

const none: readonly string[] = []

/** The name that the sections otlp and push have among the destinations. */
export const sectionDestination = 'default'

/** The keys of one destination in the list. */
export const destinationKeys = {
  name: setting({
    doc: 'Name of the destination in logs, self-metrics and on /readyz: lower-case letters, digits and dashes. Keep it when the endpoint changes.',
    default: '',
    format: text('name', (input) =>
      /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(input)
        ? undefined
        : 'a name of at most 63 lower-case letters, digits and dashes',
    ),
  }),
  endpoint: otlpSettings['otlp.endpoint'],
  protocol: otlpSettings['otlp.protocol'],
  insecure: otlpSettings['otlp.insecure'],
  headers: otlpSettings['otlp.headers'],
  bearer_token_file: otlpSettings['otlp.bearer_token_file'],
  compression: otlpSettings['otlp.compression'],
  timeout: otlpSettings['otlp.timeout'],
  max_request_bytes: otlpSettings['otlp.max_request_bytes'],
  max_in_flight: otlpSettings['otlp.max_in_flight'],
  certificate: otlpSettings['otlp.certificate'],
  client_certificate: otlpSettings['otlp.client_certificate'],
  client_key: otlpSettings['otlp.client_key'],
  retry_resource_exhausted: otlpSettings['otlp.retry_resource_exhausted'],
  load_balancing: otlpSettings['otlp.load_balancing'],
  service_namespace: otlpSettings['otlp.service_namespace'],
  instance_id: otlpSettings['otlp.instance_id'],
  constant_labels: otlpSettings['otlp.constant_labels'],
  interval: pushSettings['push.interval'],
  flush_interval: pushSettings['push.flush_interval'],
  max_stale_markers: pushSettings['push.max_stale_markers'],
  metric_allowlist: setting({
    doc: 'Only metrics that match one of these names or ECMAScript patterns anywhere in their name. Cannot be combined with a deny list.',
    default: none,
    format: ecmaPatterns,
  }),
  metric_denylist: setting({
    doc: 'Exclude metrics that match one of these names or ECMAScript patterns anywhere in their name. Cannot be combined with an allow list.',
    default: none,
    format: ecmaPatterns,
  }),
  namespaces: setting({
    doc: 'Only objects of these namespaces. Default: all. Cluster-scoped resources are not affected.',
    default: none,
    format: list('names', { file: 'list' }),
  }),
  namespaces_denylist: setting({
    doc: 'Exclude objects of these namespaces, even if they are listed in namespaces.',
    default: none,
    format: list('names', { file: 'list' }),
  }),
}

/** Keys that say what the cluster and its series are, and when they are sent: their default is the value of the section. */
export const inheritedKeys = [
  'service_namespace',
  'instance_id',
  'constant_labels',
  'interval',
  'flush_interval',
  'max_stale_markers',
] as const satisfies readonly (keyof typeof destinationKeys)[]

/** Several destinations, each with its own ledger, schedule, limits, credentials and selection. */
export const destinationSettings = {
  destinations: setting({
    doc: `More destinations beside that of otlp.endpoint, which is named ${sectionDestination}: a list of maps with a name and the keys of the sections otlp and push (without shutdown_grace), which have the same meaning and defaults, and with a selection by metric_allowlist or metric_denylist, namespaces and namespaces_denylist. ${inheritedKeys.join(', ')} default to the values of the sections; credentials do not. In flags and variables as YAML.`,
    default: [],
    format: destinationList(destinationKeys),
    example: [
      {
        name: 'mimir',
        endpoint: 'https://mimir.example/otlp',
        protocol: 'http/protobuf',
        compression: 'gzip',
        bearer_token_file: '/var/run/secrets/mimir/token',
        namespaces: ['web', 'db'],
      },
    ],
    secret: true,
  }),
}
