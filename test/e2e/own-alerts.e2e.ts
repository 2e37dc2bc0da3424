/** The alert rules of alerts/ by promtool: each fires when it should, with its labels, and a healthy installation fires none. */

import { readFileSync } from 'node:fs'
import { expect, inject, it } from 'vitest'
import { alertRules, ruleFile } from '../alerts/rule-file.ts'
import type { InputSeries, Labels } from './promtool.ts'
import { seriesText, testRules } from './promtool.ts'

const facts = inject('cluster')
const minutes = 120
const evaluatedAt = `${minutes}m`
const target = { cluster: 'prod', job: 'kube-state-otlp', instance: 'a' }

const constant = (value: number) => `${value}+0x${minutes}`
const rising = (each: number) => `0+${each}x${minutes}`

/** Values by metric and labels; each replaces or adds a series. */
type Series = ReadonlyMap<string, string>

const of = (metric: string, labels: Labels = {}, own: Labels = target) =>
  seriesText({ __name__: metric, ...own, ...labels })
const kubeStateMetrics = { ...target, job: 'kube-state-metrics' }
const series = (entries: readonly (readonly [string, string])[]): Series => new Map(entries)

/** A healthy leader and its standby. The age of its last push is the difference to the time of evaluation, which starts at 0. */
const healthy = series([
  [of('kube_state_otlp_objects', { resource: 'pods' }), constant(1000)],
  [of('kube_state_otlp_series', { resource: 'pods' }), constant(60_000)],
  [of('kube_state_otlp_block_bytes'), constant(1e6)],
  [of('kube_state_otlp_series_withheld', { limit: 'all' }), constant(0)],
  [of('kube_state_otlp_push_last_success_timestamp_seconds'), rising(60)],
  // The standby was the leader in the first minute.
  [of('kube_state_otlp_push_last_success_timestamp_seconds', { instance: 'b' }), constant(60)],
  [of('kube_state_otlp_push_oldest_change_age_seconds'), constant(0)],
  [of('kube_state_otlp_push_requests_total', { outcome: 'success' }), rising(60)],
  [of('kube_state_otlp_push_requests_total', { outcome: 'partial' }), rising(6)],
  [of('kube_state_otlp_push_points_rejected_total'), constant(0)],
  [of('kube_state_otlp_push_objects_set_aside'), constant(0)],
  [of('kube_state_otlp_push_stale_markers_dropped_total'), constant(0)],
  [of('kube_state_otlp_reflectors', { resource: 'pods', status: 'synced' }), constant(1)],
  [of('kube_state_otlp_watch_restarts_total', { resource: 'pods', reason: 'ended' }), rising(2)],
  [of('kube_state_metrics_watch_total', { resource: '*v1.Pod', result: 'success' }, kubeStateMetrics), rising(2)],
  [of('kube_state_metrics_watch_total', { resource: '*v1.Pod', result: 'error' }, kubeStateMetrics), constant(0)],
  [of('kube_state_otlp_leader', { holder: 'a' }), constant(1)],
  [of('kube_state_otlp_leader', { holder: 'a', instance: 'b' }), constant(0)],
  [of('kube_state_metrics_total_shards', {}, kubeStateMetrics), constant(1)],
  [of('kube_state_otlp_custom_resource_rule_errors', { rule: 'Tree/height', source: 'rules.yaml:5' }), constant(7)],
  [
    of('kube_state_metrics_last_config_reload_successful', { type: 'config', filename: 'f' }, kubeStateMetrics),
    constant(1),
  ],
  [of('kube_state_otlp_event_loop_delay_seconds', { quantile: '0.99' }), constant(0.02)],
])

const everything = { cluster: 'prod', job: 'kube-state-otlp' }
const ofInstance = { ...everything, instance: 'a' }
const ofPods = { ...ofInstance, resource: 'pods' }

interface Fault {
  /** Series that differ from those of a healthy replica; empty text removes one. */
  readonly series: Series
  /** Labels of the alert besides its severity. */
  readonly labels: Labels
}

