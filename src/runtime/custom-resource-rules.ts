/** The rules for custom resources that a configuration holds, and the report of what is wrong with them. */

import type { CustomResourcesConfig } from '../config/config.ts'
import { formatConfigurationProblem } from '../custom-resources/configuration.ts'
import { readRules } from '../custom-resources/read-rules.ts'
import type { CustomResourceRules } from '../custom-resources/rules.ts'
import type { Log } from '../telemetry/log.ts'
import type { SelfMetrics } from '../telemetry/self-metrics.ts'

/** Reads the rules. Everything wrong with them is logged; a text with an error refuses itself, not the others. */
export function loadRules({ texts }: CustomResourcesConfig, log: Log, metrics: SelfMetrics): CustomResourceRules {
  const { rules, problems } = readRules(texts)
  for (const problem of problems) {
    const message = formatConfigurationProblem(problem)
    if (problem.severity === 'error') log.error(message)
    else log.warn(message)
  }
  for (const { source, text } of texts) {
    const isRefused = problems.some((problem) => problem.source === source && problem.severity === 'error')
    if (isRefused) log.error({ source }, 'these rules for custom resources are ignored because of the errors above')
    const content = isRefused ? {} : { content: Buffer.from(text) }
    metrics.configReload({ type: 'customresourceconfig', filename: source, ...content })
  }
  return rules
}
