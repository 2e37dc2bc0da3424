/** The alert rules of alerts/, as they are written. */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

export interface AlertRule {
  readonly alert: string
  readonly expr: string
  /** A duration of Prometheus; fires at once without it. */
  readonly for?: string
  readonly labels: { readonly severity: string }
  readonly annotations: Readonly<Record<'summary' | 'description' | 'runbook_url', string>>
}

export interface RuleGroup {
  readonly name: string
  readonly rules: readonly AlertRule[]
}

export const ruleFile = 'alerts/kube-state-otlp.yaml'

export const { groups } = parse(readFileSync(ruleFile, 'utf8')) as { groups: readonly RuleGroup[] }

export const alertRules: readonly AlertRule[] = groups.flatMap(({ rules }) => rules)
