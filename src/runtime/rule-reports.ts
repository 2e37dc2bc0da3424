/** Reports on rules for custom resources: counts for self-telemetry, and the log of what they do not yield. */

import type { RuleRecord } from '../custom-resources/rule.ts'
import { describeError, explainSilence, nameOfRule, placeOfRule } from '../custom-resources/rule-text.ts'
import type { CustomResourceRules, RuleStatus } from '../custom-resources/rules.ts'
import type { Log } from '../telemetry/log.ts'
import type { SelfMetrics } from '../telemetry/self-metrics.ts'

const prefix = 'kube_state_otlp_custom_resource_rule'

/** Registers the counts of every rule and its last error. */
export function observeRules(metrics: SelfMetrics, rules: CustomResourceRules): void {
  const perRule = (read: (status: RuleStatus) => number) => () =>
    rules.status().map((status) => ({ value: read(status), attributes: attributesOf(status) }))
  const gauge = (name: string, description: string, read: (status: RuleStatus) => number) =>
    metrics.observeGauge(`${prefix}_${name}`, description, perRule(read))
  gauge('objects', 'Number of objects evaluated by the rule, counted for every change.', (it) => it.record.objects)
  gauge('samples', 'Number of samples created by the rule.', ({ record }) => record.samples)
  gauge('errors', 'Number of values that the rule could not convert.', ({ record }) => record.errors)
  gauge('missing', 'Number of objects without a value at the path of the rule.', ({ record }) => record.missing)
  gauge('kinds', 'Number of kinds that the rule currently applies to.', ({ kinds }) => kinds.length)
  metrics.observeGauge(`${prefix}_last_error`, 'Last error of the rule: its object, path and reason.', () =>
    rules.status().flatMap((status) => {
      const { lastError } = status.record
      return lastError === undefined ? [] : [{ value: 1, attributes: { ...attributesOf(status), ...lastError } }]
    }),
  )
}

function attributesOf(status: RuleStatus) {
  return { rule: nameOfRule(status), source: placeOfRule(status) }
}

/** Returns what logs, each time it is called: rules that yield nothing, each once; and rules with new errors. */
export function createRuleLog(rules: CustomResourceRules, log: Log): () => void {
  // By record: a rule that was changed begins anew where it stands, and one that was only moved does not.
  const silent = new WeakSet<RuleRecord>()
  const errors = new WeakMap<RuleRecord, number>()
  return () => {
    for (const status of rules.status()) {
      const { record } = status
      const silence = silent.has(record) ? undefined : explainSilence(status)
      if (silence !== undefined) {
        silent.add(record)
        log.warn(silence)
      }
      logErrors(status, errors.get(record) ?? 0, log)
      errors.set(record, record.errors)
    }
  }
}

/** `errorLogV` above 0 is for those who want to see errors only when they look for them. */
function logErrors(status: RuleStatus, before: number, log: Log): void {
  const { record, rule } = status
  if (record.lastError === undefined || record.errors === before) return
  const message = `the rule ${nameOfRule(status)} (${placeOfRule(status)}) skipped ${record.errors - before} values; latest: ${describeError(record.lastError)}`
  if (rule.errorLogV > 0) log.debug(message)
  else log.warn(message)
}