/** By the alert that fires, and no other. */
const faults: Readonly<Record<string, Fault>> = {
  KubeStateOtlpAbsent: { series: series([[of('kube_state_otlp_objects', { resource: 'pods' }), '']]), labels: {} },
  KubeStateOtlpPushStalled: {
    series: series([[of('kube_state_otlp_push_last_success_timestamp_seconds'), constant(60)]]),
    labels: ofInstance,
  },
  KubeStateOtlpPushFailing: {
    series: series([[of('kube_state_otlp_push_requests_total', { outcome: 'unavailable' }), rising(20)]]),
    labels: ofInstance,
  },
  KubeStateOtlpChangesDelayed: {
    series: series([[of('kube_state_otlp_push_oldest_change_age_seconds'), rising(60)]]),
    labels: ofInstance,
  },
  KubeStateOtlpPointsRejected: {
    series: series([[of('kube_state_otlp_push_points_rejected_total'), rising(5)]]),
    labels: ofInstance,
  },
  'KubeStateOtlpPointsRejected by objects': {
    series: series([[of('kube_state_otlp_push_objects_set_aside'), constant(1)]]),
    labels: ofInstance,
  },
  KubeStateOtlpStaleMarkersDropped: {
    series: series([[of('kube_state_otlp_push_stale_markers_dropped_total'), rising(1)]]),
    labels: ofInstance,
  },
  KubeStateOtlpNotSynced: {
    series: series([[of('kube_state_otlp_reflectors', { resource: 'pods', status: 'listing' }), constant(1)]]),
    labels: ofPods,
  },
  KubeStateOtlpForbidden: {
    series: series([[of('kube_state_otlp_reflectors', { resource: 'pods', status: 'forbidden' }), constant(1)]]),
    labels: ofPods,
  },
  KubeStateOtlpWatchesFailing: {
    series: series([
      [of('kube_state_metrics_watch_total', { resource: '*v1.Pod', result: 'error' }, kubeStateMetrics), rising(3)],
    ]),
    labels: { cluster: 'prod', instance: 'a', resource: '*v1.Pod' },
  },
  KubeStateOtlpWatchRestarts: {
    series: series([[of('kube_state_otlp_watch_restarts_total', { resource: 'pods', reason: 'expired' }), rising(2)]]),
    labels: ofPods,
  },
  KubeStateOtlpObjectsIgnored: {
    series: series([[of('kube_state_otlp_decode_errors_total', { resource: 'pods' }), rising(1)]]),
    labels: ofPods,
  },
  'KubeStateOtlpObjectsIgnored by a family': {
    series: series([
      [of('kube_state_otlp_family_errors_total', { resource: 'pods', family: 'kube_pod_info' }), rising(1)],
    ]),
    labels: ofPods,
  },
  KubeStateOtlpNoLeader: {
    series: series([[of('kube_state_otlp_leader', { holder: 'a' }), constant(0)]]),
    labels: everything,
  },
  'KubeStateOtlpNoLeader of one of two shards': {
    series: series([[of('kube_state_metrics_total_shards', {}, kubeStateMetrics), constant(2)]]),
    labels: everything,
  },
  KubeStateOtlpSeveralLeaders: {
    series: series([
      [of('kube_state_otlp_leader', { holder: 'a', instance: 'b' }), constant(1)],
      [of('kube_state_otlp_push_last_success_timestamp_seconds', { instance: 'b' }), rising(60)],
    ]),
    labels: everything,
  },
  KubeStateOtlpLeaderChanges: {
    series: series([
      [of('kube_state_otlp_leader', { holder: 'a' }), '1 1 0 0 '.repeat(minutes / 4 + 1).trim()],
      [of('kube_state_otlp_leader', { holder: 'a', instance: 'b' }), '0 0 1 1 '.repeat(minutes / 4 + 1).trim()],
    ]),
    labels: everything,
  },
  KubeStateOtlpSeriesWithheld: {
    series: series([[of('kube_state_otlp_series_withheld', { limit: 'resource', resource: 'pods' }), constant(7)]]),
    labels: { ...ofPods, limit: 'resource' },
  },
  KubeStateOtlpDuplicateSeries: {
    series: series([[of('kube_state_otlp_duplicate_observations_total', { resource: 'pods' }), rising(1)]]),
    labels: ofPods,
  },
  KubeStateOtlpRuleErrors: {
    series: series([
      [of('kube_state_otlp_custom_resource_rule_errors', { rule: 'Tree/height', source: 'rules.yaml:5' }), rising(1)],
    ]),
    labels: { ...everything, rule: 'Tree/height', source: 'rules.yaml:5' },
  },
  KubeStateOtlpConfigRejected: {
    series: series([
      [
        of('kube_state_metrics_last_config_reload_successful', { type: 'config', filename: 'f' }, kubeStateMetrics),
        constant(0),
      ],
    ]),
    labels: { cluster: 'prod', instance: 'a', filename: 'f' },
  },
  KubeStateOtlpEventLoopBlocked: {
    series: series([[of('kube_state_otlp_event_loop_delay_seconds', { quantile: '0.99' }), constant(3)]]),
    labels: { ...ofInstance, quantile: '0.99' },
  },
}

