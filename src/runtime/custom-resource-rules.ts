/** The rules for custom resources that a configuration holds, now and after each reload, and the report of what is wrong with them. */

import type { NamedText } from '../config/config.ts'
import type { ConfigurationProblem } from '../custom-resources/configuration.ts'
import { formatConfigurationProblem } from '../custom-resources/configuration.ts'
import type { CompileExpression } from '../custom-resources/expression.ts'
import { loadExpressions } from '../custom-resources/load-expressions.ts'
import { readConfiguration } from '../custom-resources/read-configuration.ts'
import { repeatedLabels } from '../custom-resources/repeated-labels.ts'
import type { CustomResourceRules } from '../custom-resources/rules.ts'
import { createCustomResourceRules } from '../custom-resources/rules.ts'
import type { Log } from '../telemetry/log.ts'
import type { SelfMetrics } from '../telemetry/self-metrics.ts'

export interface LoadedRules {
  readonly rules: CustomResourceRules
  /**
   * Reads texts in place of those before, and those of the last call last. One with an error changes nothing: its former
   * rules stay in use.
   */
  load(texts: readonly NamedText[]): Promise<void>
}

/**
 * Without rules until the first `load`. Everything wrong with a text is logged; it refuses itself, not the others.
 * `constantLabels` are on every data point, so that no rule may have them.
 */
export function createLoadedRules(
  log: Log,
  metrics: Pick<SelfMetrics, 'configReload'>,
  constantLabels: readonly string[],
): LoadedRules {
  const rules = createCustomResourceRules([])
  const read = ({ source, text }: NamedText, compile: CompileExpression | undefined) => {
    const { resources, problems: ofText } = readConfiguration(source, text, compile)
    const problems = [...ofText, ...resources.flatMap((resource) => repeatedLabels(resource, constantLabels))]
    const isRefused = problems.some(({ severity }) => severity === 'error')
    logProblems(log, problems)
    const content = isRefused ? {} : { content: Buffer.from(text) }
    metrics.configReload({ type: 'customresourceconfig', filename: source, ...content })
    if (!isRefused) return resources
    const former = rules.declarations.filter((declared) => declared.source === source)
    const outcome = former.length === 0 ? 'are ignored' : 'stay as they were before'
    log.error({ source }, `these rules for custom resources ${outcome} because of the errors above`)
    return former
  }
  let last: Promise<void> = Promise.resolve()
  return {
    rules,
    load(texts) {
      const compiler = loadExpressions(texts)
      last = Promise.all([compiler, last.catch(() => undefined)]).then(([compile]) =>
        rules.update(texts.flatMap((text) => read(text, compile))),
      )
      return last
    },
  }
}

function logProblems(log: Log, problems: readonly ConfigurationProblem[]): void {
  for (const problem of problems) {
    const message = formatConfigurationProblem(problem)
    if (problem.severity === 'error') log.error(message)
    else log.warn(message)
  }
}
