/** Rows of the product's dashboard: lists and watches, series, the process, its role and configuration. */
import type { Row } from './dashboard.ts'
import { line, table } from './panel.ts'
import { instance, ofAnyJob, own, quantile, rate } from './product-selectors.ts'

export const watches: Row = {
  title: 'Lists and watches',
  panels: [
    line({
      title: 'Watch events by resource',
      description: 'Bookmarks included.',
      unit: 'ops',
      targets: [
        { expr: `topk(10, sum by (resource) (${rate('kube_state_otlp_watch_events_total')}))`, legend: '{{resource}}' },
      ],
    }),
    line({
      title: 'Watch restarts by reason',
      description: 'The API server ends each watch after some minutes, which is no fault.',
      unit: 'ops',
      targets: [{ expr: `sum by (reason) (${rate('kube_state_otlp_watch_restarts_total')})`, legend: '{{reason}}' }],
    }),
    line({
      title: 'Lists and watches that failed',
      description: 'By the Go type that kube-state-metrics names in these counters.',
      unit: 'ops',
      targets: ['list', 'watch'].map((verb) => ({
        expr: `sum by (resource) (${rate(`kube_state_metrics_${verb}_total`, `${ofAnyJob},result="error"`)}) > 0`,
        legend: `${verb} {{resource}}`,
      })),
    }),
    line({
      title: 'Reflectors by status',
      description: 'List-and-watch loops of all instances.',
      unit: 'none',
      stacked: true,
      targets: [{ expr: `sum by (status) (kube_state_otlp_reflectors{${own}})`, legend: '{{status}}' }],
    }),
    line({
      title: 'Objects and families that failed',
      description:
        'Objects that could not be decoded or processed, families that failed on an object, and duplicate series.',
      unit: 'ops',
      width: 24,
      targets: [
        {
          expr: `sum by (resource) (${rate('kube_state_otlp_decode_errors_total')}) > 0`,
          legend: 'decode {{resource}}',
        },
        {
          expr: `sum by (resource) (${rate('kube_state_otlp_object_errors_total')}) > 0`,
          legend: 'object {{resource}}',
        },
        { expr: `sum by (family) (${rate('kube_state_otlp_family_errors_total')}) > 0`, legend: 'family {{family}}' },
        {
          expr: `sum by (resource) (${rate('kube_state_otlp_duplicate_observations_total')}) > 0`,
          legend: 'duplicates {{resource}}',
        },
      ],
    }),
  ],
}

export const cardinality: Row = {
  title: 'Cardinality',
  panels: [
    line({
      title: 'Series by resource',
      description: 'The ten resources with the most series, of the instance that has most.',
      unit: 'short',
      targets: [
        {
          expr: `topk(10, max by (resource) (sum by (instance, resource) (kube_state_otlp_series{${own}})))`,
          legend: '{{resource}}',
        },
      ],
    }),
    line({
      title: 'Objects by resource',
      description: 'The ten resources with the most objects, of the instance that has most.',
      unit: 'short',
      targets: [
        {
          expr: `topk(10, max by (resource) (sum by (instance, resource) (kube_state_otlp_objects{${own}})))`,
          legend: '{{resource}}',
        },
      ],
    }),
    line({
      title: 'Bytes per series',
      description: 'Size of the stored series, divided by their number.',
      unit: 'bytes',
      targets: [
        {
          expr: `sum by (instance) (kube_state_otlp_block_bytes{${own}}) / sum by (instance) (kube_state_otlp_series{${own}})`,
          legend: instance,
        },
      ],
    }),
    line({
      title: 'Series withheld by limits',
      description: 'Series of the youngest objects, which are neither pushed nor served. Empty without limits.',
      unit: 'short',
      targets: [
        {
          expr: `max by (limit, resource, family) (kube_state_otlp_series_withheld{${own}})`,
          legend: '{{limit}} {{resource}}{{family}}',
        },
      ],
    }),
    line({
      title: 'Custom resources: rules with errors',
      description:
        'Values that a rule could not convert since the start; kube_state_otlp_custom_resource_rule_last_error has an example.',
      unit: 'short',
      targets: [
        {
          expr: `max by (rule, source) (kube_state_otlp_custom_resource_rule_errors{${own}}) > 0`,
          legend: '{{rule}} {{source}}',
        },
      ],
    }),
  ],
}

export const families: Row = {
  title: 'Largest families',
  collapsed: true,
  panels: [
    table({
      title: 'Families with the most series',
      description:
        'Counts every series of object state in Prometheus, which takes a while in large clusters: keep the row closed.',
      width: 24,
      targets: [
        {
          expr: 'topk(25, count by (__name__) ({__name__=~"kube_[a-z_]+",__name__!~"kube_state_.*",job=~"$state_job",cluster=~"$cluster"}))',
        },
      ],
    }),
  ],
}

export const process: Row = {
  title: 'Process',
  panels: [
    line({
      title: 'Memory',
      description: 'Resident, on the V8 heap, and outside it, where the series are.',
      unit: 'bytes',
      targets: [
        { expr: `process_resident_memory_bytes{${own}}`, legend: `${instance} resident` },
        { expr: `nodejs_heap_used_bytes{${own}}`, legend: `${instance} heap` },
        { expr: `nodejs_external_memory_bytes{${own}}`, legend: `${instance} external` },
      ],
    }),
    line({
      title: 'CPU',
      description: 'Cores in use.',
      unit: 'none',
      targets: [{ expr: rate('process_cpu_seconds_total'), legend: instance }],
    }),
    line({
      title: 'Delay of the event loop',
      description: 'Longest delay of the last minute.',
      unit: 's',
      targets: [{ expr: `kube_state_otlp_event_loop_delay_seconds{${own},quantile="1"}`, legend: instance }],
    }),
    line({
      title: 'Duration of scrapes',
      description: 'Of /metrics, where it is scraped.',
      unit: 's',
      targets: [{ expr: quantile(0.9, 'kube_state_otlp_scrape_duration_seconds'), legend: 'quantile 0.9' }],
    }),
  ],
}

export const roles: Row = {
  title: 'Leader, shards and configuration',
  panels: [
    line({
      title: 'Leader',
      description: '1 on the replica that pushes. Absent without leader election.',
      unit: 'none',
      width: 8,
      targets: [{ expr: `max by (instance) (kube_state_otlp_leader{${own}})`, legend: instance }],
    }),
    line({
      title: 'Shards',
      description: 'Shards that exist, and the number that each instance was configured with.',
      unit: 'none',
      width: 8,
      targets: [
        {
          expr: `count(count by (shard_ordinal) (kube_state_metrics_shard_ordinal{${ofAnyJob}}))`,
          legend: 'running',
        },
        { expr: `max by (instance) (kube_state_metrics_total_shards{${ofAnyJob}})`, legend: `${instance} configured` },
      ],
    }),
    line({
      title: 'Configuration files accepted',
      description: '0 while the last version of a file is not valid.',
      unit: 'none',
      width: 8,
      targets: [
        {
          expr: `min by (instance, filename) (kube_state_metrics_last_config_reload_successful{${ofAnyJob}})`,
          legend: '{{instance}} {{filename}}',
        },
      ],
    }),
  ],
}
