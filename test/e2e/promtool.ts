/** Runs unit tests of alert rules by promtool. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClusterFacts } from './real-cluster.ts'

export type Labels = Readonly<Record<string, string>>

/** A series with its values in the notation of promtool, one a minute. */
export interface InputSeries {
  readonly series: string
  readonly values: string
}

export interface ExpectedAlerts {
  readonly alertname: string
  /** Such as `35m`. */
  readonly eval_time: string
  /** With the labels of the rule; annotations are compared where they are given. */
  readonly exp_alerts: readonly { readonly exp_labels: Labels; readonly exp_annotations?: Labels }[]
}

export interface RuleTest {
  /** The text of the file with the rules. */
  readonly rules: string
  readonly series: readonly InputSeries[]
  readonly expected: readonly ExpectedAlerts[]
}

/** `name{a="b"}` */
export const seriesText = ({ __name__ = '', ...labels }: Labels) =>
  `${__name__}{${Object.entries(labels).map(([key, value]) => `${key}=${JSON.stringify(value)}`)}}`

/** What promtool prints; empty when the rules do as expected. */
export function testRules({ programs }: ClusterFacts, { rules, series, expected }: RuleTest): string {
  const folder = mkdtempSync(join(tmpdir(), 'kube-state-otlp-rules-'))
  writeFileSync(join(folder, 'rules.yaml'), rules)
  const tests = [{ interval: '1m', input_series: series, alert_rule_test: expected }]
  const file = join(folder, 'test.json')
  writeFileSync(file, JSON.stringify({ rule_files: ['rules.yaml'], evaluation_interval: '1m', tests }))
  const { status, stdout, stderr } = spawnSync(join(programs, 'promtool'), ['test', 'rules', file], {
    encoding: 'utf8',
  })
  return status === 0 ? '' : stdout + stderr
}