/** Evaluates all alerts; only `firing` may fire, each once, with these labels besides its severity. */
function outputOf(present: Series, firing: Readonly<Record<string, Labels>>, at = evaluatedAt): string {
  const input: InputSeries[] = [...present].flatMap(([name, values]) =>
    values === '' ? [] : [{ series: name, values }],
  )
  const expected = alertRules.map(({ alert, labels: { severity } }) => {
    const labels = firing[alert]
    const exp_alerts = labels === undefined ? [] : [{ exp_labels: { ...labels, severity } }]
    return { alertname: alert, eval_time: at, exp_alerts }
  })
  return testRules(facts, { rules: rulesWithoutTexts, series: input, expected })
}

/** promtool compares all annotations if any; their templates are rendered in the test below. */
const rulesWithoutTexts = JSON.stringify({
  groups: [{ name: 'all', rules: alertRules.map(({ annotations: _, ...rule }) => rule) }],
})

it('a healthy leader with a standby fires nothing', () => expect(outputOf(healthy, {})).toBe(''))

it('without a label for the cluster, and without leader election, nothing fires', () => {
  const plain = [...healthy].flatMap(([name, values]): [string, string][] =>
    /^kube_state_otlp_leader|instance="b"/.test(name) ? [] : [[name.replace('cluster="prod",', ''), values]],
  )
  expect(outputOf(series(plain), {})).toBe('')
})

it.each(Object.entries(faults))('%s', (title, { series: changed, labels }) => {
  const [alert = ''] = title.split(' ')
  expect(outputOf(new Map([...healthy, ...changed]), { [alert]: labels })).toBe('')
})

it('what is said of one of several destinations names it', () => {
  const backup = { destination: 'backup' }
  const stalled = series([
    [of('kube_state_otlp_push_last_success_timestamp_seconds', backup), constant(60)],
    [of('kube_state_otlp_push_oldest_change_age_seconds', backup), rising(60)],
    [of('kube_state_otlp_push_requests_total', { outcome: 'unavailable', ...backup }), rising(20)],
  ])
  const labels = { ...ofInstance, ...backup }
  const firing = {
    KubeStateOtlpPushStalled: labels,
    KubeStateOtlpPushFailing: labels,
    KubeStateOtlpChangesDelayed: labels,
  }
  expect(outputOf(new Map([...healthy, ...stalled]), firing)).toBe('')
})

it('KubeStateOtlpSeriesGrowth compares with the day before', () => {
  const perMinute = 1440
  const name = of('kube_state_otlp_series', { resource: 'pods' })
  const values = (day: number, next: number) => `${day}+0x${perMinute} ${next}+0x${minutes}`
  const at = `${perMinute + minutes}m`
  const grown = series([
    [name, values(30_000, 70_000)],
    [of('kube_state_otlp_objects', { resource: 'pods' }), `1+0x${perMinute + minutes}`],
  ])
  expect(outputOf(grown, { KubeStateOtlpSeriesGrowth: everything }, at)).toBe('')
  const steady = new Map([...grown, [name, values(40_000, 70_000)] as const])
  expect(outputOf(steady, {}, at)).toBe('')
})

it('every alert is tested', () => {
  const tested = new Set([...Object.keys(faults).map((title) => title.split(' ')[0]), 'KubeStateOtlpSeriesGrowth'])
  expect([...tested].sort()).toEqual(alertRules.map(({ alert }) => alert).sort())
})

it('annotations are rendered with the labels and the value', () => {
  const output = testRules(facts, {
    rules: readFileSync(ruleFile, 'utf8'),
    series: [{ series: of('kube_state_otlp_push_oldest_change_age_seconds'), values: constant(300) }],
    expected: [
      {
        alertname: 'KubeStateOtlpChangesDelayed',
        eval_time: evaluatedAt,
        exp_alerts: [
          {
            exp_labels: { ...ofInstance, severity: 'warning' },
            exp_annotations: {
              ...alertRules.find(({ alert }) => alert === 'KubeStateOtlpChangesDelayed')?.annotations,
              description: 'The oldest change that a has not delivered is 5m 0s old.',
            },
          },
        ],
      },
    ],
  })
  expect(output).toBe('')
})
